"""What all samples share: their clinic and day, how somebody's numbers go, and the moves and habits of a plan."""

import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

from service.catalogue.library import shipped
from service.catalogue.views import Shown
from service.diary.rules import DayState
from service.pictures import name_of
from service.portal import schemas as portal

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 19, 10, 24, tzinfo=CHICAGO)
TODAY = NOW.date()
CLINIC = "Northside"
CODES = ("glu-bridge-double", "glu-clam", "glu-sidestep", "ham-strap")
"""Of `moves`."""


def sample_id(number: int) -> UUID:
    return UUID(int=(0x7 << 76) | (0b10 << 62) | number)


def at(days_ago: int, hour: int, minute: int = 0) -> datetime:
    return (NOW - timedelta(days=days_ago)).replace(hour=hour, minute=minute)


def days_back(count: int) -> list[date]:
    return [TODAY - timedelta(days=back) for back in reversed(range(count))]


def diary_of_pain(start: float, drift: float, answers: float, days: int, seed: int) -> list[int | None]:
    """Sticky daily scores that move by `drift` over the whole time; `answers` is the share of days told."""
    chance = random.Random(seed)
    scores: list[int | None] = []
    wobble = 0.0
    for day in range(days):
        wobble = 0.6 * wobble + chance.gauss(0, 0.9)
        score = round(min(10, max(0, start + drift * day / days + wobble)))
        scores.append(score if chance.random() < answers else None)
    return scores


def trailing_means(scores: list[int | None]) -> list[float | None]:
    means: list[float | None] = []
    for day in range(len(scores)):
        known = [score for score in scores[max(0, day - 6) : day + 1] if score is not None]
        means.append(sum(known) / len(known) if len(known) >= 4 else None)
    return means


def drawn(code: str) -> Shown:
    return Shown(picture=f"/pictures/{name_of(code, 'right')}")


def moves() -> list[portal.PlanItem]:
    strong, stretch = "Glute strength", "Hamstring stretch"
    return [
        portal.PlanItem(
            sample_id(1),
            "Double-leg bridge",
            "2 sets of 10, hold 3 seconds",
            "Push through both heels",
            strong,
            sets=[
                portal.SetRow(
                    f"Set {number}",
                    [
                        portal.SetBox(f"set_{sample_id(1)}_{number}_reps", "reps", "10", 1000, "8"),
                        portal.SetBox(f"set_{sample_id(1)}_{number}_seconds", "seconds", "3", 7200),
                        portal.SetBox(f"set_{sample_id(1)}_{number}_load", "kg", "4", 500, step="any"),
                    ],
                )
                for number in (1, 2, 3)
            ],
        ),
        portal.PlanItem(sample_id(2), "Clamshell", "2 sets of 12", "Feet stay together", strong, "Right leg on top"),
        portal.PlanItem(sample_id(3), "Side-stepping", "2 sets of 8 steps each way", "Knees over toes", strong),
        portal.PlanItem(
            sample_id(4),
            "Lying hamstring stretch with strap",
            "3 times, hold 30 seconds",
            "Ease in, no bouncing",
            stretch,
            "Right leg",
        ),
    ]


def chips(*labels: str, picked: str | None = None) -> list[portal.Choice]:
    return [portal.Choice(label.lower(), label, label == picked) for label in labels]


def habits(answered: bool) -> list[portal.Habit]:
    return [
        portal.Habit(
            sample_id(11),
            "Did you stand evenly on both feet when waiting?",
            f"/today/habits/{sample_id(11)}",
            chips("Yes", "No", picked="Yes" if answered else None),
            answer="yes" if answered else None,
            skip=portal.Choice("skip", "Skip it"),
            met=True if answered else None,
        ),
        portal.Habit(
            sample_id(12),
            "Longest stretch of sitting in a car today without a stop?",
            f"/today/habits/{sample_id(12)}",
            [portal.Choice("0", "None"), portal.Choice("30", "30 min"), portal.Choice("60", "60 min")],
            answer="45" if answered else None,
            number=portal.HabitNumber("min"),
            told="45 minutes" if answered else None,
        ),
        portal.Habit(
            sample_id(13),
            "How did you mostly sleep?",
            f"/today/habits/{sample_id(13)}",
            chips("On my back", "Good side, with pillow", "Good side, no pillow", "Sore side", "Not sure"),
            cue="this morning",
            answer="skip" if answered else None,
            skip=portal.Choice("skip", "Skipped for the day" if answered else "Skip it", answered),
        ),
    ]


def week(today_state: DayState) -> list[portal.WeekDay]:
    monday = TODAY - timedelta(days=3)
    states = [DayState.DONE, DayState.REST, DayState.PARTLY, today_state, None, None, None]
    planned = [True, False, True, True, False, True, False]
    return [portal.WeekDay(monday + timedelta(days=n), planned[n], state) for n, state in enumerate(states)]


def place_group(side: str, title: str, *picked: str) -> portal.PlaceGroup:
    boxes = [f"{side}:{site.id}" for site in shipped().sites]
    places = [portal.Choice(box, site.label, box in picked) for box, site in zip(boxes, shipped().sites, strict=True)]
    return portal.PlaceGroup(side, title, (*places, portal.Choice(f"{side}:", "Not sure where", f"{side}:" in picked)))


def pain_form(*picked: str, **told: object) -> portal.PainForm:
    causes = ["Car", "Stairs", "Long sitting", "Walking", "Night, lying on it", "Crossed legs"]
    fields: dict[str, object] = {
        "groups": (place_group("left", "Left side", *picked), place_group("right", "Right side", *picked)),
        "aggravators": tuple(chips(*causes)),
        "qualities": tuple(chips("Ache", "Sharp or stabbing", "Burning", "Stiffness")),
        "timing": tuple(chips("On waking", "During the day", "In the evening", "At night")),
        "radiates": tuple(chips("Does not run down the leg", "Runs to the thigh", "Runs to the knee")),
        "spans": [
            portal.PainSpan("worst_24h", "Worst in the last 24 hours", sample_id(80), 6),
            portal.PainSpan("average_24h", "Average in the last 24 hours", sample_id(81)),
        ],
        "again": sample_id(82),
    }
    return portal.PainForm(**(fields | told))  # type: ignore[arg-type]


def error_page() -> SimpleNamespace:
    return SimpleNamespace(title="There is nothing here.", errors=[], back="/", request_id="5f0c9a17d2e84b33")
