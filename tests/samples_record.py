"""What stands in Maria's record after 60 days: her days, habits, plans, reminders, entries and messages."""

import random
from datetime import date, timedelta

from service.diary.rules import DayState
from service.review import schemas as review
from service.review.schemas.links import HabitLink
from service.review.schemas.proposals import ExerciseProposal, ExerciseStep, VerdictName
from tests.samples import CLINIC, at
from tests.samples_caseload import MARIA


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
