from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic
from service.accounts.rules import Right
from service.review import actions
from service.review.actions import digests
from service.review.actions.links import show_links
from service.review.actions.settings import set_settings
from service.review.routes import bulk, helping, limits, monitoring
from service.review.rules import Tier
from service.review.schemas import Caseload, Timeline
from service.review.schemas.alerts import DoneIn, SeenIn, SnoozeIn
from service.review.schemas.digest import DigestIn, DigestOut
from service.review.schemas.links import ShowLinksIn
from service.review.schemas.settings import SettingsIn, SettingsOut
from service.review.schemas.summary import Summary
from service.review.views.caseload import caseload
from service.review.views.client import timeline
from service.review.views.digest import digest_out, wish_in
from service.review.views.settings import changes_in, settings_out
from service.review.views.summary import summary


@get("/caseload", operation_id="getCaseload", tags=["review"])
async def get_caseload(
    staff: AnyCaller,
    tier: FromQuery[Tier | None] = None,
    page: Annotated[int | None, QueryParameter(ge=1, le=100_000, description="Use a whole number from 1.")] = None,
) -> Caseload:
    """Who needs somebody first, and why. A therapist's own clients, or the clinic's for its owner; all of them, or a
    page of fifty."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        return await caseload(session, staff, tier, page=page)


@get("/clients/{client_id:uuid}/timeline", operation_id="getTimeline", tags=["review"])
async def get_timeline(client_id: FromPath[UUID], staff: AnyCaller) -> Timeline:
    """The client's page as data: 60 days of pain, plan and habits, messages and the ledger of reminders."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        return await timeline(session, staff, await record_of(session, staff, client_id))


@get("/clients/{client_id:uuid}/summary", operation_id="getSummary", tags=["review"])
async def get_summary(client_id: FromPath[UUID], staff: AnyCaller, since: FromQuery[date | None] = None) -> Summary:
    """One page of facts before a visit: what was told since a day, by default since the last visit, and without one in
    the last four weeks."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        return await summary(session, staff, await record_of(session, staff, client_id), since)


@post("/caseload/{client_id:uuid}/seen", operation_id="markSeen", status_code=204, tags=["review"])
async def mark_seen(client_id: FromPath[UUID], data: JSONBody[SeenIn], staff: AnyCaller) -> None:
    """Says that somebody looked at what this rule found."""
    staff.require(Right.SEE_RECORD)
    as_of = staff.now if data.as_of is UNSET else data.as_of
    async with staff.tx() as session:
        await record_of(session, staff, client_id)
        await actions.mark_seen(session, client_id, data.rule, as_of, staff.now)


@post("/caseload/{client_id:uuid}/snooze", operation_id="snooze", status_code=204, tags=["review"])
async def snooze(client_id: FromPath[UUID], data: JSONBody[SnoozeIn], staff: AnyCaller) -> None:
    """Puts what this rule found aside for some days; something new wakes it sooner."""
    staff.require(Right.SEE_RECORD)
    as_of = staff.now if data.as_of is UNSET else data.as_of
    async with staff.tx() as session:
        await record_of(session, staff, client_id)
        zone = (await clinic(session)).zone
        await actions.snooze(session, client_id, data.rule, as_of, data.days, zone, staff.now)


@put("/clients/{client_id:uuid}/habit-links", operation_id="showHabitLinks", status_code=204, tags=["review"])
async def put_habit_links(client_id: FromPath[UUID], data: JSONBody[ShowLinksIn], staff: AnyCaller) -> None:
    """Whether the client sees the words of `habit_links` beside their week. Off until somebody turns it on."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await show_links(session, client, data.shown, staff.now)


@post("/caseload/{client_id:uuid}/done", operation_id="markDone", status_code=204, tags=["review"])
async def mark_done(client_id: FromPath[UUID], data: JSONBody[DoneIn], staff: AnyCaller) -> None:
    """Says that what this rule found was dealt with, and how: it leaves the caseload. A warning sign is cleared
    instead, with `closeRedFlag`."""
    staff.require(Right.SEE_RECORD)
    as_of = staff.now if data.as_of is UNSET else data.as_of
    async with staff.tx() as session:
        await record_of(session, staff, client_id)
        await actions.mark_done(session, client_id, data.rule, data.note, as_of, staff.now)


@get("/digest", operation_id="getDigest", for_people=True, tags=["review"])
async def get_digest(staff: AnyCaller) -> DigestOut:
    """When the caller hears by mail who needs them first, and what became of the last of these mails."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        return await digest_out(session, staff)


@put("/digest", operation_id="setDigest", for_people=True, tags=["review"])
async def set_digest(data: JSONBody[DigestIn], staff: AnyCaller) -> DigestOut:
    """One mail on each of these days, when somebody waits; never two a day."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        await digests.set_digest(session, staff.person.id, await wish_in(session, data), staff.now)
        return await digest_out(session, staff)


@delete("/digest", operation_id="endDigest", for_people=True, status_code=204, tags=["review"])
async def end_digest(staff: AnyCaller) -> None:
    """No more of these mails, those on their way included."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        await digests.stop_digest(session, staff.person.id, staff.now)


@get("/settings", operation_id="getSettings", tags=["review"])
async def get_settings(staff: AnyCaller) -> SettingsOut:
    """How the clinic's clients are asked."""
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        return await settings_out(session)


@patch("/settings", operation_id="changeSettings", tags=["review"])
async def change_settings(data: JSONBody[SettingsIn], staff: AnyCaller) -> SettingsOut:
    """Each may only be made stricter than it comes; what is left out stays."""
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        await set_settings(session, changes_in(data), staff.now)
        return await settings_out(session)


routers = [
    Router(
        "/v1",
        route_handlers=[
            get_caseload,
            get_timeline,
            get_summary,
            mark_seen,
            snooze,
            put_habit_links,
            mark_done,
            get_digest,
            set_digest,
            end_digest,
            get_settings,
            change_settings,
            *bulk.handlers,
            *helping.handlers,
            *limits.handlers,
            *monitoring.handlers,
        ],
    )
]
