"""What is true about many due moments at once. The notifier may know that something was logged on a day, never what:
its statements name the columns it is allowed to see, and each reads for a whole batch."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from service.accounts.tables import ContactPoint
from service.database.rows import as_rows
from service.database.sealing import opened, packed
from service.database.tenancy import ClinicSession
from service.reminders.moments import Moment
from service.reminders.plan_states import NO_PLAN, PlanState, plan_states

# A message is made at most a quarter of an hour before it may go and is over within a day: what was made before
# cannot have been sent in the days that are counted.
_MADE_BEFORE: Final = timedelta(days=2)

_FACTS = text(
    # Nothing in it comes from outside.
    "WITH asked AS MATERIALIZED (SELECT *"  # noqa: S608
    "  FROM json_to_recordset(CAST(:moments AS json)) AS m(key uuid,"
    "  client_id uuid, contact_point_id uuid, day date, day_starts_at timestamptz, week_starts_at timestamptz,"
    "  kind text, reminder_id uuid)) "
    "SELECT a.key, a.day, c.zone, c.locale, cl.short_name, cl.phone AS clinic_phone, cl.emergency_number, cl.sms_from,"
    "  cl.mail_from, cl.live_at, COALESCE(c.quiet_from, cl.quiet_from), COALESCE(c.quiet_until, cl.quiet_until),"
    "  cl.texts_per_day, cl.texts_per_week,"
    f"  {packed(ContactPoint, 'address', 'cp')}, cp.opted_out_at IS NOT NULL AS opted_out,"
    "  EXISTS (SELECT 1 FROM consent s WHERE s.clinic_id = c.clinic_id AND s.client_id = c.id"
    "    AND s.channel = cp.channel AND s.withdrawn_at IS NULL) AS consented,"
    # The question about the plan may become one about both (`scheduler.bundling`).
    "  CASE WHEN a.kind IN ('check_in', 'plan') THEN EXISTS (SELECT 1 FROM pain_entry p"
    "    WHERE p.clinic_id = c.clinic_id AND p.client_id = c.id AND p.day = a.day AND p.deleted_at IS NULL)"
    "    ELSE false END AS checked_in,"
    "  CASE WHEN a.kind = 'plan' THEN (SELECT s.outcome FROM exercise_session s WHERE s.clinic_id = c.clinic_id"
    "    AND s.client_id = c.id AND s.day = a.day AND s.deleted_at IS NULL LIMIT 1) END AS session_outcome,"
    "  CASE WHEN a.kind = 'habit' THEN (SELECT count(*) FROM habit_mark h WHERE h.clinic_id = c.clinic_id"
    "    AND h.client_id = c.id AND h.day = a.day AND h.deleted_at IS NULL) ELSE 0 END AS habits_marked,"
    "  sends.today AS sent_today, sends.this_week AS sent_this_week, sends.in_24_h AS sent_in_24_h,"
    "  previous.accepted_at AS previous_at, previous.zone AS previous_zone,"
    "  EXISTS (SELECT 1 FROM red_flag f WHERE f.clinic_id = c.clinic_id AND f.client_id = c.id"
    "    AND f.closed_at IS NULL AND f.deleted_at IS NULL) AS red_flag_open,"
    "  CASE WHEN a.kind = 'plan' THEN (SELECT max(p.flare_until) FROM pain_entry p WHERE p.clinic_id = c.clinic_id"
    "    AND p.client_id = c.id AND p.day >= a.day - 1 AND p.deleted_at IS NULL) END AS flare_until,"
    "  COALESCE(rr.ask_days, 127) AS asked_on, COALESCE(rr.rung, 0) >= 10 AS silent,"
    "  r.ended_at IS NOT NULL AS reminder_ended, COALESCE(r.paused_until >= a.day, false) AS reminder_paused "
    "FROM asked a "
    "JOIN client c ON c.clinic_id = :clinic_id AND c.id = a.client_id "
    "JOIN clinic cl ON cl.clinic_id = :clinic_id "
    "JOIN contact_point cp ON cp.clinic_id = :clinic_id AND cp.id = a.contact_point_id AND cp.client_id = c.id "
    "LEFT JOIN reminder r ON r.clinic_id = :clinic_id AND r.id = a.reminder_id "
    "LEFT JOIN reminder_rhythm rr ON rr.clinic_id = :clinic_id AND rr.client_id = a.client_id "
    "LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE m.accepted_at >= a.day_starts_at"
    "    AND m.state <> 'undelivered') AS today,"
    "  count(*) FILTER (WHERE m.accepted_at >= a.week_starts_at AND m.state <> 'undelivered') AS this_week,"
    "  count(*) FILTER (WHERE m.accepted_at >= :day_before AND m.channel = 'sms'"
    "    AND m.contact_point_id = a.contact_point_id) AS in_24_h"
    "  FROM message m WHERE m.clinic_id = :clinic_id AND m.client_id = a.client_id AND m.occurrence_id IS NOT NULL"
    "  AND m.accepted_at IS NOT NULL AND m.created_at >= a.week_starts_at - CAST(:made_before AS interval)) sends"
    "  ON true "
    "LEFT JOIN LATERAL (SELECT m.accepted_at, o.zone FROM occurrence o"
    "  JOIN message m ON m.clinic_id = o.clinic_id AND m.occurrence_id = o.id"
    "  WHERE o.clinic_id = :clinic_id AND o.reminder_id = a.reminder_id AND o.day >= a.day - 2 AND o.zone <> c.zone"
    "  AND m.accepted_at IS NOT NULL ORDER BY m.accepted_at DESC LIMIT 1) previous ON true"
)


class Facts(Struct, frozen=True):
    """What is known about a client and one address, for deciding and for writing the message.

    `day` is the moment's; `asked_on` is the mask of the weekdays that are asked about; `silent`: until they are back.
    `checked_in`, `session_outcome`, `habits_marked` and `flare_until` are read where the moment asks for such a thing.
    `previous_at`, `previous_zone`: when this reminder was last sent within two days for another zone, and for which.
    """

    plan: PlanState
    day: date
    zone: str
    locale: str
    short_name: str
    clinic_phone: str
    emergency_number: str
    sms_from: str | None
    mail_from: str | None
    live_at: datetime | None
    quiet_from: time
    quiet_until: time
    texts_per_day: int
    texts_per_week: int
    sealed_address: str
    opted_out: bool
    consented: bool
    checked_in: bool
    session_outcome: str | None
    habits_marked: int
    sent_today: int
    sent_this_week: int
    sent_in_24_h: int
    previous_at: datetime | None
    previous_zone: str | None
    red_flag_open: bool
    flare_until: datetime | None
    asked_on: int
    silent: bool
    reminder_ended: bool
    reminder_paused: bool

    @property
    def address(self) -> str:
        """Opened for whoever writes to it; who only decides has no use for it."""
        return str(opened(ContactPoint, "address", self.sealed_address))


async def facts(session: ClinicSession, moments: Sequence[Moment], now: datetime) -> dict[UUID, Facts]:
    """By the moments' keys, in as many statements for one as for a thousand. An address that is not the client's, and
    whoever is not in this clinic, is left out."""
    if not moments:
        return {}
    plans = await plan_states(session, moments)
    rows = await session.execute(_FACTS, _asked(session.clinic_id, moments, now))
    return {row[0]: Facts(plans.get(row[0], NO_PLAN), *row[1:]) for row in rows}


def _asked(clinic_id: UUID, moments: Sequence[Moment], now: datetime) -> dict[str, Any]:
    return {
        "clinic_id": clinic_id,
        "moments": as_rows(
            {
                "key": moment.key,
                "client_id": moment.client_id,
                "contact_point_id": moment.contact_point_id,
                "day": moment.day,
                "day_starts_at": moment.day_starts_at,
                "week_starts_at": moment.day_starts_at - timedelta(days=moment.day.weekday()),
                "kind": moment.kind,
                "reminder_id": moment.reminder_id,
            }
            for moment in moments
        ),
        "day_before": now - timedelta(days=1),
        "made_before": _MADE_BEFORE,
    }
