"""Messages of days gone by, as the scheduler would have sent them into the test inbox."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from service.accounts.codes import link_token
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import Client, Clinic, ContactPoint
from service.database.rows import as_rows, octets
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.outbox.actions import Delivery, Outgoing, deliver_to_inbox
from service.outbox.rules import MessageKind, mail_of, text_of
from service.reminders.failures import links_in
from service.words import translator

_ON_ITS_WAY = timedelta(seconds=2)


_WAITING: Final = text(
    # In the order of `Waiting`.
    "SELECT id, contact_point_id, channel, kind, params, dedupe_key, due_at, expires_at, occurrence_id, day"
    " FROM message WHERE clinic_id = :clinic_id AND client_id = :client_id AND state = 'queued'"
)
# The messages and their attempts as they stand once the test inbox took them. Those of many days are queued together,
# and each would have been when it came due: pages show the newest by that.
_TAKEN: Final = text(
    "WITH taken AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:taken AS json)) AS a(message_id uuid, id uuid,"
    "  started_at timestamptz, finished_at timestamptz, provider_message_id text, body_sha256 bytea)),"
    " settled AS (UPDATE message m SET state = 'accepted', attempts = 1, lease_token = 1,"
    "  provider_message_id = a.provider_message_id, accepted_at = a.finished_at, settled_at = a.finished_at,"
    "  updated_at = a.finished_at, created_at = LEAST(m.created_at, a.started_at)"
    "  FROM taken a WHERE m.clinic_id = :clinic_id AND m.id = a.message_id) "
    "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, finished_at, outcome,"
    "  provider_message_id, body_sha256) "
    "SELECT :clinic_id, a.id, a.message_id, 1, 1, 'inbox', a.started_at, a.finished_at, 'accepted',"
    "  a.provider_message_id, a.body_sha256 FROM taken a"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is queued."""

    id: UUID
    contact_point_id: UUID
    channel: str
    kind: str
    params: Mapping[str, Any]
    dedupe_key: str
    due_at: datetime
    expires_at: datetime
    occurrence_id: UUID | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str | None
    text: str


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Links lead to `public_url`, keyed so that the running demo knows them."""

    clinic: Clinic
    secret_key: str
    public_url: str

    async def deliver(self, session: ClinicSession, client: Client, points: Sequence[ContactPoint]) -> None:
        """Sends what waits for this person, each at its own time."""
        addresses = {point.id: point.address for point in points}
        which = {"clinic_id": session.clinic_id, "client_id": client.id}
        messages = [Waiting(*row) for row in await session.execute(_WAITING, which)]
        if not messages:
            return
        links = [link for message in messages for link in self._links(message, client)]
        if links:
            await make_links(session, links, messages[-1].due_at)
        sent = [(message, new_id(message.due_at), self.letter(message, client)) for message in messages]
        taken = as_rows(_attempt(message, attempt_id, letter) for message, attempt_id, letter in sent)
        await session.execute(_TAKEN, {"clinic_id": session.clinic_id, "taken": taken})
        reached = [
            Delivery(
                client_id=client.id,
                message_id=message.id,
                attempt_id=attempt_id,
                medium=message.channel,
                sent_to=addresses[message.contact_point_id],
                subject=letter.subject,
                body=letter.text,
                html=None,
                headers={},
                at=message.due_at + _ON_ITS_WAY,
            )
            for message, attempt_id, letter in sent
        ]
        await deliver_to_inbox(session, reached)

    def letter(self, message: Waiting, client: Client) -> Letter:
        kind = MessageKind(message.kind)
        say = translator(client.locale).gettext
        values = {
            **message.params,
            "clinic": self.clinic.short_name,
            "phone": self.clinic.phone,
            "emergency": self.clinic.emergency_number,
            "most": self.clinic.texts_per_day,
            "link": self._link("answer", message),
        }
        if message.channel == "sms":
            return Letter(None, text_of(kind, say, values))
        stop = {"stop": self._link("unsubscribe", message)} if message.occurrence_id else {}
        return Letter(*mail_of(kind, say, values | stop))

    def _link(self, purpose: str, message: Waiting) -> str:
        return f"{self.public_url}/r/{link_token(self.secret_key, purpose, message.id)}"

    def _links(self, message: Waiting, client: Client) -> Iterator[NewLink]:
        if message.occurrence_id is None:
            return
        outgoing = Outgoing(
            client.id,
            message.contact_point_id,
            message.channel,
            MessageKind(message.kind),
            message.dedupe_key,
            message.due_at,
            message.expires_at,
            day=message.day,
        )
        yield from links_in(outgoing, message.id, self.secret_key, message.due_at)


def _attempt(message: Waiting, attempt_id: UUID, letter: Letter) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "id": attempt_id,
        "started_at": message.due_at,
        "finished_at": message.due_at + _ON_ITS_WAY,
        "provider_message_id": f"inbox-{attempt_id}",
        "body_sha256": octets(hashlib.sha256(letter.text.encode()).digest()),
    }
