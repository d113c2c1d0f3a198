"""What a channel answered, in the words of the outbox: what the message becomes, and the evidence that is kept."""

import random
from datetime import datetime
from typing import assert_never
from uuid import UUID

from scheduler import retry
from scheduler.channels.base import Later, Outcome, Refused, Sent, Unknown, Unreached
from scheduler.messages import Claimed, Proof, Settlement, postponed
from scheduler.timing import Timing
from service.outbox.rules import MessageKind
from service.reminders.failures import Failed
from service.reminders.reasons import FAILED, Reason


def settlement_of(
    outcome: Outcome, message: Claimed, now: datetime, chance: random.Random, timing: Timing
) -> Settlement:
    match outcome:
        case Sent(provider_message_id=provider_message_id):
            return Settlement("accepted", provider_message_id=provider_message_id)
        case Later(retry_after_seconds=seconds):
            return postponed(message, retry.after_told_to_wait(now, seconds), give_back=1)
        case Unreached():
            wait = retry.after_unreached(now, message.soft_fails, chance, timing)
            return postponed(message, wait, give_back=1, soft_fail=1)
        case Unknown():
            return Settlement("uncertain", "no_answer", check_at=retry.first_look(now, timing))
        case Refused(opted_out=True):
            return Settlement("suppressed", Reason.OPTED_OUT.value)
        case Refused(failure=failure):
            return Settlement("failed", FAILED[failure].value)
        case _:
            assert_never(outcome)


def failed(message: Claimed, outcome: Refused) -> Failed:
    kind = MessageKind(message.kind)
    return Failed(message.id, message.contact_point_id, message.channel, kind, outcome.failure, outcome.code)


def proof_of(attempt_id: UUID, outcome: Outcome) -> Proof:
    match outcome:
        case Sent(provider_message_id=provider_message_id):
            return Proof(attempt_id, "accepted", provider_message_id=provider_message_id)
        case Later(code=code):
            return Proof(attempt_id, "refused_not_processed", code=code)
        case Unreached(detail=detail):
            return Proof(attempt_id, "never_reached", detail=detail)
        case Unknown(detail=detail, status_code=status_code):
            return Proof(attempt_id, "ambiguous", status_code=status_code, detail=detail)
        case Refused(code=code, detail=detail, status_code=status_code, opted_out=opted_out):
            kind = "opted_out" if opted_out else "permanent"
            return Proof(attempt_id, kind, status_code=status_code, code=code, detail=detail)
        case _:
            assert_never(outcome)
