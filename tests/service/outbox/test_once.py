"""What may be in the outbox once, for ever."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.accounts.queries import contact_points
from service.accounts.tables import ContactPoint
from service.database.tenancy import Database
from service.outbox.actions import Outgoing, enqueue, enqueue_all
from service.outbox.rules import MessageKind
from tests.make import NOW, make_client, make_team

pytestmark = pytest.mark.anyio


def of(point: ContactPoint, key: str, occurrence_id: UUID | None = None) -> Outgoing:
    return Outgoing(
        client_id=point.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=MessageKind.CHECK_IN,
        dedupe_key=key,
        due_at=NOW,
        expires_at=NOW + timedelta(hours=4),
        occurrence_id=occurrence_id,
    )


async def test_a_due_moment_is_one_message_on_each_channel_and_what_has_none_is_one_by_its_key(
    database: Database,
) -> None:
    team = await make_team(database)
    moment = uuid4()
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        points = {point.channel: point for point in await contact_points(session, client.id)}
        text, mail = points["sms"], points["email"]
        first = await enqueue_all(session, [of(text, "a", moment), of(mail, "b", moment), of(text, "c")], NOW)
        again = await enqueue_all(session, [of(text, "d", moment), of(mail, "e", moment), of(text, "c")], NOW)
        other = await enqueue(session, of(text, "f", uuid4()), NOW)
    assert set(first) == {"a", "b", "c"}
    assert again == {}
    assert other is not None
