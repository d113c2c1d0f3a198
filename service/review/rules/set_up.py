"""Setting up a clinic in five short steps, and what must hold before it sends to people."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from service.errors import FieldProblem, Refused
from service.worded import Worded

PUT_AWAY: Final = "put_away"
SKIPPED: Final = "skip:"
TEST_LASTS: Final = timedelta(hours=1)
TESTS_A_DAY: Final = 10

TEST_SUBJECT: Final = "A test from your clinic"
TEST_LINE: Final = "Emails of %(clinic)s arrive here. You asked for this one."
TEST_TEXT: Final = "(Test) %(text)s"
"""A text, to the phone of whoever tries it."""

TEST_TEXT_LINE: Final = "A test of a text. It went to you and to no client. It reads:"
TEST_BUTTON: Final = "Back to the set-up"


class Step(StrEnum):
    FACTS = "facts"
    TEAM = "team"
    MESSAGES = "messages"
    MOVES = "moves"
    CLIENT = "client"


STEP_WORDS: Final[Mapping[Step, str]] = {
    Step.FACTS: "Your clinic",
    Step.TEAM: "Who signs in",
    Step.MESSAGES: "Messages",
    Step.MOVES: "Exercises to begin with",
    Step.CLIENT: "Your first client",
}


class Missing(Worded):
    """What a clinic lacks before it may go live; each with the msgid that tells its owner."""

    PROVIDER = "provider", "A text or mail provider is set on this installation. Whoever runs it does that."
    TESTED = "tested", "A test email to you has left."
    FACTS = "facts", "Name for texts, emergency number and quiet hours are saved in step 1."


@dataclass(frozen=True, slots=True)
class Known:
    """What the steps are judged by. `mail`: there is a mail provider, so a test email shows that it works."""

    set_up: Collection[str]
    provider: bool
    mail: bool
    tested: bool
    has_client: bool


def done(known: Known) -> dict[Step, bool]:
    found = {step: step in known.set_up for step in Step}
    return {**found, Step.CLIENT: known.has_client or found[Step.CLIENT]}


def skipped(known: Known) -> set[Step]:
    return {step for step in Step if f"{SKIPPED}{step}" in known.set_up}


def is_over(known: Known) -> bool:
    """Nothing more to remind of."""
    return PUT_AWAY in known.set_up or all(is_done or step in skipped(known) for step, is_done in done(known).items())


def missing(known: Known) -> list[Missing]:
    holds = {
        Missing.PROVIDER: known.provider,
        Missing.TESTED: known.tested or not known.mail,
        Missing.FACTS: Step.FACTS in known.set_up,
    }
    return [one for one, is_there in holds.items() if not is_there]


def refuse_too_early(lacking: Iterable[Missing]) -> None:
    problems = [FieldProblem(f"/{one}", "missing", one.msgid) for one in lacking]
    if problems:
        raise Refused(problems)


def with_step(set_up: Iterable[str], name: str) -> list[str]:
    """What is done is skipped no more."""
    return sorted({*set_up, name} - {f"{SKIPPED}{name}"})
