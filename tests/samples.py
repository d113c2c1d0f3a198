"""Believable view models of every page, so that the pages can be looked at without a server or a database."""

import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from service.catalogue.library import shipped
from service.catalogue.views import Shown
from service.diary.rules import DayState
from service.diary.rules.screening import FLAGS, NOT_WATCHED, WORDING, care_words, grouped
from service.pictures import name_of
from service.portal import schemas as portal
from service.portal.pages.help import HelpView
from service.portal.schemas.questions import OnHoldView, QuestionGroup, QuestionsView
from service.portal.schemas.sign_in import EnterCodeView, SignInView

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
            number=portal.HabitNumber("min", told="45 minutes" if answered else None),
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


def today_view(**changes: object) -> portal.TodayView:
    fields: dict[str, object] = {
        "name": "Maria",
        "day": TODAY,
        "clinic_name": CLINIC,
        "read_when": "in office hours",
        "emergency_number": "911",
        "session": DayState.NO_ENTRY,
        "plan": portal.PlanCard(9, moves(), "Stop if pain gets above 5 or does not settle by the next day."),
        "pain": None,
        "pain_form": pain_form(),
        "habits": habits(answered=False),
        "fixes": [
            portal.Habit(
                sample_id(14),
                "Put a wedge on your car seat.",
                f"/today/fixes/{sample_id(14)}",
                chips("Still fine", "Not any more"),
                cue="Is it still in place?",
            )
        ],
        "yesterday": [
            portal.Habit(
                sample_id(11),
                "Did you stand evenly on both feet when waiting?",
                f"/today/habits/{sample_id(11)}",
                chips("Yes", "No"),
                day=TODAY - timedelta(days=1),
            )
        ],
        "lessons": [("Some pain is fine", "Up to 3 while you move is fine.")],
        "week": week(DayState.NO_ENTRY),
        "week_words": "2 of 4 days so far, 1 of them in part",
        "skip_reasons": chips("No time", "It hurts too much", "I do not know how", "No gear", "Not well"),
        "banners": [portal.Banner("Sam made a change to your plan: clamshell goes from 10 to 12.")],
        "messages": [
            portal.Note(
                "You",
                "The new band is too tight for the left side.\nMay I use the old one?",
                at(2, 9, 5),
                True,
                at(2, 12),
            ),
            portal.Note("Sam", "Yes, use the old one. Nice steady week, Maria. See you Monday.", at(1, 16, 40)),
        ],
        "message_form": portal.MessageForm(entry=sample_id(70), as_of=at(0, 9)),
        "morning": morning(),
        "help_phone": "(202) 555-0100",
    }
    return portal.TodayView(**(fields | changes))  # type: ignore[arg-type]


def today_answered() -> portal.TodayView:
    done = [msgspec.structs.replace(i, done=True) for i in moves()]
    return today_view(
        session=DayState.DONE,
        felt=portal.FeltForm(chips("Easy", "OK", "Hard", picked="OK"), before=2, during=3),
        untold=[TODAY - timedelta(days=1)],
        plan=portal.PlanCard(9, done, "Stop if pain gets above 5 or does not settle by the next day."),
        pain=portal.PainToday(4, at(0, 13, 52), "right side, outer hip, car", [(6, at(0, 7, 52))]),
        pain_form=pain_form("right:lateral_hip", is_open=True),
        habits=habits(answered=True),
        week=week(DayState.DONE),
        week_words="3 of 4 days so far, 1 of them in part",
        banners=[],
        status=portal.Status("pain", "Saved. 4 out of 10.", (sample_id(83), 1)),
        morning=morning(score=3, told="the same", picked="same"),
    )


def today_all_told() -> portal.TodayView:
    return msgspec.structs.replace(
        today_answered(),
        pain_form=pain_form("right:lateral_hip", same=None),
        week_aim="Your aim for this week: 3 days.",
        status=None,
    )


def morning(picked: str | None = None, **told: object) -> portal.MorningForm:
    words = {"better": "Better", "same": "The same", "worse": "Worse"}
    responses = [portal.Choice(value, label, value == picked) for value, label in words.items()]
    return portal.MorningForm(TODAY, responses, **told)  # type: ignore[arg-type]


def today_on_hold() -> portal.TodayView:
    said = (
        "You told us about a fall. Stop the exercises. "
        "If you cannot put weight on your leg, call 911 now. Do not wait for us."
    )
    return today_view(
        name="Tom",
        safety=portal.SafetyNotice(said, "911", stops_plan=True),
        banners=[],
        messages=[],
    )


def questions_view(**changes: object) -> QuestionsView:
    groups = [
        QuestionGroup(title, [portal.Choice(code, FLAGS[code].ask) for code in codes])
        for title, codes in grouped(tuple(FLAGS))
    ]
    fields: dict[str, object] = {
        "clinic_name": CLINIC,
        "safety": portal.SafetyNotice(NOT_WATCHED % {"number": "911"}, "911"),
        "groups": groups,
        "entry": str(sample_id(72)),
        "why": "pain",
        "wording": WORDING,
    }
    return QuestionsView(**(fields | changes))  # type: ignore[arg-type]


def on_hold_view() -> OnHoldView:
    first, *more = [words % {"number": "911"} for words in care_words("emergency")]
    return OnHoldView(
        clinic_name=CLINIC,
        safety=portal.SafetyNotice(first, "911", stops_plan=True),
        more=more,
        help_phone="(202) 555-0100",
    )


def help_view() -> HelpView:
    return HelpView(
        clinic_name=CLINIC, clinic="Northside Physiotherapy", help_phone="(202) 555-0100", emergency_number="911"
    )


NOT_RUNNING: tuple[portal.PlanStage, ...] = ("to_come", "no_moves", "paused", "ended")


def today_without_a_plan(stage: portal.PlanStage) -> portal.TodayView:
    return today_view(
        session=DayState.REST,
        stage=stage,
        stage_day=TODAY + timedelta(days=-1 if stage == "ended" else 1),
        plan_note=portal.PlanNote("Sam", "Start gently. One set is plenty at first.", at(1, 16, 40)),
        week_words=None if stage == "to_come" else "1 of 1 day so far",
        habits=habits(answered=False) if stage == "no_moves" else [],
        banners=[],
        messages=[],
    )


def link_view(purpose: portal.LinkPurpose, **changes: object) -> portal.LinkView:
    fields: dict[str, object] = {
        "purpose": purpose,
        "url": "/r/4fK2",
        "clinic_name": CLINIC,
        "ends_at": at(0, 23, 59),
    }
    return portal.LinkView(**(fields | changes))  # type: ignore[arg-type]


def client_pages() -> dict[str, tuple[str, object]]:
    """Name of the picture: template and its view."""
    danger = portal.SafetyNotice(
        "Thanks, we told your clinic. They look at this in office hours. In an emergency call 911 now.", "911"
    )
    return {
        "today": ("portal/today.html", today_view()),
        "today_preview": ("portal/preview.html", today_view()),
        "today_answered": ("portal/today.html", today_answered()),
        "today_rest": ("portal/today.html", today_view(session=DayState.REST, banners=[], messages=[])),
        "today_no_plan": (
            "portal/today.html",
            today_view(name="Kim", stage="none", plan=None, week_words=None, habits=[], banners=[], messages=[]),
        ),
        **{f"today_{stage}": ("portal/today.html", today_without_a_plan(stage)) for stage in NOT_RUNNING},
        "today_all_told": ("portal/today.html", today_all_told()),
        "today_on_hold": ("portal/today.html", today_on_hold()),
        "today_asked": ("portal/today.html", today_view(questions="pain", urgency_entry=sample_id(73))),
        "today_weekly": ("portal/today.html", today_view(questions="weekly", banners=[], messages=[])),
        "help": ("portal/help.html", help_view()),
        "questions": ("portal/questions.html", questions_view(status="Saved.")),
        "questions_again": (
            "portal/questions.html",
            questions_view(problem="Tick what is true for you, or say no to all."),
        ),
        "on_hold": ("portal/on_hold.html", on_hold_view()),
        "sign_in": ("portal/sign_in.html", SignInView(clinic_name=CLINIC)),
        "offline": ("portal/offline.html", portal.OfflineView()),
        "enter_code": (
            "portal/enter_code.html",
            EnterCodeView(
                sent_to="the number that ends in 42",
                address="+12025550142",
                by_text=True,
                clinic_name=CLINIC,
                problem="The code did not match. Check the text and try again.",
            ),
        ),
        "link_check_in": ("portal/link.html", link_view("check_in")),
        "link_picked": ("portal/link.html", link_view("check_in", picked="4")),
        "link_told": ("portal/link.html", link_view("check_in", told="6", saved="You saved 6 at 7:12 PM.")),
        "link_message": ("portal/link.html", link_view("message", entry=sample_id(71))),
        "link_plan": ("portal/link.html", link_view("plan")),
        "link_plan_on_hold": (
            "portal/link.html",
            link_view("plan", on_hold=portal.SafetyNotice(NOT_WATCHED % {"number": "911"}, "911", stops_plan=True)),
        ),
        "link_questions": ("portal/link.html", link_view("questions")),
        "link_plan_told": (
            "portal/link.html",
            link_view("plan", told="partly", saved="You saved “I did some of it” at 7:12 PM."),
        ),
        "link_habit": (
            "portal/link.html",
            link_view("habit", habits=habits(answered=True), status=portal.Status(str(sample_id(11)), "Saved.")),
        ),
        "link_sign_in": ("portal/link.html", link_view("sign_in", initial="M.", ends_at=at(0, 10, 39))),
        "link_unsubscribe": ("portal/link.html", link_view("unsubscribe", ends_at=None)),
        "saved": (
            "portal/saved.html",
            portal.SavedView(sentence="Saved: 4 for today.", clinic_name=CLINIC, change_url="/r/4fK2"),
        ),
        "saved_high": (
            "portal/saved.html",
            portal.SavedView(
                sentence="Saved: 8 for today.",
                clinic_name=CLINIC,
                change_url="/r/4fK2",
                safety=danger,
                questions_url="/questions",
            ),
        ),
        "link_ended": ("portal/link_ended.html", portal.LinkEndedView(clinic_name=CLINIC)),
    }


def error_page() -> SimpleNamespace:
    return SimpleNamespace(title="There is nothing here.", errors=[], back="/", request_id="5f0c9a17d2e84b33")
