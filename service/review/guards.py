"""What every staff page needs before it does anything: the form as typed, and the strip at the top."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from litestar.params import QueryParameter

from service.accounts import queries as accounts
from service.accounts.guards import AnyRequest, Caller, wrote_form
from service.accounts.guards.sent import sent_form
from service.accounts.queries.factors import factors
from service.accounts.routes.staff import prove
from service.accounts.rules import Right
from service.accounts.rules.factors import FactorKind
from service.accounts.sign_in.passkeys import to_enter
from service.accounts.tables import Client
from service.conversation.tables import UnplacedText
from service.database.tenancy import ClinicSession
from service.errors import Forbidden, ProofNeeded, SignInNeeded, TooMany
from service.reminders.rules import local_day
from service.review.queries.unplaced import unplaced_for
from service.review.schemas import StaffBar
from service.review.schemas.security import ProveView
from service.words import translator

Without = Annotated[list[str] | None, QueryParameter(description="Channels that are not counted.")]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent; a field may stand in it more than once."""

    pairs: Sequence[tuple[str, str]] = ()

    def one(self, name: str) -> str:
        return next((value.strip() for key, value in self.pairs if key == name), "")

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def each(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def after(self, prefix: str) -> Iterator[str]:
        """The rest of every field name that begins so."""
        return (key.removeprefix(prefix) for key, _ in self.pairs if key.startswith(prefix))


_PROOFS = ("proof_code", "proof_passkey", "proof_password")
_WHOLE = re.compile(r"[0-9]{1,6}")
_AMOUNT = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?")


def amount(words: str) -> float | None:
    """A number that may have a comma or a point; None for anything else."""
    return float(words.replace(",", ".")) if _AMOUNT.fullmatch(words) else None


def whole_number(words: str) -> int | None:
    """Written in digits; None for anything else."""
    return int(words) if _WHOLE.fullmatch(words) else None


def typed(request: AnyRequest) -> Typed:
    """In the order of the form, which decides the order of a plan. Only a form as browsers send it without files."""
    sent = sent_form(request)
    return Typed(sent.pairs if sent else ())


async def own_form(request: AnyRequest, staff: Caller) -> Typed:
    await check_whose(request, staff)
    return typed(request)


async def check_whose(request: AnyRequest, staff: Caller) -> None:
    """Raises Forbidden for a form that no page of ours wrote for this person. One that stood open while they signed
    in anew is theirs as before."""
    sent = sent_form(request)
    if sent is not None and not sent.is_own:
        person = staff.person
        async with staff.tx() as session:
            sent.is_own = await wrote_form(session, staff.settings, person.kind, person.id, sent.one("csrf"))
    if sent is None or not sent.is_own:
        raise Forbidden


async def proved_form(request: AnyRequest, staff: Caller) -> Typed:
    """`own_form` for what is dangerous: whoever showed who they are a while ago is asked again, and what they typed
    goes on. Raises ProofNeeded with the page that asks."""
    form = await own_form(request, staff)
    rest = Typed([pair for pair in form.pairs if pair[0] not in _PROOFS])
    if staff.is_proved:
        return rest
    code, passkey, password = (dict(form.pairs).get(name, "") for name in _PROOFS)
    if not (code or passkey or password):
        raise await _asked(request, staff, rest)
    try:
        await prove(staff, code=code, passkey=passkey, password=password)
    except SignInNeeded:
        raise await _asked(request, staff, rest, "This does not match. Try again.") from None
    except TooMany:
        raise await _asked(request, staff, rest, "Too many tries for today. Use a passkey, or sign in again.") from None
    return rest


async def _asked(request: AnyRequest, staff: Caller, form: Typed, problem: str | None = None) -> ProofNeeded:
    async with staff.tx() as session:
        have = await factors(session, staff.person.id)
    view = ProveView(
        url=request.url.path,
        pairs=[pair for pair in form.pairs if pair[0] != "csrf"],
        has_code=bool(have),
        has_passkey=any(one.kind == FactorKind.PASSKEY for one in have),
        options=to_enter(staff.settings, staff.now),
        problem=translator(staff.person.locale).gettext(problem) if problem else None,
    )
    return ProofNeeded(view, staff.csrf, staff.person.locale)


async def bar_of(session: ClinicSession, staff: Caller) -> StaffBar:
    clinic = await accounts.clinic(session)
    inbox_url = "/dev/inbox" if staff.settings.inbox else None
    waiting = await texts_for(session, staff) if staff.may(Right.SEE_RECORD) else []
    return StaffBar(
        clinic.name,
        staff.person.name,
        inbox_url,
        unplaced=len(waiting),
        is_danger=any(row.is_danger for row, _ in waiting),
        has_digest=staff.may(Right.SEE_RECORD),
        has_settings=staff.may(Right.SETTINGS),
        has_library=staff.may(Right.PRESCRIBE),
        factor_due_on=local_day(due, clinic.zone) if (due := staff.person.factor_due_at) else None,
    )


async def texts_for(session: ClinicSession, staff: Caller) -> list[tuple[UnplacedText, list[Client]]]:
    own_only = staff.person.id if staff.person.role == "therapist" else None
    return await unplaced_for(session, own_only, staff.now)
