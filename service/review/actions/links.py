"""Whether a client sees which habits may go with less pain or more: for their therapist to say."""

from datetime import datetime

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession


async def show_links(session: ClinicSession, client: Client, shown: bool, now: datetime) -> None:
    if client.links_shown == shown:
        return
    client.sqlmodel_update({"links_shown": shown, "sync_seq": await next_seq(session, client.id)})
    record(session, now, "set", "client", client.id, client_id=client.id, fields=["links_shown"])
