"""What a text left in the diary, in the thread and in the outbox, as the tests compare it."""

from datetime import timedelta
from uuid import uuid4

from service.diary import queries as diary
from service.diary.queries import Diary
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from service.plans.queries import current
from tests.make import NOW, TODAY
from tests.service.conversation.conftest import SYSTEM, Person

Told = tuple[int, list[tuple[str | None, str | None]], list[str]]
GOT_IT = "Got it: %s. Saved for today. Wrong number? Text the right one."
WELL_DONE = "Saved. Well done. To set today's score, reply with a number 0 to 10."
UNCLEAR = "Thanks, we kept your note. You can also reply a number 0 to 10, DONE or SKIP. To stop texts, reply STOP."
NOT_WATCHED = "This line is not watched day and night. For an emergency call 911. We passed your note to your clinic."
NOTED = "Thanks. We passed your note to your clinic."
STOPPED = (
    "Northside: you will get no more texts from us. Your plan still works in the app. Reply START to get texts again."
)


async def day_of(person: Person) -> Diary:
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        return await diary.diary(session, person.client.id, TODAY, TODAY)


async def pains(person: Person) -> list[Told]:
    """Score, pairs of site and side, and aggravators of each entry."""
    return [
        (pain.entry.score, [(site.site, site.side) for site in pain.sites], pain.entry.aggravators)
        for pain in (await day_of(person)).pains
    ]


async def sessions(person: Person) -> list[tuple[str, str | None, list[bool]]]:
    """Outcome, reason, and what was done of the items, in the order of the plan."""
    found = await day_of(person)
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        items = [item.row.id for item in (await current(session, person.client.id, TODAY)).items]
    return [
        (
            entry.row.outcome,
            entry.row.reason,
            [r.done for item in items for r in entry.results if r.plan_item_id == item],
        )
        for entry in found.sessions
    ]


async def readings(person: Person) -> list[tuple[str, str | None]]:
    return [(line.body, line.reading) for line in await person.thread()]


async def ask(person: Person, kind: MessageKind) -> None:
    """A question the person got ten minutes ago."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        outgoing = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel="sms",
            kind=kind,
            dedupe_key=f"test:{uuid4()}",
            due_at=NOW - timedelta(minutes=10),
            expires_at=NOW,
            prompt=kind.value,
        )
        message_id = await enqueue(session, outgoing, NOW)
        message = await session.get_one(Message, (session.clinic_id, message_id))
        message.state, message.accepted_at = "delivered", NOW - timedelta(minutes=10)
