"""A pain score from a page or a link, and where and how it hurts."""

from dataclasses import replace
from datetime import datetime

from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.actions import NewPain, record_pain, told_again
from service.diary.entries import When
from service.diary.queries import Pain, sites_of
from service.diary.tables import PAIN_KINDS, PainEntry
from service.errors import NotFound, Refused
from service.portal import rules
from service.portal.rules import Form
from service.portal.rules.places import places_of


async def keep_score(
    session: ClinicSession, client: Client, form: Form, when: When, now: datetime, field: str = "score"
) -> None:
    score = rules.score_of(form.one(field))
    if score is None:
        raise Refused.one(f"/{field}", "pain_score", "Use a whole number from 0 to 10.")
    kind = form.one("kind") or "now"
    if kind not in PAIN_KINDS:
        raise Refused.one("/kind", "unknown", "Tap one of the answers.")
    known = await session.get(PainEntry, (session.clinic_id, when.id)) if when.id else None
    new = NewPain(score, kind)
    if known and known.client_id == client.id:
        new = told_again(await _pain(session, known), score)
    if form.one("same"):
        new = await _as_last_time(session, client, form.one("same"), new)
    elif form.one("where"):
        new = _where(form, new)
    await record_pain(session, client, new, when, now)


async def _pain(session: ClinicSession, entry: PainEntry) -> Pain:
    return Pain(entry, list(await sites_of(session, entry.client_id, [entry.id])))


async def _as_last_time(session: ClinicSession, client: Client, entry_id: str, new: NewPain) -> NewPain:
    """All but the score and the note, which were about that day."""
    wanted = rules.id_of(entry_id)
    before = await session.get(PainEntry, (session.clinic_id, wanted)) if wanted else None
    if before is None or before.client_id != client.id or before.deleted_at is not None:
        raise NotFound
    return replace(told_again(await _pain(session, before), new.score), kind=new.kind, note=new.note)


def _where(form: Form, told: NewPain) -> NewPain:
    field = "/place"
    try:
        places_of(form.each("place"))
        field = "/worst"
        sites = places_of(form.each("place"), form.one("worst"))
    except ValueError:
        raise Refused.one(field, "unknown", "Tick one of the places.") from None
    return replace(
        told,
        sites=sites,
        aggravators=form.each("aggravators"),
        qualities=form.each("qualities"),
        timing=form.each("timing"),
        radiates=form.one("radiates") or None,
        note=form.one("note") or None,
    )
