"""Who helps a client, and the form that names somebody with the client's yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem
from service.intake.actions.helpers import helper_token
from service.intake.rules.helpers import HELPER_YES, RELATIONS
from service.intake.tables import Helper
from service.review.guards import Typed
from service.review.queries.helping import sends_of
from service.review.rules.digest import reason_words
from service.review.rules.helping import SEND_YES
from service.review.schemas.helping import HelperRow, Helping
from service.review.tables import DigestMail
from service.words import translator


@dataclass(frozen=True, slots=True)
class Naming:
    """What was done just now: `form` could not be kept because of `problems`, which are about the helper `about` when
    they were named before; `made` was named."""

    form: Typed | None = None
    problems: Sequence[FieldProblem] = ()
    made: Helper | None = None
    about: UUID | None = None


NOTHING: Final = Naming()


async def helping(
    session: ClinicSession,
    staff: Caller,
    client: Client,
    named: Sequence[Helper],
    naming: Naming = NOTHING,
) -> Helping:
    """`named` are those whose link works."""
    say, zone, typed = translator(staff.person.locale).gettext, ZoneInfo(client.zone), naming.form or Typed()
    token = helper_token(staff.settings.secret_key, naming.made.id) if naming.made else None
    sent = {one.helper_id: one for one in await sends_of(session, client.id)} if named else {}
    problems = {one.pointer.strip("/"): say(one.message) for one in naming.problems}
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
                _sent(sent.get(one.id), staff.person.locale),
                problems.get("send") if one.id == naming.about else None,
            )
            for one in named
        ],
        relations=[(code, say(words)) for code, words in RELATIONS.items()],
        wording=translator(client.locale).gettext(HELPER_YES),
        wording_language=client.locale,
        name=typed.one("name"),
        relation=typed.one("relation"),
        contact=typed.one("contact"),
        send_wording=translator(client.locale).gettext(SEND_YES),
        send=typed.has("send"),
        agreed=typed.has("agreed"),
        problems={} if naming.about else problems,
        made_for=naming.made.name if naming.made else None,
        is_sent=bool(naming.made and naming.made.id in sent),
        link=f"{staff.settings.public_url}/r/{token}" if token else None,
    )


def _sent(mail: DigestMail | None, locale: str) -> str | None:
    if mail is None:
        return None
    say = translator(locale).gettext
    by = say("Link by text:") if mail.channel == "sms" else say("Link by email:")
    return f"{by} {say(reason_words(mail.state, mail.reason))}"
