"""The pain card of Today: the score, where and how it hurts, and the last 24 hours."""

from collections.abc import Collection, Mapping
from datetime import datetime

from service.catalogue.library import shipped
from service.diary.queries import Pain
from service.ids import new_id
from service.portal import rules
from service.portal.queries import Record
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import Choice, PainForm, PainSpan, PainToday
from service.terms import AGGRAVATORS, QUALITIES, RADIATES, SIDES, pain_terms

_SITES = {site.id: site.label for site in shipped().sites}
_TIMING = {code: AGGRAVATORS[code] for code in shipped().timing}
_REASONS = {code: words for code, words in AGGRAVATORS.items() if code not in _TIMING}
_SPANS = {"worst_24h": "Worst in the last 24 hours", "average_24h": "Average in the last 24 hours"}
_LISTS = {
    "side": SIDES,
    "sites": _SITES,
    "worst": _SITES,
    "qualities": QUALITIES,
    "radiates": RADIATES,
    "timing": _TIMING,
    "aggravators": _REASONS,
}


def pain_today(record: Record, reader: Reader) -> PainToday | None:
    if record.pain is None:
        return None
    entry = record.pain.entry
    return PainToday(entry.score, reader.local(entry.done_at), _where(record.pain, reader) or None)


def _where(pain: Pain, reader: Reader) -> str:
    entry = pain.entry
    more = pain_terms(entry.qualities, entry.radiates, entry.timing, entry.aggravators)
    places = [(row.site, row.side) for row in pain.sites]
    return " · ".join(reader.label(words) for words in rules.where_words(places, more))


def pain_form(record: Record, reader: Reader, now: datetime, unsaved: Unsaved | None) -> PainForm:
    failed = unsaved if unsaved and unsaved.place == "pain" else None
    picked = _told(record.pain) if record.pain else {}
    note = (record.pain.entry.note if record.pain else None) or ""
    if failed is not None:
        picked = {name: failed.form.each(name) for name in _LISTS}
        note = failed.form.one("note") if failed.form.one("where") else note
    lists = {name: choices(words, picked.get(name, ()), reader) for name, words in _LISTS.items()}
    return PainForm(
        sides=lists.pop("side"),
        **lists,
        spans=[_span(record, kind, words, reader, now) for kind, words in _SPANS.items()],
        same=_same(record, reader),
        note=note,
        entry=record.pain.entry.id if record.pain else new_id(now),
        problem=failed.message if failed else None,
        is_open=failed is not None and bool(failed.form.one("where")),
    )


def _told(pain: Pain) -> dict[str, Collection[str]]:
    """Where each place has a side of its own, none of them is ticked for all."""
    entry, sides = pain.entry, {row.side for row in pain.sites}
    sites = [row.site for row in pain.sites if row.site]
    return {
        "side": [side for side in sides if side] if len(sides) == 1 else [],
        "sites": sites,
        "worst": sites[:1] if len(sites) > 1 else [],
        "qualities": entry.qualities,
        "radiates": [entry.radiates] if entry.radiates else [],
        "timing": [*entry.timing, *entry.aggravators],
        "aggravators": entry.aggravators,
    }


def _span(record: Record, kind: str, words: str, reader: Reader, now: datetime) -> PainSpan:
    told = record.pain_of(kind)
    if told is None:
        return PainSpan(kind, reader.say(words), new_id(now))
    return PainSpan(kind, reader.say(words), told.entry.id, told.entry.score)


def _same(record: Record, reader: Reader) -> Choice | None:
    """Offered until something was said of where."""
    last = record.last_place
    if last is None or (record.pain is not None and record.pain.sites):
        return None
    return Choice(str(last.entry.id), _where(last, reader))


def choices(words: Mapping[str, str], picked: Collection[str | None], reader: Reader) -> list[Choice]:
    return [Choice(value, reader.label(label), value in picked) for value, label in words.items()]
