"""A client's days under each other: which ones, what was written, where it hurt, what was done about it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.body_map import ON_THE_MAP
from service.catalogue.rules import Sentence
from service.conversation.tables import ThreadMessage
from service.diary.queries import Pain
from service.review.queries.person import Person
from service.review.rules import Rule
from service.review.rules.alerts import MarkState
from service.review.schemas import Entry
from service.review.schemas.stack import BodyMap, MessageDay, Place, Range
from service.review.tables import ReviewMark
from service.terms import SIDES, listed, said, site_label

DAYS = 60
"""Of a timeline and of what is made of it, unless more is asked for."""
MAP_DAYS = 28
LONGEST = 366
SILENT_DAYS = 3
_MARKS = {
    MarkState.SEEN: "Seen by %(name)s: %(rule)s",
    MarkState.SNOOZED: "Snoozed by %(name)s until %(day)s: %(rule)s",
    MarkState.DONE: "Done by %(name)s: %(rule)s. “%(note)s”",
}
_RULES: dict[Rule, str] = {
    Rule.DANGER: "a warning sign",
    Rule.ASKED_FOR_HELP: "asked for help",
    Rule.PAIN_JUMP: "pain jumped",
    Rule.PAIN_RISE: "pain rose",
    Rule.HURTS_TOO_MUCH: "it hurts too much",
    Rule.STOPPED_BY_RULE: "stopped by the 24-hour rule",
    Rule.TEXTS_STOPPED: "asked us to stop texts",
    Rule.NOT_REACHED: "could not be reached",
    Rule.WENT_QUIET: "went quiet",
    Rule.NEVER_LOGGED: "never logged",
}


def days_of(asked: Range, since: date, today: date) -> list[date]:
    """Up to today. All are those since the first plan, or since the client came; of a year at most."""
    count = (today - since).days + 1 if asked is Range.ALL else int(asked)
    count = min(max(count, int(Range.FORTNIGHT)), LONGEST)
    return [today - timedelta(days=back) for back in reversed(range(count))]


def message_days(
    days: Sequence[date], sent: Iterable[datetime], said_so_far: Iterable[ThreadMessage], zone: ZoneInfo
) -> list[MessageDay]:
    ours = Counter(at.astimezone(zone).date() for at in sent)
    theirs = Counter(row.sent_at.astimezone(zone).date() for row in said_so_far if row.direction == "in")
    return [MessageDay(day, ours[day], theirs[day]) for day in days]


def body_map(pains: Iterable[Pain], today: date, locale: str) -> BodyMap | None:
    """None while no place was named in all these days."""
    first, half = today - timedelta(days=2 * MAP_DAYS - 1), today - timedelta(days=MAP_DAYS - 1)
    boxes = [(pain.entry.day, _boxes(pain)) for pain in pains if pain.entry.day >= first and pain.entry.score]
    now = [found for day, found in boxes if day >= half and found]
    before = [found for day, found in boxes if day < half and found]
    counts, earlier = Counter(box for found in now for box in found), Counter(box for found in before for box in found)
    places = [Place(box, _label(box, locale), counts[box], earlier[box]) for box in {*counts, *earlier}]
    places.sort(key=lambda place: (-place.now, -place.before, place.label))
    return BodyMap(MAP_DAYS, len(now), len(before), places) if places else None


def _boxes(pain: Pain) -> set[str]:
    """As the boxes of the form are called. Of a place whose side was not told the drawing says nothing."""
    found = set()
    for site in pain.sites:
        if site.site:
            sides = ("left", "right") if site.side == "both" and site.site in ON_THE_MAP else (site.side or "",)
            found |= {f"{side}:{site.site}" for side in sides}
    return found


def _label(box: str, locale: str) -> str:
    side, _, site = box.partition(":")
    told = [Sentence(site_label(site))] + ([Sentence(SIDES[side])] if side in SIDES else [])
    return said(listed(told), locale)


def silent_since(told: Iterable[date], today: date) -> date | None:
    """The last day anything is known of, once that is some days ago. None too while nothing was ever told."""
    last = max(told, default=None)
    return last if last is not None and (today - last).days >= SILENT_DAYS else None


def mark_entries(known: Person, zone: ZoneInfo, locale: str) -> list[Entry]:
    return [
        Entry(
            mark.marked_at.astimezone(zone),
            "alert",
            said(_mark_words(mark, known.staff[mark.staff_id], zone), locale),
            "web",
        )
        for mark in known.marks
    ]


def _mark_words(mark: ReviewMark, name: str, zone: ZoneInfo) -> Sentence:
    state = MarkState(mark.state)
    parts: dict[str, object] = {"name": name, "rule": Sentence(_RULES[Rule(mark.rule)])}
    if mark.until_at is not None:
        parts["day"] = mark.until_at.astimezone(zone).date()
    if mark.note is not None:
        parts["note"] = mark.note
    return Sentence(_MARKS[state], parts)
