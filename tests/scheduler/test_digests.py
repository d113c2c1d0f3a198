"""A mail to staff is handed to the mail server once, whatever happens in between, and says what the ledger held."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from scheduler.digests import Digests, mark
from scheduler.timing import NORMAL
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from service.ids import new_id
from tests.far_ends import MailServer
from tests.make import make_client
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def written(process: Notifier, **fields: Any) -> UUID:
    """A mail of today for Sam, who wants them."""
    mail_id, now = new_id(utc_now()), utc_now()
    values = {"clinic": process.team.clinic_id, "staff": process.team.therapist_id, "id": mail_id, "now": now}
    await process.shift("DELETE FROM digest_mail")
    await process.shift(
        "INSERT INTO digest_wish VALUES (:clinic, :staff, '08:00', 'UTC', 127, :now) "
        "ON CONFLICT (clinic_id, staff_id) DO UPDATE SET next_at = :now",
        **{key: values[key] for key in ("clinic", "staff", "now")},
    )
    await process.shift(
        "INSERT INTO digest_mail (clinic_id, id, staff_id, day, state, address, about, due_at, expires_at, lease_token,"
        " soft_fails, created_at) VALUES (:clinic, :id, :staff, current_date, 'queued', 's@c.example',"
        " CAST(:about AS jsonb), :now - interval '1 second', :now + interval '4 hours', 0, 0, :now)",
        about='{"counts": {"call": 1}, "named": [["Maria L.", "danger"]]}',
        **values,
    )
    for name, value in fields.items():
        await process.shift(f"UPDATE digest_mail SET {name} = :value", value=value)
    return mail_id


async def state(process: Notifier) -> tuple[str, str | None, dict[str, Any]]:
    async with process.owner.installation_tx() as connection:
        row = (await connection.execute(text("SELECT state, reason, about FROM digest_mail"))).one()
        return row.state, row.reason, row.about


def digests(process: Notifier) -> Digests:
    delivery = process.delivery
    return Digests(delivery.database, delivery.channels, delivery.renderer.settings, delivery.senders)


async def test_it_arrives_once_with_no_word_about_health_and_the_names_are_forgotten(
    notifier_process: Notifier, mail: MailServer
) -> None:
    mail_id = await written(notifier_process)
    assert await digests(notifier_process).tick() == 1
    assert await digests(notifier_process).tick() == 0
    [(sent_to, letter)] = mail.accepted
    assert sent_to == "s@c.example"
    assert letter["Subject"] == "Who needs you first today"
    assert letter["Message-ID"] == f"<{mail_id}@127.0.0.1>"
    assert letter["X-Clamshell-Message"] == str(mail_id)
    body = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Maria L. told us something to read now." in body
    assert "Open the caseload: http://127.0.0.1:9/caseload" in body
    assert "Another hour, or no more of these emails: http://127.0.0.1:9/digest" in body
    assert await state(notifier_process) == ("sent", None, {})


async def test_what_was_marked_is_never_sent_again_and_what_is_not_wanted_or_too_late_not_at_all(
    notifier_process: Notifier, mail: MailServer
) -> None:
    await written(notifier_process)
    async with notifier_process.delivery.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        [_] = await mark(session, "email", NORMAL.flight, 1)
    # Killed here: while the flight lasts nobody touches it, and then it is in doubt for good.
    await digests(notifier_process).tick()
    assert (await state(notifier_process))[0] == "in_flight"
    await notifier_process.shift("UPDATE digest_mail SET lease_until = now() - interval '1 second'")
    await digests(notifier_process).tick()
    assert await state(notifier_process) == ("expired", "uncertain", {})
    await written(notifier_process)
    await notifier_process.shift("UPDATE digest_wish SET next_at = NULL")
    await digests(notifier_process).tick()
    assert await state(notifier_process) == ("skipped", "not_wanted", {})
    await written(notifier_process, expires_at=utc_now() - timedelta(milliseconds=1))
    await digests(notifier_process).tick()
    assert await state(notifier_process) == ("expired", "late", {})
    # What a restored database still holds may have gone out from the other copy.
    await written(notifier_process)
    await notifier_process.shift("UPDATE epoch SET recovered_at = now()")
    await digests(notifier_process).tick()
    await notifier_process.shift("UPDATE epoch SET recovered_at = NULL")
    assert await state(notifier_process) == ("expired", "uncertain", {})
    assert mail.accepted == []


async def test_an_outcome_that_cannot_be_recorded_spoils_no_other(notifier_process: Notifier, mail: MailServer) -> None:
    bad = await written(notifier_process)
    await _wants_too(notifier_process, notifier_process.team.owner_id)
    await notifier_process.shift(
        "CREATE FUNCTION no_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.id = '{bad}' AND NEW.state = 'sent' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$"
    )
    await notifier_process.shift(
        "CREATE TRIGGER no_end BEFORE UPDATE ON digest_mail FOR EACH ROW EXECUTE FUNCTION no_end()"
    )
    await digests(notifier_process).tick()
    await notifier_process.shift("DROP FUNCTION no_end() CASCADE")
    assert len(mail.accepted) == 2
    async with notifier_process.owner.installation_tx() as connection:
        states = await connection.execute(text("SELECT state FROM digest_mail ORDER BY id = :bad"), {"bad": bad})
        assert list(states.scalars()) == ["sent", "in_flight"]
    await notifier_process.shift("DELETE FROM digest_mail")


async def test_a_mail_server_that_is_busy_gets_it_a_little_later(notifier_process: Notifier, mail: MailServer) -> None:
    await written(notifier_process)
    mail.answers.append("451 4.3.0 try later")
    await digests(notifier_process).tick()
    assert (await state(notifier_process))[:2] == ("queued", None)
    await notifier_process.shift("UPDATE digest_mail SET due_at = now() - interval '1 second'")
    await digests(notifier_process).tick()
    assert len(mail.accepted) == 1
    assert (await state(notifier_process))[0] == "sent"


async def _wants_too(process: Notifier, staff_id: UUID) -> None:
    """A second mail of today, to somebody else."""
    await process.shift(
        "INSERT INTO digest_mail SELECT (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(),"
        " 'staff_id', CAST(:other AS uuid)))).* FROM digest_mail m",
        other=staff_id,
    )
    await process.shift(
        "INSERT INTO digest_wish SELECT clinic_id, :other, local_time, zone, weekdays, next_at FROM digest_wish"
        " ON CONFLICT DO NOTHING",
        other=staff_id,
    )


async def _states(process: Notifier) -> list[str]:
    async with process.owner.installation_tx() as connection:
        return list((await connection.execute(text("SELECT state FROM digest_mail ORDER BY state"))).scalars())


async def _sender(process: Notifier, failures: int, open_for: int | None = None) -> None:
    """What is known of the mail server: failures in a row, and for how many seconds nothing is tried."""
    await process.shift("DELETE FROM sender_pace")
    await process.delivery.senders.take_turn(process.delivery.channels["email"], 1)
    await process.shift(
        "UPDATE sender_pace SET failures = :failures, opened_at = :now, trouble = :trouble, open_until = :until",
        failures=failures,
        now=utc_now() if open_for else None,
        trouble="silent" if open_for else None,
        until=utc_now() + timedelta(seconds=open_for) if open_for else None,
    )


async def test_it_waits_while_nothing_gets_through_to_the_mail_server_and_one_finds_out(
    notifier_process: Notifier, mail: MailServer
) -> None:
    await written(notifier_process)
    await _wants_too(notifier_process, notifier_process.team.owner_id)
    await _sender(notifier_process, failures=5, open_for=60)
    ours = digests(notifier_process)
    assert await ours.tick() == 0
    await _sender(notifier_process, failures=5, open_for=-1)
    mail.answers.append("421 4.3.2 not now")
    # One of the two; the server asks for a pause, which all mail keeps.
    assert [await ours.tick(), await ours.tick()] == [1, 0]
    await notifier_process.shift("UPDATE sender_pace SET next_free_at = now()")
    assert await ours.tick() == 1
    assert len(mail.accepted) == 1
    assert await _states(notifier_process) == ["queued", "sent"]


async def test_a_mail_in_doubt_counts_for_the_sender_of_all_mail(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.queued("email")
    await written(notifier_process)
    await _sender(notifier_process, failures=4)
    # No answer that says anything.
    mail.answers.append("what?")
    assert await digests(notifier_process).tick() == 1
    assert await state(notifier_process) == ("expired", "uncertain", {})
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(client)).state == "queued"
    assert mail.accepted == []


async def test_that_nobody_looked_is_told_to_whoever_works_there_with_or_without_a_mail_of_the_morning(
    notifier_process: Notifier, mail: MailServer
) -> None:
    await written(notifier_process)
    team = notifier_process.team
    async with notifier_process.owner.clinic_tx(team.clinic_id, team.therapist) as session:
        maria = await make_client(session, team.therapist_id)
    await notifier_process.shift("UPDATE digest_wish SET next_at = NULL")
    await notifier_process.shift(
        "UPDATE digest_mail SET kind = 'overdue', client_id = :client, rule = 'danger', since = now(), step = 1,"
        " about = CAST(:about AS jsonb)",
        client=maria.id,
        about='{"name": "Maria L.", "rule": "danger", "look_by": "2026-03-10T12:00:00-04:00", "before": []}',
    )
    assert await digests(notifier_process).tick() == 1
    [(_, letter)] = mail.accepted
    assert letter["Subject"] == "Somebody waits for your clinic"
    body = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"Look now: http://127.0.0.1:9/clients/{maria.id}" in body
    assert await state(notifier_process) == ("sent", None, {})
    # Whoever has left is told nothing.
    await notifier_process.shift("UPDATE digest_mail SET state = 'queued', settled_at = NULL")
    await notifier_process.shift("UPDATE staff SET active = false")
    assert await digests(notifier_process).tick() == 0
    await notifier_process.shift("UPDATE staff SET active = true")
    assert (await state(notifier_process))[:2] == ("skipped", "not_wanted")


async def test_an_invitation_goes_to_somebody_who_does_not_work_there_yet(
    notifier_process: Notifier, mail: MailServer
) -> None:
    await written(notifier_process, kind="invite", about='{"by": "Olga"}')
    await notifier_process.shift(
        "UPDATE staff SET active = false WHERE id = :id", id=notifier_process.team.therapist_id
    )
    await notifier_process.shift("DELETE FROM digest_wish")
    assert await digests(notifier_process).tick() == 1
    assert [letter["Subject"] for _, letter in mail.accepted] == ["You are invited to your clinic's team"]
