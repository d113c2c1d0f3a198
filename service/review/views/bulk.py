"""Who would get a message to many, and who would not and why, worked out when the page is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.audit.actions import look
from service.conversation.actions.bulk import HOLD
from service.conversation.queries.reaching import reach_of
from service.conversation.rules.reaching import MOST_AT_ONCE, NotReached
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.rules import DISPATCH_MARGIN, next_allowed, sendable
from service.review.guards import bar_of
from service.review.queries import therapists
from service.review.queries.cases import cases
from service.review.rules import Tier
from service.review.schemas.bulk import BulkView, LeftOut, Recipient
from service.review.schemas.forms import Option
from service.review.views.caseload import SPARK_DAYS
from service.terms import LANGUAGES
from service.words import translator

TIER_WORDS = {
    Tier.CALL: "to call",
    Tier.LOOK: "to look at",
    Tier.QUIET: "quiet",
    Tier.NEW: "new",
    Tier.ON_TRACK: "on track",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a part of the caseload, who of it is ticked (None is everybody), and the words so far."""

    tier: Tier | None = None
    therapist: UUID | None = None
    picked: Sequence[UUID] | None = None
    words: str = ""
    entry: UUID | None = None
    problems: dict[str, str] = field(default_factory=dict)


async def own_clients(session: ClinicSession, staff: Caller, therapist: UUID | None = None) -> list[Client]:
    """A therapist's own, or the clinic's for its owner, or of one of its therapists."""
    mine = staff.person.id if staff.person.role == "therapist" else therapist
    return [client for client in await accounts.clients_of(session, mine) if client.state != "ended"]


async def bulk_view(session: ClinicSession, staff: Caller, wish: Wish) -> BulkView:
    clinic, say = await accounts.clinic(session), translator(staff.person.locale).gettext
    clients = await own_clients(session, staff, wish.therapist)
    look(session, staff.now, "client_list")
    if wish.tier is not None:
        found = await cases(session, clients, staff.now.astimezone(ZoneInfo(clinic.zone)), SPARK_DAYS)
        inside = {case.client.id for case in found if case.triage.tier is wish.tier}
        clients = [client for client in clients if client.id in inside]
    ways = await reach_of(session, [client.id for client in clients])
    to, left_out = list[Recipient](), list[LeftOut]()
    for client in clients:
        way = ways[client.id]
        if isinstance(way, NotReached):
            left_out.append(LeftOut(client.id, client.name, way.value, say(way.msgid)))
            continue
        quiet, at = accounts.quiet_hours(client, clinic), staff.now + HOLD
        morning = None
        if not sendable(at, client.zone, *quiet):
            morning = next_allowed(at + DISPATCH_MARGIN, client.zone, *quiet).astimezone(ZoneInfo(client.zone))
        picked = wish.picked is None or client.id in wish.picked
        to.append(Recipient(client.id, client.name, way.channel == "sms", LANGUAGES[client.locale], picked, morning))
    shown = to[:MOST_AT_ONCE]
    return BulkView(
        bar=await bar_of(session, staff),
        entry=wish.entry or new_id(staff.now),
        tiers=[
            Option("", say("everybody"), wish.tier is None),
            *(Option(tier, say(words), wish.tier is tier) for tier, words in TIER_WORDS.items()),
        ],
        shown=wish.tier,
        therapists=await _therapists(session, staff, wish.therapist),
        to=shown,
        left_out=left_out,
        more=len(to) - len(shown),
        words=wish.words,
        languages=sorted({one.language for one in shown}),
        problem=wish.problems.get("to"),
        text_problem=wish.problems.get("text"),
        in_test=clinic.live_at is None,
    )


async def _therapists(session: ClinicSession, staff: Caller, picked: UUID | None) -> list[Option]:
    if staff.person.role == "therapist":
        return []
    everybody = Option("", translator(staff.person.locale).gettext("of everybody"), picked is None)
    return [everybody, *(Option(str(one.id), one.name, one.id == picked) for one in await therapists(session))]
