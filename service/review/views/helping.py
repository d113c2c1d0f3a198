"""Who helps a client, and the form that names somebody with the client's yes."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem
from service.intake.actions.helpers import helper_token
from service.intake.queries.helpers import helpers
from service.intake.rules.helpers import HELPER_YES, RELATIONS
from service.intake.tables import Helper
from service.review.guards import Typed
from service.review.schemas.helping import HelperRow, Helping
from service.words import translator


async def helping(
    session: ClinicSession,
    staff: Caller,
    client: Client,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
    made: Helper | None = None,
) -> Helping:
    say, zone, typed = translator(staff.person.locale).gettext, ZoneInfo(client.zone), form or Typed()
    token = helper_token(staff.settings.secret_key, made.id) if made else None
    return Helping(
        helpers=[
            HelperRow(
                one.id,
                one.name,
                say(RELATIONS[one.relation]),
                one.contact,
                one.created_at.astimezone(zone).date(),
                one.expires_at.astimezone(zone).date(),
                one.staff_id is None,
                one.told_at.astimezone(zone).date() if one.told_at else None,
            )
            for one in await helpers(session, client.id, staff.now)
        ],
        relations=[(code, say(words)) for code, words in RELATIONS.items()],
        wording=translator(client.locale).gettext(HELPER_YES),
        wording_language=client.locale,
        name=typed.one("name"),
        relation=typed.one("relation"),
        contact=typed.one("contact"),
        problems={one.pointer.strip("/"): say(one.message) for one in problems},
        made_for=made.name if made else None,
        link=f"{staff.settings.public_url}/r/{token}" if made else None,
    )
