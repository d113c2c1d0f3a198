"""All versions of a client's plans: who wrote them and when, what was logged under each, and how any two differ."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from service.accounts.guards import Caller
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.queries import sessions
from service.plans.actions.versions import change_lines
from service.plans.queries import Content, contents
from service.review.guards import bar_of
from service.review.queries import staff_names
from service.review.schemas.starting import VersionRow, VersionsView
from service.review.views.entries import change_sentence
from service.review.views.versions import last_day, ran
from service.terms import said

LOOKED_BACK = timedelta(days=2 * 366)


async def compared(session: ClinicSession, staff: Caller, client: Client, old: str, new: str) -> VersionsView:
    """`old` and `new` are ids of versions; the last two where they are not."""
    locale, own = staff.person.locale, await contents(session, client.id, with_replaced=True)
    before, after = _two(own, old, new)
    names, zone = await staff_names(session), ZoneInfo((await find_clinic(session)).zone)
    today = today_of(client, staff.now)
    told = await sessions(session, client.id, today - LOOKED_BACK, today)
    lines = (
        [Sentence.from_stored(line) for line in change_lines(before, after, after.plan.title)]
        if before and after
        else []
    )
    return VersionsView(
        bar=await bar_of(session, staff),
        client_id=client.id,
        client_name=client.name,
        rows=[
            VersionRow(
                id=content.version.id,
                number=content.version.number,
                starts_on=content.version.starts_on,
                ends_on=last_day(content, own) if ran(content, own) else None,
                never_ran=not ran(content, own),
                author=names.get(content.version.created_by, ""),
                made_at=content.version.created_at.astimezone(zone),
                change=said(change_sentence(content), locale),
                days_told=len({one.row.day for one in told if one.row.plan_version_id == content.version.id}),
            )
            for content in reversed(own)
        ],
        old=before.version.id if before else None,
        new=after.version.id if after else None,
        lines=[said(line, locale) for line in lines],
    )


def _two(own: Sequence[Content], old: str, new: str) -> tuple[Content | None, Content | None]:
    """The earlier one first, whichever way round they were picked."""
    picked = [content for content in own if str(content.version.id) in (old, new)]
    standing = [content for content in own if content.version.deleted_at is None]
    chosen = picked if len(picked) == 2 else standing[-2:]
    return (chosen[0], chosen[1]) if len(chosen) == 2 else (None, None)
