"""Mail over SMTP: what each answer and each silence means for a mail and for those that follow."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from msgspec import structs

from scheduler.channels.base import Later, Outcome, Refused, Sent, Unknown, Unreached
from scheduler.channels.turns import NO_TURN
from scheduler.circuit import tally
from scheduler.timing import NORMAL
from service.clock import monotonic
from service.outbox.codes import Failure
from tests.scheduler.smtp import HANG_UP, SILENT, Script, parcel, talking_to

pytestmark = pytest.mark.anyio

NO_SUCH_USER = "550 5.1.1 no such user"
ANSWERS: Sequence[tuple[dict[str, list[str]], Outcome]] = [
    # Before DATA nothing can have been taken.
    ({"greeting": [HANG_UP]}, Unreached("SMTPServerDisconnected")),
    ({"greeting": ["554 5.7.1 you are blocked"]}, Later(60.0, "5.7.1")),
    ({"mail": [HANG_UP]}, Unreached("SMTPServerDisconnected")),
    ({"rcpt": [HANG_UP]}, Unreached("SMTPServerDisconnected")),
    ({"rcpt": ["what?"]}, Unreached("SMTPResponseException")),
    # From DATA on it may have been.
    ({"data": [HANG_UP]}, Unknown("SMTPServerDisconnected")),
    ({"end": [HANG_UP]}, Unknown("SMTPServerDisconnected")),
    ({"end": ["what?"]}, Unknown("SMTPResponseException")),
    # A refusal is certain wherever it comes.
    ({"mail": ["421 4.3.2 closing"]}, Later(None, "4.3.2")),
    ({"end": ["421 closing"]}, Later(None, "421")),
    ({"rcpt": ["451 4.7.1 greylisted"]}, Later(None, "4.7.1", whole_sender=False)),
    ({"rcpt": ["452 4.2.2 mailbox full"]}, Later(None, "4.2.2", whole_sender=False)),
    ({"data": ["450 try again"]}, Later(None, "450", whole_sender=False)),
    ({"rcpt": [NO_SUCH_USER]}, Refused("5.1.1", "5.1.1 no such user", 550, failure=Failure.INVALID_ADDRESS)),
    ({"rcpt": ["550 <m@x>: Recipient address rejected: User unknown"]},
     Refused("550", "<m@x>: Recipient address rejected: User unknown", 550, failure=Failure.INVALID_ADDRESS)),
    ({"rcpt": ["552 5.2.2 mailbox full"]}, Refused("5.2.2", "5.2.2 mailbox full", 552)),
    ({"rcpt": ["550 5.7.1 rejected by policy"]}, Refused("5.7.1", "5.7.1 rejected by policy", 550)),
    ({"rcpt": ["554 5.7.1 Relay access denied"]}, Later(60.0, "5.7.1")),
    ({"end": ["554 5.6.0 bad content"]}, Refused("5.6.0", "5.6.0 bad content", 554)),
    # One clinic's sender may not write: that clinic's mail waits, and nobody else's.
    ({"mail": ["550 5.1.8 sender domain not found"]}, Later(60.0, "5.1.8", whole_sender=False)),
    (
        {"mail": ["530 5.7.0 Authentication required"]},
        Later(60.0, "5.7.0", whole_sender=False, own_login=True),
    ),
    ({}, Sent("<0@app.example>")),
]  # fmt: skip


async def test_each_answer_means_one_thing_and_the_next_mail_goes_through() -> None:
    for said, meant in ANSWERS:
        script = Script(**said)  # type: ignore[arg-type]
        async with talking_to(script) as channel:
            assert await channel.send(parcel()) == meant, said
            assert await channel.send(parcel(1)) == Sent("<1@app.example>"), said


async def test_a_refused_login_is_our_own_trouble_and_is_tried_again() -> None:
    """The circuit opens at once for it, and says so to staff; nothing was announced, so nothing can have been taken."""
    script = Script(login=["535 5.7.8 wrong user or password"])
    async with talking_to(script, user="clinic") as channel:
        refused = await channel.send(parcel())
        assert refused == Later(60.0, "5.7.8", whole_sender=False, own_login=True)
        assert tally([refused]).login
        assert script.count("MAIL") == 0
        assert await channel.send(parcel(1)) == Sent("<1@app.example>")


async def test_what_is_left_of_a_refused_mail_is_taken_back_before_the_next() -> None:
    script = Script(rcpt=[NO_SUCH_USER])
    async with talking_to(script) as channel:
        await channel.send(parcel())
        await channel.send(parcel(1))
    assert [line[:4] for line in script.heard] == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


async def test_a_kept_connection_that_has_died_costs_no_mail_its_certainty() -> None:
    script = Script()
    async with talking_to(script) as channel:
        await channel.send(parcel())
        for answer in (HANG_UP, "421 4.4.2 timeout, closing"):
            # It dies only when the next mail is announced: nobody can know before.
            script.mail.append(answer)
            assert isinstance(await channel.send(parcel()), Sent)
    # Two mails of three were announced twice, on a new connection; nobody asked first whether the old one lives.
    assert (script.count("MAIL"), script.count("EHLO"), script.count("NOOP")) == (5, 3, 0)


async def test_mails_go_side_by_side_on_as_many_connections_as_the_server_wants() -> None:
    crowd = Script(room=3)
    async with talking_to(crowd) as channel:
        outcomes = await asyncio.gather(*(channel.send(parcel(number)) for number in range(40)))
    assert {type(outcome) for outcome in outcomes} == {Sent}
    assert crowd.count("EHLO") == 3
    alone = Script()
    async with talking_to(alone) as channel:
        for number in range(5):
            await channel.send(parcel(number))
    assert alone.count("EHLO") == 1


async def test_a_silent_server_is_waited_for_no_longer_than_the_flight() -> None:
    hasty = replace(NORMAL.faster(15), quarantine=100)
    for script, meant in ((Script(rcpt=[SILENT]), Unreached), (Script(end=[SILENT]), Unknown)):
        async with talking_to(script, hasty) as channel:
            late = structs.replace(parcel(), send_before=monotonic() + hasty.last_call)
            assert isinstance(await channel.send(late), meant)
            assert monotonic() < late.send_before + hasty.last_call
            too_late = structs.replace(parcel(), send_before=monotonic() - 0.01)
            assert await channel.send(too_late) == NO_TURN
            assert script.count("MAIL") == 1


async def test_an_address_or_header_that_cannot_be_written_is_refused_before_the_wire() -> None:
    script = Script()
    async with talking_to(script) as channel:
        for wrong in (
            structs.replace(parcel(), sent_to="niño@mail.example"),
            structs.replace(parcel(), subject="a\r\nBcc: b@c.example"),
        ):
            assert isinstance(await channel.send(wrong), Refused)
    assert script.heard == []
