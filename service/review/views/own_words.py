"""One reminder's text in the clinic's own words, and the texts that are ready to send."""

from collections.abc import Mapping
from uuid import UUID

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.rules import LOCALES
from service.database.tenancy import ClinicSession
from service.errors import NotFound
from service.ids import new_id
from service.outbox.queries import own_words
from service.outbox.rules import MESSAGES, OWN, MessageKind, text_of
from service.outbox.rules.wording import EDITABLE, kept_of, places_of, stored_of, typed_of, wording_problem
from service.review.guards import bar_of
from service.review.queries.ready import own_ready
from service.review.schemas.forms import Field
from service.review.schemas.wording import OneWordingView, ReadyLine, ReadyView
from service.review.views.ready import ours_in
from service.review.views.wording import measured, values_of
from service.terms import LANGUAGES
from service.words import translator


def kind_of(words: str) -> MessageKind:
    """NotFound for a text that is not the clinic's to word."""
    if words not in EDITABLE:
        raise NotFound
    return MessageKind(words)


async def one_wording(
    session: ClinicSession,
    staff: Caller,
    kind: MessageKind,
    locale: str,
    typed: str | None = None,
    status: str | None = None,
) -> OneWordingView:
    """`typed` as the form has it; without it, what holds now."""
    clinic, say = await accounts.clinic(session), translator(staff.person.locale).gettext
    usual = translator(locale).gettext(MESSAGES[kind].sms)
    own = (await own_words(session)).get((kind, locale))
    words = typed_of(own or usual) if typed is None else typed
    problem = wording_problem(kind, usual, words, locale)
    other = next(one for one in LOCALES if one != locale)
    shown = None
    if problem is None:
        values = {**values_of(clinic, staff, clinic.short_name, locale), OWN: {kind: stored_of(words)}}
        shown = measured(text_of(kind, translator(locale).gettext, values), locale)
    return OneWordingView(
        bar=await bar_of(session, staff),
        url=f"/wording/of/{kind}?language={locale}",
        language=LANGUAGES[locale],
        other_url=f"/wording/of/{kind}?language={other}",
        other_language=LANGUAGES[other],
        usual=typed_of(usual),
        words=Field(words, say(problem) if problem else None),
        is_own=own is not None,
        shown=shown,
        places=places_of(kind),
        kept=kept_of(usual),
        email=(await accounts.staff(session, staff.person.id)).email,
        status=say(status) if status else None,
    )


async def ready_view(
    session: ClinicSession,
    staff: Caller,
    typed: Mapping[str, str] | None = None,
    about: UUID | None = None,
    problems: Mapping[str, str] | None = None,
    status: str | None = None,
) -> ReadyView:
    """`typed` is what could not be kept, of the text `about`, or of a new one when it is none of them."""
    say = translator(staff.person.locale).gettext
    rows = await own_ready(session)
    clinic = await accounts.clinic(session)

    def line(one: UUID, words: Mapping[str, str]) -> ReadyLine:
        is_open = typed is not None and one == about
        shown, wrong = (typed if is_open and typed else words), (problems or {}) if is_open else {}
        fields = {code: Field(shown.get(code, ""), wrong.get(code)) for code in LOCALES}
        read = [(LANGUAGES[code], measured(words[code], code)) for code in LOCALES if words.get(code)]
        return ReadyLine(one, fields, read, is_open)

    known = {row.id for row in rows}
    fresh = about if about is not None and about not in known and typed is not None else new_id(staff.now)
    return ReadyView(
        bar=await bar_of(session, staff),
        languages=[(code, LANGUAGES[code]) for code in LOCALES],
        own=[line(row.id, row.words) for row in rows],
        ours=[one.words for one in ours_in(clinic.locale, clinic)],
        fresh=line(fresh, {}),
        status=say(status) if status else None,
    )
