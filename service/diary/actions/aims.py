"""What somebody aims for in the week to come."""

from datetime import datetime, timedelta

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.entries import today_of
from service.diary.rules.aims import FEWEST_DAYS, MOST_DAYS, monday_of
from service.diary.tables import WeekAim
from service.errors import Refused
from service.ids import new_id


async def aim_for_next_week(session: ClinicSession, client: Client, days: int | None, now: datetime) -> WeekAim:
    """A second answer takes the place of the first."""
    if days is None or not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Refused.one("/days", "range", "Tap one of the answers.")
    seq = await next_seq(session, client.id)
    monday = monday_of(today_of(client, now)) + timedelta(days=7)
    aim = await queries.week_aim(session, client.id, monday)
    if aim is None:
        aim = WeekAim(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=client.id,
            sync_seq=seq,
            created_at=now,
            monday=monday,
            days=days,
        )
        session.add(aim)
        record(session, now, "create", "week_aim", aim.id, client_id=client.id, fields=["days"])
    elif aim.days != days:
        aim.sqlmodel_update({"days": days, "sync_seq": seq})
        record(session, now, "correct", "week_aim", aim.id, client_id=client.id, fields=["days"])
    return aim
