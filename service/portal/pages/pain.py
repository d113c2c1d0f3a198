"""The pain card of Today: the score, where and how it hurts, and the last 24 hours."""

from collections.abc import Collection, Mapping
from datetime import datetime

from service.catalogue.library import shipped
from service.diary.queries import Pain
from service.errors import GONE
from service.ids import new_id
from service.portal.queries import Record
from service.portal.rules import Reader, Unsaved
from service.portal.rules.places import LEGS, boxes_of, where_words, worst_of
from service.portal.schemas import Choice, PainForm, PainSpan, PainToday, PlaceGroup
from service.terms import AGGRAVATORS, QUALITIES, RADIATES, SIDES, pain_terms, site_label

_TIMING = {code: AGGRAVATORS[code] for code in shipped().timing}
_REASONS = {code: words for code, words in AGGRAVATORS.items() if code not in _TIMING}
_SPANS = {"worst_24h": "Worst in the last 24 hours", "average_24h": "Average in the last 24 hours"}
_LISTS = {
    "qualities": QUALITIES,
    "radiates": RADIATES,
    "timing": _TIMING,
    "aggravators": _REASONS,
}


def pain_today(record: Record, reader: Reader) -> PainToday | None:
    told = [pain.entry for pain in record.pains_of("now")]
    if record.pain is None:
        return None
    earlier = [(entry.score, reader.local(entry.done_at)) for entry in reversed(told[:-1])]
    return PainToday(told[-1].score, reader.local(told[-1].done_at), _where(record.pain, reader) or None, earlier)


def _where(pain: Pain, reader: Reader) -> str:
    entry = pain.entry
    more = pain_terms(entry.qualities, entry.radiates, entry.timing, entry.aggravators)
    return " · ".join(reader.label(words) for words in where_words(_places(pain), more))


def _places(pain: Pain) -> list[tuple[str | None, str | None]]:
    return [(row.site, row.side) for row in pain.sites]


def pain_form(record: Record, reader: Reader, now: datetime, unsaved: Unsaved | None) -> PainForm:
    failed = unsaved if unsaved and unsaved.place == "pain" else None
    picked = _told(record.pain) if record.pain else {}
    note = (record.pain.entry.note if record.pain else None) or ""
    if failed is not None:
        picked = {name: failed.form.each(name) for name in ("place", "worst", *_LISTS)}
        note = failed.form.one("note") if failed.form.one("where") else note
    problem, problems = (failed.message if failed else None), dict[str, str]()
    field = failed.pointer.split("/")[1] if failed and "/" in failed.pointer else ""
    # Their fields are on the page once there is a score.
    if problem and record.pain is not None and field in ("note", "place", "worst", *_LISTS):
        problems[field] = problem if field == "note" else reader.say(GONE)
        problem = None
    return PainForm(
        groups=_groups(picked.get("place", ()), reader),
        worst=next(iter(picked.get("worst", ())), ""),
        **{name: choices(words, picked.get(name, ()), reader) for name, words in _LISTS.items()},
        spans=[_span(record, kind, words, reader, now) for kind, words in _SPANS.items()],
        again=new_id(now),
        same=_same(record, reader),
        note=note,
        entry=record.pain.entry.id if record.pain else new_id(now),
        problem=problem,
        problems=problems,
        is_open=failed is not None and bool(failed.form.one("where")),
    )


def _groups(ticked: Collection[str], reader: Reader) -> tuple[PlaceGroup, ...]:
    """Places whose side was not told, as a text may leave it, stand by themselves while they are ticked."""
    groups = [_group(leg, [f"{leg}:{site.id}" for site in shipped().sites], ticked, reader) for leg in LEGS]
    untold = [box for box in ticked if box.startswith(":")]
    return (*groups, *([_group("", untold, ticked, reader)] if untold else []))


def _group(side: str, boxes: Collection[str], ticked: Collection[str], reader: Reader) -> PlaceGroup:
    places = [Choice(box, reader.label(site_label(box.partition(":")[2])), box in ticked) for box in boxes]
    if side:
        places.append(Choice(f"{side}:", reader.say("Not sure where"), f"{side}:" in ticked))
    return PlaceGroup(side, reader.label(SIDES[side]) if side else reader.say("Side not told"), tuple(places))


def _told(pain: Pain) -> dict[str, Collection[str]]:
    entry, places = pain.entry, _places(pain)
    return {
        "place": boxes_of(places),
        "worst": [worst_of(places)],
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


def choices(words: Mapping[str, str], picked: Collection[str | None], reader: Reader) -> tuple[Choice, ...]:
    return tuple(Choice(value, reader.label(label), value in picked) for value, label in words.items())
