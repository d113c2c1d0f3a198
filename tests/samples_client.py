"""A believable client page: Maria after 60 days, and Kim who never began."""

import random
from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from service.diary.rules import DayState
from service.review import schemas as review
from service.review.rules import Rule, Tier
from service.review.schemas import texts
from service.review.schemas.alerts import RedFlagShown
from service.review.schemas.forms import Sent
from service.review.schemas.links import HabitLink
from service.review.schemas.proposals import ExerciseProposal, ExerciseStep, StepTaken, VerdictName
from service.review.views.noting import noting
from tests.samples import CLINIC, TODAY, at, days_back, diary_of_pain, sample_id, trailing_means
from tests.samples_caseload import BAR, MARIA
from tests.samples_helping import HELPING


def adherence_days(days: list[date]) -> list[tuple[date, DayState]]:
    """Tuesday, Thursday and Sunday are rest days; a weekend away in October, two days only partly done."""
    rest = {1, 3, 6}
    told = {
        15: DayState.NO_ENTRY,
        16: DayState.NO_ENTRY,
        18: DayState.NO_ENTRY,
        27: DayState.PARTLY,
        34: DayState.SKIPPED,
        41: DayState.PARTLY,
        49: DayState.NO_ENTRY,
        59: DayState.NO_ENTRY,
    }
    return [(day, DayState.REST if day.weekday() in rest else told.get(n, DayState.DONE)) for n, day in enumerate(days)]


def habit_strip(name: str, days: list[date], good: float, seed: int) -> review.HabitStrip:
    chance = random.Random(seed)
    kinds: list[review.HabitState] = ["met", "not_met", "nearly", "no_entry"]
    weights = [good, 0.85 - good, 0.05, 0.1]
    states = [(day, chance.choices(kinds, weights)[0]) for day in days]
    met = sum(state == "met" for _, state in states)
    return review.HabitStrip(name, states, met, sum(state != "no_entry" for _, state in states))


def habit_links() -> list[HabitLink]:
    less = "Pain the day after: 0.9 lower, could be 1.6 lower to 0.2 lower"
    unclear = "Pain the day after: 0.2 higher, could be 0.8 lower to 1.1 higher"
    link = HabitLink
    return [
        link("Stand evenly on both feet", "less_pain", "May go with less pain", 31, 18, -0.9, -1.6, -0.2, less),
        link("Car: 60 minutes or less", "unclear", "No clear link", 27, 21, 0.2, -0.8, 1.1, unclear),
        link("Sleep on the back", "too_few", "Too few days to say", 44, 4),
    ]


def plan_version(
    number: int, starts_on: date, reps: int, change: str, ends_on: date | None = None
) -> review.PlanVersion:
    line = review.PlanItemLine
    strong, stretch = "Glute strength", "Hamstring stretch"
    return review.PlanVersion(
        number=number,
        starts_on=starts_on,
        author="Sam Okafor",
        change=change,
        items=[
            line("Double-leg bridge", "2 × 10, hold 3 s", "Mon Wed Fri Sat", strong),
            line("Clamshell", f"2 × {reps}", "Mon Wed Fri Sat", strong, "right leg on top"),
            line("Side-stepping", "2 × 8 steps", "Mon Wed Fri Sat", strong),
            line("Lying hamstring stretch with strap", "3 × 30 s", "Mon Wed Fri Sat", stretch, "right leg"),
        ],
        habits=[
            "Stand evenly on both feet",
            "Car: 60 minutes or less without a stop",
            "Sleep on the back or the good side",
        ],
        ends_on=ends_on,
    )


def ledger() -> list[review.LedgerRow]:
    def due(
        days_ago: int,
        hour: int,
        kind: review.ReminderKind,
        state: review.OccurrenceState,
        reason: str,
        channel: review.Channel | None = None,
        sent: int | None = None,
        answered: int | None = None,
    ) -> review.LedgerRow:
        moment = at(days_ago, hour)
        sent_at, answered_at = (None if m is None else moment + timedelta(minutes=m) for m in (sent, answered))
        return review.LedgerRow(moment, kind, state, reason, channel, sent_at, answered_at)

    return [
        due(0, 19, "plan", "queued", "Waits for its time."),
        due(0, 8, "check_in", "answered", "Answered: 6, right side, car.", "sms", 0, 12),
        due(1, 20, "habit", "answered", "Answered by a link in the email.", "email", 0, 41),
        due(1, 8, "check_in", "sent", "Sent. No answer yet.", "sms", 0),
        due(2, 19, "plan", "skipped", "Not sent: already done today."),
        due(2, 8, "check_in", "answered", "Answered: 4.", "sms", 0, 35),
        due(3, 22, "habit", "suppressed", "Not sent: quiet hours."),
        due(3, 8, "check_in", "failed", "Not delivered: the phone or mailbox could not be reached.", "sms", 0),
        due(3, 9, "check_in", "answered", "Sent by email, since the text did not arrive.", "email", 0, 90),
        due(4, 19, "plan", "skipped", "Not sent: a rest day."),
        due(5, 19, "plan", "expired", "Not sent: our service was down."),
    ]


def entries() -> list[review.Entry]:
    entry = review.Entry
    return [
        entry(at(0, 8, 12), "pain", "Pain 6, right side, car", "text"),
        entry(at(0, 8, 15), "text", "“long drive yesterday, sore getting out”", "text"),
        entry(at(1, 20, 41), "habit", "Stood evenly on both feet: yes", "link"),
        entry(at(1, 18, 5), "session", "Plan done, all 4 moves", "text"),
        entry(at(2, 18, 55), "session", "Plan done, all 4 moves", "web"),
        entry(at(2, 8, 35), "pain", "Pain 4, right side", "text", True),
        entry(at(4, 19, 2), "session", "Plan part done: 3 of 4 moves", "web"),
        entry(at(5, 9, 30), "visit", "Visit: hands-on work, outer hip", "web"),
    ]


def messages() -> list[review.ThreadMessage]:
    message = review.ThreadMessage
    return [
        message(
            at(0, 8, 0),
            "Northside: time for today's check-in. Reply with a number from 0 to 10.",
            CLINIC,
            False,
            "text",
            "delivered",
        ),
        message(at(0, 8, 12), "6 R car", "Maria", True, "text"),
        message(
            at(0, 8, 12),
            "Got it: 6. Saved for today. Wrong number? Text the right one.",
            CLINIC,
            False,
            "text",
            "delivered",
        ),
        message(at(0, 8, 15), "long drive yesterday, sore getting out", "Maria", True, "text", is_new=True),
        message(at(0, 8, 40), "Take a stop each hour on long drives.", "Sam", False, "web", read_at=at(0, 9)),
    ]


def client_view() -> review.ClientView:
    days = days_back(60)
    pain = diary_of_pain(6, -2.4, 0.84, 60, 3)
    pain[15:22] = [None] * 7
    pain[-1] = 6
    changed = TODAY - timedelta(days=11)
    return review.ClientView(
        bar=BAR,
        entry=sample_id(190),
        noting=noting("en"),
        helping=HELPING,
        client_id=MARIA,
        name="Maria Lopez",
        as_of=at(0, 10, 24),
        zone="America/Chicago",
        language="English",
        tier=Tier.LOOK,
        reason="Pain 6 today after a long drive. Usual is 4.",
        summary="Pain about 4 in the last 7 days, was 6 at the start: much better. "
        "Did 31 of 36 planned days, 4 not logged. Last change Nov 8: clamshell from 10 to 12.",
        pain=list(zip(days, pain, strict=True)),
        pain_means=list(zip(days, trailing_means(pain), strict=True)),
        plan_changes=[
            review.PlanChange(days[9], "A", "Side-stepping added."),
            review.PlanChange(changed, "B", "Clamshell from 10 to 12."),
        ],
        adherence=adherence_days(days),
        habits=[
            habit_strip("Stood evenly on both feet", days, 0.6, 1),
            habit_strip("Car, 60 min or less", days, 0.5, 2),
            habit_strip("Slept on back or good side", days, 0.7, 3),
        ],
        plan=plan_version(3, changed, 12, "Clamshell from 10 to 12."),
        older_versions=[
            plan_version(2, days[9], 10, "Side-stepping added.", changed - timedelta(days=1)),
            msgspec.structs.replace(plan_version(1, days[9], 10, "First version"), never_ran=True),
        ],
        entries=entries(),
        messages=messages(),
        ledger=ledger(),
        contacts=[
            review.Contact(
                "phone",
                "+1 202 555 0142",
                True,
                "Yes, send me texts about my plan.",
                at(61, 11, 2),
            ),
            review.Contact("email", "maria.lopez@example.com", True, stopped_at=at(30, 18, 20)),
        ],
        contexts=["Outer-hip tendon pain"],
        baseline=6,
        adherence_words=review.AdherenceWords(14, 16, 1, 1),
        habit_links=habit_links(),
        too_small=(4.0, 8.0),
        proposals=[
            proposal(
                "glu-clam", "Clamshell", "advance", "the last 3 sessions went well, and so did the mornings after"
            ),
            proposal(
                "glu-bridge-double", "Double-leg bridge", "hold", "pain during up to 5 on 2 of the last 3 sessions"
            ),
        ],
        steps=[
            StepTaken(
                "From Tue, Mar 10. A step that was allowed ahead: on to Clamshell with a band, by Sam Carter."
                " Why: the last 3 sessions went well, and so did the mornings after.",
                f"/clients/{MARIA}/plan/new?from=version:{sample_id(41)}",
            )
        ],
        snoozed=[review.Snoozed(Tier.CALL, "Pain 8 today. Usual is 4.", TODAY + timedelta(days=2))],
        clinic_now=at(0, 11, 24),
        since=days[0],
        next_visit=at(-4, 10, 30),
        waiting_since=at(0, 8, 12),
    )


def proposal(code: str, name: str, verdict: VerdictName, why: str) -> ExerciseProposal:
    easier, harder = (
        ExerciseStep("glu-squeeze", "Glute squeeze"),
        ExerciseStep("glu-clam-band", "Clamshell with a band"),
    )
    advance = verdict == "advance"
    words = f"Advance to {harder.name}: {why}." if advance else f"Hold: {why}."
    draft = f"/clients/{MARIA}/plan/new?swap={code}&for={harder.code}" if advance else None
    allowed = (
        ["Allowed ahead by Sam Carter until Tue, Apr 7: on to Clamshell with a band, right side."] if advance else []
    )
    return ExerciseProposal(ExerciseStep(code, name), verdict, words, easier, harder, draft, allowed)


def client_new() -> review.ClientView:
    days = days_back(60)
    return review.ClientView(
        bar=BAR,
        entry=sample_id(190),
        noting=noting("en"),
        helping=replace(HELPING, helpers=[]),
        client_id=sample_id(108),
        name="Kim Tran",
        as_of=at(0, 10, 24),
        zone="America/Chicago",
        language="English",
        tier=Tier.QUIET,
        reason="Invited 6 days ago. No log yet.",
        rule=Rule.NEVER_LOGGED,
        summary="Nothing logged yet.",
        pain=[(day, None) for day in days],
        pain_means=[(day, None) for day in days],
        plan_changes=[],
        adherence=[(day, DayState.NOT_YET) for day in days],
        habits=[],
        plan=None,
        older_versions=[],
        entries=[],
        messages=[],
        ledger=[],
        contacts=[review.Contact("phone", "+1 202 555 0177", False, invalid_at=at(2, 9))],
        waiting_since=at(6, 9),
    )


def client_warned() -> review.ClientView:
    opened = RedFlagShown(
        id=sample_id(161),
        opened_at=at(0, 7, 5),
        source="screen",
        lines=["Did you fall or get a knock, and now the leg takes no weight, looks shorter or turns out?"],
        care="emergency care now",
    )
    cleared = RedFlagShown(
        id=sample_id(162),
        opened_at=at(20, 7, 5),
        source="text",
        lines=["“i fell in the kitchen”"],
        cleared_at=at(19, 9),
        cleared_by="Sam",
        note="Seen in the clinic, only a bruise.",
    )
    return replace(
        client_view(),
        tier=Tier.CALL,
        rule=Rule.DANGER,
        reason="Answered yes on Tue, Nov 24 at 7:05 AM: “Did you fall or get a knock?”",
        waiting_since=at(0, 7, 5),
        look_by=at(0, 9),
        is_overdue=True,
        red_flags=[opened, cleared],
        sent=Sent("note", {"note": ""}, {"note": "Write what you found, in at most 2000 characters."}),
        forget_asked_at=at(2, 9),
    )


def texts_view() -> review.TextsView:
    text = texts.UnplacedText
    both = [(MARIA, "Maria Lopez"), (sample_id(108), "Kim Tran")]
    return review.TextsView(
        bar=replace(BAR, unplaced=3, is_danger=True),
        texts=[
            text(sample_id(191), at(0, 9, 2), "I fell on the stairs", "+12025550142", True, True, False, both),
            text(sample_id(192), at(0, 8, 40), "6 R car", "+12025550142", True, False, True, both),
            text(sample_id(193), at(1, 17), "Is this the clinic?", "+12025550177", False, False, False, []),
        ],
    )


def client_record_pages() -> dict[str, tuple[str, object]]:
    return {
        "texts": ("review/texts.html", texts_view()),
        "client": ("review/client.html", client_view()),
        "client_warned": ("review/client.html", client_warned()),
        "client_new": ("review/client.html", client_new()),
    }
