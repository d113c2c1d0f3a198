"""Believable moves one by one: the first, one that was changed, the end, and where there is nothing to do."""

from msgspec.structs import replace

from service.pictures import loop_of
from service.portal import schemas as portal
from service.portal.schemas.moves import FeltView, MovesView, Pace, Step
from tests.samples import CLINIC, CODES, TODAY, chips, drawn, moves, sample_id

PACES = (Pace(2, 10, 3, 60, 4, 4), Pace(2, 12, 0, 45, 4, 5), Pace(2, 8, 0, 60, 4, 4), Pace(1, 3, 30, 0, 10, 4))


def steps() -> list[Step]:
    made = []
    for place, (item, code, pace) in enumerate(zip(moves(), CODES, PACES, strict=True), 1):
        pictured = replace(item, shown=drawn(code))
        amounts = [
            portal.SetBox(f"sets_{item.id}", "sets", str(pace.sets), 25, str(pace.sets)),
            portal.SetBox(f"reps_{item.id}", "reps", str(pace.reps), 1000, str(pace.reps)),
        ]
        loop = f"/pictures/{loop_of(code, 'right')}"
        made.append(Step(place=place, item=pictured, pace=pace, amounts=amounts, loop=loop))
    return made


def moves_view(**changes: object) -> MovesView:
    fields: dict[str, object] = {
        "clinic_name": CLINIC,
        "day": TODAY,
        "stage": "runs",
        "steps": steps(),
        "stop_rule": "Stop if pain gets above 5 or does not settle by the next day.",
        "keep": f"moves-{sample_id(1)}-{TODAY}",
    }
    return MovesView(**(fields | changes))  # type: ignore[arg-type]


def both_legs() -> MovesView:
    first, *others = steps()
    legs = [portal.Choice("left", "Left side"), portal.Choice("right", "Right side")]
    return moves_view(steps=[replace(first, legs=legs), *others])


def refused() -> MovesView:
    first, *others = steps()
    boxes = [first.amounts[0], replace(first.amounts[1], value="many")]
    wrong = replace(first, amounts=boxes, is_changed=True, problem="Use a whole number from 0 to 1000.")
    return moves_view(steps=[wrong, *others])


def walked() -> MovesView:
    told = ("done", "done", "skipped", "done")
    return moves_view(steps=[replace(step, told=words) for step, words in zip(steps(), told, strict=True)], at=5)


def moves_pages() -> dict[str, tuple[str, object]]:
    held = portal.SafetyNotice("You told us about a fall. Stop the exercises.", "911", stops_plan=True)
    efforts = chips("Easy", "OK", "Hard", picked="OK")
    return {
        "moves": ("portal/moves.html", moves_view()),
        "moves_both_legs": ("portal/moves.html", both_legs()),
        "moves_refused": ("portal/moves.html", refused()),
        "moves_walked": ("portal/moves.html", walked()),
        "moves_on_hold": ("portal/moves.html", moves_view(steps=[], safety=held)),
        "moves_asked": ("portal/moves.html", moves_view(steps=[], questions="pain")),
        **{
            f"moves_{stage}": ("portal/moves.html", moves_view(steps=[], stage=stage, stage_day=TODAY))
            for stage in ("none", "to_come", "no_moves", "paused", "ended")
        },
        "moves_felt": (
            "portal/felt_after.html",
            FeltView(clinic_name=CLINIC, felt=portal.FeltForm(efforts, during=3), done=3, asked=4, is_all=False),
        ),
    }
