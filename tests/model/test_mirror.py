"""The model is worth as much as it is like the code: the same words give the same settlements, the same evidence the
same decision, and the real times come in the order that the model takes for granted."""

import json
import random
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import TextClause

from scheduler import claims, evidence
from scheduler.channels import base
from scheduler.evidence import Doubtful
from scheduler.messages import Claimed
from scheduler.outcomes import settlement_of
from scheduler.reconcile import Reconciler
from scheduler.timing import NORMAL, Timing
from service.database.tenancy import ClinicSession, Database
from service.ids import new_id
from tests.make import NOW
from tests.model.finding_out import Evidence, weigh
from tests.model.sending import SETTLEMENTS
from tests.model.state import Message, Outcome, Protocol, Weighed, World

ID = new_id(NOW)
HOUR = timedelta(hours=1)

OUTCOMES: Mapping[Outcome, base.Outcome] = {
    "sent": base.Sent("SM1"),
    "later": base.Later(30),
    "unreached": base.Unreached("refused"),
    "unknown": base.Unknown("reset"),
    "refused": base.Refused("21211"),
}
FOUND: Mapping[Evidence, base.Evidence] = {
    "found": base.Found("SM1"),
    "absent": base.Absent(),
    "cannot_tell": base.CannotTell(can_ever_tell=True),
    "can_never_tell": base.CannotTell(can_ever_tell=False),
}


def _claimed() -> Claimed:
    return Claimed(
        id=ID,
        client_id=ID,
        contact_point_id=ID,
        channel="sms",
        kind="check_in",
        params={},
        occurrence_id=None,
        day=None,
        lease_token=1,
        priority=5,
        due_at=NOW,
        expires_at=NOW + HOUR,
        created_at=NOW,
        soft_fails=0,
        zone="UTC",
        reminder_id=None,
    )


@pytest.mark.parametrize("word", OUTCOMES)
def test_every_word_of_a_worker_settles_as_in_the_model(word: Outcome) -> None:
    settlement = settlement_of(OUTCOMES[word], _claimed(), NOW, random.Random(1), NORMAL)
    assert (settlement.state, settlement.reason or "") == SETTLEMENTS[word]
    assert settlement.give_back == (settlement.state == "queued")


@pytest.mark.parametrize("word", ["later", "unreached"])
def test_a_wait_beyond_the_window_ends_the_message(word: Outcome) -> None:
    settlement = settlement_of(OUTCOMES[word], _claimed(), NOW + HOUR, random.Random(1), NORMAL)
    assert (settlement.state, settlement.reason, settlement.give_back) == ("expired", "late", 1)


class Rows:
    def scalars(self) -> list[UUID]:
        return [ID]


class Wrote:
    """Stands where the database would be, and says in the model's words what was written to it."""

    clinic_id = ID
    word: Weighed | None = None

    async def execute(self, statement: TextClause, values: Mapping[str, Any]) -> Rows | None:
        if statement is claims._RECORD and values["from_state"] == "uncertain":
            [ending] = json.loads(values["endings"])
            self.word = {"accepted": "accept", "expired": "never"}[ending["state"]]  # type: ignore[assignment]
            return Rows()
        if statement is evidence._CHECK_LATER:
            self.word = "check_later" if values["absent"] else "ask_again_later"
        elif statement is evidence._PROVEN_ABSENT:
            self.word = "proven_absent"
        return None


def _doubtful(message: Message, *, in_window: bool) -> Doubtful:
    return Doubtful(
        id=ID,
        channel="sms",
        occurrence_id=None,
        lease_token=1,
        attempts=message.attempts,
        max_attempts=2,
        checks=message.checks,
        started_at=NOW,
        body_sha256=b"x" * 32,
        provider_message_id=None,
        address="+12025550101",
        address_mark=b"m" * 16,
        quarantine_over=message.quarantine_over,
        in_window=in_window,
    )


@pytest.mark.anyio
@pytest.mark.parametrize("found", FOUND)
async def test_every_evidence_is_weighed_as_in_the_model(found: Evidence) -> None:
    reconciler = Reconciler(cast(Database, None), {})
    for attempts, checks, quarantine_over, in_window in product((1, 2), (0, 1, 2), (False, True), (False, True)):
        message = Message("uncertain", attempts=attempts, checks=checks, quarantine_over=quarantine_over)
        wrote = Wrote()
        doubtful = _doubtful(message, in_window=in_window)
        await reconciler._weigh(cast(ClinicSession, wrote), doubtful, FOUND[found])
        assert wrote.word == weigh(Protocol(), World(), message, found, in_window=in_window), doubtful


@pytest.mark.parametrize("timing", [NORMAL, NORMAL.faster(20)])
def test_times_come_in_the_order_of_the_model(timing: Timing) -> None:
    deadline = timing.flight - timing.last_call
    assert 0 < deadline < timing.flight <= timing.lease, "whoever outlives a flight or a lease is late"
    assert deadline + timing.exchange <= timing.flight, "who does not stand still hears its answer in its flight"
    assert timing.exchange < timing.first_look, "no look before a request that nothing holds up has arrived"
    assert timing.flight < timing.quarantine, "an absence counts long after the flight"
