"""The same pages of a client in the states that a good day does not show: something wrong, half told, on hold, over."""

from datetime import timedelta

from msgspec.structs import replace

from service.diary.rules import DayState
from service.portal import schemas as portal
from service.portal.schemas.sign_in import EnterCodeView, SendTypedView, SignInView
from tests.samples import CLINIC, CODES, TODAY, at, chips, drawn, habits, moves, pain_form, sample_id
from tests.samples_today import link_view, today_answered, today_on_hold, today_view


def plan_view(**changes: object) -> portal.PlanView:
    cues = ["Push through both heels.", "Keep your hips level all the way up and all the way down."]
    fields: dict[str, object] = {
        "name": "Maria Lopez",
        "clinic_name": CLINIC,
        "help_phone": "(202) 555-0100",
        "emergency_number": "911",
        "stage": "runs",
        "moves": [
            portal.PlanMove(replace(one, shown=drawn(code)), "Mon, Wed, Fri", cues, letter)
            for one, code, letter in zip(moves(), CODES, "ABCD", strict=True)
        ],
        "habits": [habit.prompt for habit in habits(answered=False)],
        "fixes": ["Put a wedge on your car seat."],
        "lessons": [("Some pain is fine", "Up to 3 while you move is fine.")],
        "stop_rule": "Stop if pain gets above 5 or does not settle by the next day.",
        "author": "Sam",
        "starts_on": TODAY - timedelta(days=9),
    }
    return portal.PlanView(**(fields | changes))  # type: ignore[arg-type]


def _today_with_problems() -> portal.TodayView:
    first, second, *rest = habits(answered=False)
    number = replace(second.number or portal.HabitNumber("min"), typed="a lot")
    wrong = replace(second, problem="Use a whole number from 0 to 1440.", number=number)
    return today_view(
        session=DayState.PARTLY,
        session_problem="Tick at least one move, or tap Not today.",
        habits=[first, wrong, *rest],
        pain=portal.PainToday(4, at(0, 7, 52)),
        pain_form=replace(
            pain_form(),
            problem="Choose a side.",
            is_open=True,
            note="At the sink",
            same=portal.Choice("same", "right side, outer hip, car"),
        ),
        message_form=portal.MessageForm(
            entry=sample_id(70), as_of=at(0, 9), words="May I", problem="Use at most 2000 characters."
        ),
        morning=portal.MorningForm(TODAY, chips("Better", "The same", "Worse"), problem="Choose one of the three."),
    )


def _today_half_told() -> portal.TodayView:
    return today_view(
        session=DayState.PARTLY,
        session_words="2 of 4 moves",
        plan=portal.PlanCard(
            9,
            [
                replace(one, done=number < 2, shown=drawn(code))
                for number, (one, code) in enumerate(zip(moves(), CODES, strict=True))
            ],
            "Stop if pain gets above 5 or does not settle by the next day.",
        ),
        plan_note=portal.PlanNote("Sam", "Start gently. One set is plenty at first.", at(1, 16, 40)),
        felt=portal.FeltForm(chips("Easy", "OK", "Hard")),
        banners=[portal.Banner("Your therapist would like to know more.", "/today/intake", "Tell about you")],
        status=portal.Status("session", "Saved."),
        untold=[TODAY - timedelta(days=1), TODAY - timedelta(days=3)],
    )


def _today_skipped() -> portal.TodayView:
    return today_view(
        session=DayState.SKIPPED,
        session_words="It hurts too much.",
        urgency_entry=sample_id(73),
        skip_reasons=chips(
            "No time", "It hurts too much", "I do not know how", "No gear", "Not well", picked="It hurts too much"
        ),
        pain=portal.PainToday(8, at(0, 7, 52)),
        safety=portal.SafetyNotice(
            "This is not for emergencies. If you can't put weight on your leg, call 911.", "911"
        ),
        status=portal.Status("safety", "Saved. 8 out of 10."),
    )


def state_pages() -> dict[str, tuple[str, object]]:
    code = EnterCodeView(
        sent_to="ana.lopez@mail.example",
        address="ana.lopez@mail.example",
        by_text=False,
        clinic_name=CLINIC,
        problem="Two people use this address. Type your first name.",
        right_code="123456",
    )
    wrong = SignInView(clinic_name=CLINIC, address="maria", problem="Type a phone number or an email.")
    taken = "Use a number from 0 to 10."
    typed = [("typed_to", "/today/messages"), ("typed_csrf", "the-token"), ("typed.text", "I am away on Friday.")]
    send = SendTypedView(
        clinic_name=CLINIC,
        url="/today/messages",
        fields=[("text", "I am away on Friday.")],
        words=["I am away on Friday."],
    )
    return {
        "sign_in_again": ("portal/sign_in.html", SignInView(clinic_name=CLINIC, typed=typed)),
        "enter_code_again": ("portal/enter_code.html", replace(code, right_code=None, problem=None, typed=typed)),
        "send_typed": ("portal/send_typed.html", send),
        "today_problems": ("portal/today.html", _today_with_problems()),
        "today_partly": ("portal/today.html", _today_half_told()),
        "today_skipped": ("portal/today.html", _today_skipped()),
        "plan": ("portal/plan.html", plan_view()),
        "plan_paused": ("portal/plan.html", plan_view(stage="paused")),
        "plan_on_hold": ("portal/plan.html", plan_view(moves=[], habits=[], fixes=[], safety=today_on_hold().safety)),
        "plan_none": (
            "portal/plan.html",
            plan_view(stage="none", moves=[], habits=[], fixes=[], lessons=[], author=None, starts_on=None),
        ),
        "sign_in_wrong": ("portal/sign_in.html", wrong),
        "enter_code_name": ("portal/enter_code.html", code),
        "link_wrong": ("portal/link.html", link_view("check_in", problem=taken, about=TODAY - timedelta(days=1))),
        "link_fix": ("portal/link.html", link_view("fix", fixes=today_answered().fixes)),
        "link_message_wrong": (
            "portal/link.html",
            link_view("message", entry=sample_id(71), words="May I", problem="Use at most 2000 characters."),
        ),
    }
