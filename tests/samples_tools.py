"""Believable view models of the staff's forms, the test inbox and the API page."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any, Literal

from service.plans.rules import WEEKDAYS
from service.review.schemas import forms, prescribing
from service.review.schemas.warnings import SourceLink
from service.review.views import add_client
from tests.samples import TODAY, at
from tests.samples_api import openapi
from tests.samples_caseload import BAR, MARIA
from tests.samples_starting import IN_PROGRAMME


def option(value: str, label: str, picked: bool = False) -> forms.Option:
    return forms.Option(value, label, picked)


def consent_box(channel: Literal["sms", "email"], english: str, spanish: str) -> add_client.ConsentBox:
    words = [add_client.Wording("en", "English", english), add_client.Wording("es", "Español", spanish)]
    return add_client.ConsentBox(channel, words)


def add_client_view() -> add_client.AddClientView:
    return add_client.AddClientView(
        bar=BAR,
        zones=["America/Chicago", "America/New_York", "Europe/Madrid"],
        languages=[option("en", "English", True), option("es", "Español")],
        consents=[
            consent_box("sms", "Yes, send me texts about my plan.", "Sí, envíenme mensajes sobre mi plan."),
            consent_box("email", "Yes, send me emails about my plan.", "Sí, envíenme correos sobre mi plan."),
        ],
        name=forms.Field("Rosa Delgado"),
        phone=forms.Field("555 01", "Write the number with its country code, such as +1 202 555 0142."),
        zone=forms.Field("America/Chicago"),
        problem="One field needs another look. Nothing was saved.",
    )


def exercise(
    code: str,
    name: str,
    routine: str,
    position: str,
    dose: tuple[str, str, str],
    caution: str | None = None,
    warnings: list[prescribing.WarnedPick] | None = None,
    **more: Any,
) -> prescribing.ExercisePick:
    sets, reps, hold = (forms.Field(value) for value in dose)
    return prescribing.ExercisePick(
        code=code,
        name=name,
        routine=routine,
        position=position,
        sets=sets,
        reps=reps,
        hold_s=hold,
        units=[option("", "–", True), option("kg", "kg"), option("lb", "lb"), option("band", "band")],
        caution=caution,
        warnings=warnings or [],
        finer=prescribing.FinerPick(
            rest=forms.Field("60"),
            tempo=forms.Field(),
            usual_tempo="slow, controlled",
            efforts=[option("light", "light effort", True), option("hard", "hard")],
            works=[option("moving", "trains the leg that moves", True)],
        ),
        sides=[option("both", "Both"), option("left", "Left"), option("right", "Right", True)],
        days=[option(str(bit), name, bit in (0, 2, 4)) for bit, name in enumerate(WEEKDAYS)],
        cadences=[
            option("weekdays-21", "Mon Wed Fri", True),
            option("times-3", "3 times a week"),
            option("days-1", "Every day"),
        ],
        **more,
    )


def found(code: str, name: str, position: str, *, is_in: bool = False, is_out: bool = False) -> prescribing.LibraryRow:
    return prescribing.LibraryRow(
        code=code,
        name=name,
        position=position,
        words=f"{name} {position}".casefold(),
        tags=["goal-strength", "position-lying", "gear-none", "routine-0", "from-shipped"],
        is_in=is_in,
        is_out=is_out,
    )


AHEAD = prescribing.AheadPick(
    harder=[option("", "ask me first"), option("ham-pnf-strap:right", "Contract-relax with strap, right side", True)],
    easier=[option("", "ask me first", True), option("ham-9090-hold:right", "90-90 hold, right side")],
    until=forms.Field("2027-01-01", "Use a day from the first day of the plan to 12 weeks after it."),
    is_open=True,
)

SEARCH = prescribing.Search(
    words="bridge",
    filters=[
        ("goal", "Goal", [option("", "any", True), option("strength", "Strength"), option("balance", "Balance")]),
        ("position", "Position", [option("", "any", True), option("lying", "Lying")]),
        ("gear", "Needs", [option("", "any", True), option("none", "Nothing")]),
        ("routine", "Routine", [option("", "any", True), option("0", "Glute strength")]),
        ("from", "From", [option("", "any", True), option("clinic", "The clinic's own")]),
    ],
    rows=[
        found("glu-bridge-double", "Double-leg bridge", "on the back, knees bent", is_in=True),
        found("glu-bridge-single", "Single-leg bridge", "on the back, one foot flat"),
        found("glu-sidestep", "Side-stepping", "standing", is_out=True),
    ],
)


def prescribe_view() -> prescribing.PrescribeView:
    both = [option("sms", "Text", True), option("email", "Email")]
    return prescribing.PrescribeView(
        bar=BAR,
        client_id=MARIA,
        client_name="Maria Lopez",
        contexts=["Outer-hip tendon pain"],
        replaces="follows version 3 of Nov 8",
        start="prog-gt-leap:2",
        programme=IN_PROGRAMME,
        search=SEARCH,
        pain_limits=[option("", "up to 5, as for everybody"), option("3", "up to 3", True)],
        most_active=4,
        minutes=14,
        saved_at=at(0, 17, 40),
        is_draft=True,
        rows=[
            exercise(
                "glu-bridge-double",
                "Double-leg bridge",
                "Glute strength",
                "on the back, knees bent",
                ("2", "10", "3"),
                load=forms.Field("4"),
                load_problem="Choose kg, lb or band.",
                cue=forms.Field("Press the heels down"),
            ),
            exercise(
                "glu-clam",
                "Clamshell " + "with a name that goes on and on " * 6,
                "Glute strength",
                "on the side, pillow between the knees",
                ("2", "12", "0"),
                "Lying on the sore side, or the top knee crossing the midline, can flare it.",
            ),
            exercise(
                "ham-strap",
                "Lying hamstring stretch with strap",
                "Hamstring stretch",
                "on the back",
                ("3", "1", "30"),
                cue=forms.Field("ببطء", "Use at most 200 characters."),
                ahead=AHEAD,
                warnings=[
                    prescribing.WarnedPick(
                        name="why_sit_bone_stretch_ham-strap",
                        words="A hamstring stretch pulls at the sit bone, which hurt in the last 14 days.",
                        sources=[SourceLink("Goom et al. 2016 JOSPT", "https://stages.example")],
                        reason=forms.Field("Short range only"),
                    )
                ],
            ),
        ],
        habits=[
            prescribing.HabitPick(
                "hab-hang-hip",
                "Did you stand evenly on both feet when waiting?",
                "Sinking into one hip squeezes the tendon.",
                True,
            ),
            prescribing.HabitPick(
                "hab-car-min",
                "Longest stretch of sitting in a car today without a stop?",
                "Long hip-bent sitting can flare it.",
                True,
            ),
            prescribing.HabitPick("hab-side-sleep", "How did you mostly sleep?", "Lying on the sore side presses it."),
        ],
        reminders=[
            prescribing.ReminderPick(kind="check_in", at=forms.Field("08:00"), channels=both),
            prescribing.ReminderPick(kind="plan", at=forms.Field("19:00"), channels=both),
            prescribing.ReminderPick(
                kind="habit", at=forms.Field("20:00"), channels=list(reversed(both)), picked=False
            ),
        ],
        starts_on=forms.Field(TODAY.isoformat()),
    )


def inbox_message(number: int, moment: datetime, text: str, **more: Any) -> SimpleNamespace:
    fields: dict[str, Any] = {
        "id": number,
        "url": f"?message={number}",
        "at": moment,
        "from_client": False,
        "channel": "sms",
        "text": text,
        "subject": None,
        "state": "delivered",
        "picked": False,
    }
    return SimpleNamespace(**(fields | more))


def inbox_view() -> SimpleNamespace:
    check_in = "Northside: time for today's check-in. Reply with a number from 0 to 10, or tap https://go.clinic.example/r/4fK2x9Qa71LmZt0b"
    person = SimpleNamespace
    return SimpleNamespace(
        bar=BAR,
        status=None,
        problem=None,
        people=[
            person(url="?to=1", name="Maria Lopez", address="+1 202 555 0142", unread=2, picked=True),
            person(url="?to=2", name="Tom Becker", address="+1 202 555 0188", unread=0, picked=False),
            person(url="?to=3", name="Ben Carter", address="+1 202 555 0119", unread=1, picked=False),
            person(url="?to=4", name="Ines Duarte", address="ines.duarte@example.com", unread=0, picked=False),
        ],
        name="Maria Lopez",
        phone="+12025550142",
        email="maria.lopez@example.com",
        messages=[
            inbox_message(
                1,
                at(1, 20),
                "How did today go? Tap the link and tick what you did.",
                channel="email",
                subject="Today's check-in",
            ),
            inbox_message(2, at(0, 8), check_in, picked=True),
            inbox_message(3, at(0, 8, 12), "6 R car", from_client=True, state=None),
            inbox_message(4, at(0, 8, 12), "Got it: 6. Saved for today. Wrong number? Text the right one."),
        ],
        chips=["4", "DONE", "SKIP", "LATER", "STOP", "hurts a lot"],
        why=SimpleNamespace(
            reason="The daily check-in is due at 8:00 am, and today had no entry yet.",
            facts=[
                ("Due", "8:00 am, their time"),
                ("Sent", "8:00 am"),
                ("Template", "S1 check-in"),
                ("Length", "134 characters, 1 part"),
                ("Quiet hours", "9 pm to 8 am"),
                ("State", "delivered"),
            ],
            links=[SimpleNamespace(url="/r/4fK2", label="Open the check-in link")],
            lock_screen="Northside: time for today's check-in. Reply with a number from 0 to 10, or tap…",
            blocked_words=[],
            at=at(0, 8),
            raw='{"kind": "check_in", "state": "delivered", "attempts": 1}',
        ),
    )


def tool_pages() -> dict[str, tuple[str, object]]:
    return {
        "add_client": ("review/add_client.html", add_client_view()),
        "prescribe": ("review/prescribe.html", prescribe_view()),
        "inbox": ("conversation/inbox.html", inbox_view()),
        "api": ("exchange/api.html", openapi()),
    }
