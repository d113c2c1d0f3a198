"""Believable views of what a client sees: today in each of its states, the questions, and the pages behind links."""

from datetime import timedelta

import msgspec

from service.diary.rules import DayState
from service.diary.rules.screening import FLAGS, NOT_WATCHED, WORDING, care_words, grouped
from service.portal import schemas as portal
from service.portal.pages.help import HelpView
from service.portal.schemas.questions import OnHoldView, QuestionGroup, QuestionsView
from service.portal.schemas.sign_in import EnterCodeView, SignInView
from tests.samples import CLINIC, TODAY, at, chips, habits, moves, pain_form, sample_id, week


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
                problem="The code did not match. Check the message and try again.",
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
