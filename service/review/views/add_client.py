"""The form for a new client. What was typed comes back with what would be right beside it."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.accounts import queries as accounts
from service.accounts.actions import NewClient
from service.accounts.guards import Caller
from service.accounts.rules import zone_names
from service.accounts.tables import Clinic
from service.database.tenancy import ClinicSession
from service.errors import GONE, FieldProblem, Refused
from service.review.guards import Typed, bar_of
from service.review.queries import therapists
from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option
from service.terms import LANGUAGES
from service.words import translator

LONGEST_NAME = 200
Channel = Literal["sms", "email"]
CHANNELS: tuple[Channel, ...] = ("sms", "email")
_SHOWN_AT = {"/locale": "language"}


class Wording(Struct, frozen=True):
    language: str
    name: str
    words: str


class ConsentBox(Struct, frozen=True):
    """`wordings` has the exact words of each language; those of the client's language are stored with the answer."""

    channel: Channel
    wordings: list[Wording]
    picked: bool = False


class AddClientView(Struct, frozen=True, kw_only=True):
    """`consents` are the boxes to tick, the client's language first.

    `therapists` is empty for a therapist, whose own client it will be.
    """

    bar: StaffBar
    zones: Sequence[str]
    languages: list[Option]
    consents: list[ConsentBox]
    name: Field = Field()
    phone: Field = Field()
    email: Field = Field()
    zone: Field = Field()
    therapists: list[Option] = []
    invites: bool = False
    invite_problem: str | None = None
    problem: str | None = None
    problems: dict[str, str | None] = {}
    """Of what is picked and not typed."""
    status: str | None = None
    url: str = "/clients/new"


async def add_client_view(
    session: ClinicSession,
    staff: Caller,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
    status: str | None = None,
) -> AddClientView:
    clinic = await accounts.clinic(session)
    say = translator(staff.person.locale).gettext
    typed = form or Typed([("zone", clinic.zone), ("language", clinic.locale)])
    beside = {_SHOWN_AT.get(p.pointer, p.pointer.strip("/")): say(p.message) for p in problems}

    def field(name: str) -> Field:
        return Field(typed.one(name), beside.get(name))

    return AddClientView(
        bar=await bar_of(session, staff),
        zones=zone_names(),
        languages=[Option(code, name, code == typed.one("language")) for code, name in LANGUAGES.items()],
        consents=_consents(clinic, typed),
        name=field("name"),
        phone=field("phone"),
        email=field("email"),
        zone=field("zone"),
        therapists=await _therapists(session, staff, typed),
        invites=typed.has("invite"),
        invite_problem=beside.get("invite"),
        problems={name: beside.get(name) for name in ("language", "therapist", "consent")},
        problem=say("Nothing was saved yet. Please look at the fields marked below.") if problems else None,
        status=status,
    )


def consent_words(clinic: Clinic, locale: str) -> dict[Channel, str]:
    """Channel to the exact words on the form, which are what is stored. The clinic's most counts both channels."""
    say, most = translator(locale).ngettext, clinic.texts_per_day
    sms = say(
        "Yes, send me texts about my plan. At most %(num)s reminder a day, texts and emails together. "
        "I can reply STOP at any time.",
        "Yes, send me texts about my plan. At most %(num)s reminders a day, texts and emails together. "
        "I can reply STOP at any time.",
        most,
    )
    email = say(
        "Yes, send me emails about my plan. At most %(num)s reminder a day, texts and emails together. "
        "I can stop them with one tap.",
        "Yes, send me emails about my plan. At most %(num)s reminders a day, texts and emails together. "
        "I can stop them with one tap.",
        most,
    )
    return {"sms": sms % {"num": most}, "email": email % {"num": most}}


def _consents(clinic: Clinic, form: Typed) -> list[ConsentBox]:
    first_theirs = sorted(LANGUAGES, key=lambda code: code != form.one("language"))
    words = {code: consent_words(clinic, code) for code in first_theirs}
    return [
        ConsentBox(
            channel,
            [Wording(code, LANGUAGES[code], words[code][channel]) for code in first_theirs],
            channel in form.each("consent"),
        )
        for channel in CHANNELS
    ]


async def _therapists(session: ClinicSession, staff: Caller, form: Typed) -> list[Option]:
    if staff.person.role == "therapist":
        return []
    picked = form.one("therapist") or str(staff.person.id)
    return [Option(str(t.id), t.name, str(t.id) == picked) for t in await therapists(session)]


async def new_client(session: ClinicSession, staff: Caller, form: Typed) -> NewClient:
    """Raises Refused for what the form alone can tell; the rest is checked when the client is added."""
    if len(form.one("name")) > LONGEST_NAME:
        raise Refused.one("/name", "too_long", "Use 1 to 200 characters.")
    if not set(form.each("consent")) <= set(CHANNELS):
        raise Refused.one("/consent", "gone", GONE)
    words = consent_words(await accounts.clinic(session), form.one("language"))
    return NewClient(
        name=form.one("name"),
        zone=form.one("zone"),
        locale=form.one("language"),
        therapist_id=await _therapist(session, staff, form),
        phone=form.one("phone") or None,
        email=form.one("email") or None,
        consent_wording={channel: words[channel] for channel in CHANNELS if channel in form.each("consent")},
        starts_active=not form.has("invite"),
        welcome=True,
    )


async def _therapist(session: ClinicSession, staff: Caller, form: Typed) -> UUID:
    if staff.person.role == "therapist":
        return staff.person.id
    chosen = [t.id for t in await therapists(session) if str(t.id) == form.one("therapist")]
    if not chosen:
        raise Refused.one("/therapist", "unknown", "Choose the therapist who looks after this person.")
    return chosen[0]
