"""The diary as lines of text, the newest first: "Pain 6, right side, car"."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from heapq import nlargest
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from service.catalogue.rules import Sentence
from service.conversation.rules import shown_words
from service.conversation.tables import ThreadMessage
from service.diary.queries import Diary, Pain, Session
from service.diary.rules import Outcome
from service.diary.tables import DiaryEntry, ExerciseSession, FixReport, HabitMark, MorningAfter, RedFlag
from service.plans.fixes import told_as
from service.plans.queries import Content, Item
from service.plans.tables import PlanHabit
from service.review.schemas import Entry, EntryKind
from service.review.schemas.stack import KINDS, Kinds
from service.review.views.doses import sets_done
from service.terms import (
    FIX_ANSWERS,
    HABIT_CHOICES,
    RESPONSES,
    SEMICOLON,
    SIDES,
    SKIP_REASONS,
    listed,
    pain_terms,
    prompt_words,
    said,
    site_label,
    whole_or_part,
)
from service.words import translator

SHOWN, MOST_SHOWN, MOST_READ = 20, 60, 400
"""Entries as data, and on a client's page; so many are read when only some kinds of them are shown."""
_SCORES = {
    "now": "Pain %(score)s",
    "worst_24h": "Worst pain of 24 hours %(score)s",
    "average_24h": "Average pain of 24 hours %(score)s",
}
_UNITS = {
    "min": "%(amount)s min",
    "times": "%(amount)s times",
    "breaks": "%(amount)s breaks",
    "km_or_min": "%(amount)s km or min",
    "months_and_km": "%(amount)s km",
}
_ONE = {"times": "%(amount)s time", "breaks": "%(amount)s break"}


def entries(
    diary: Diary,
    texts: Sequence[ThreadMessage],
    contents: Sequence[Content],
    zone: ZoneInfo,
    locale: str,
    fixes: Sequence[FixReport] = (),
    marks: Sequence[Entry] = (),
    shown: int = SHOWN,
    flags: Sequence[RedFlag] = (),
) -> list[Entry]:
    """What was recorded, texts that only a person can read, changes of the plan, and `marks`: what staff did about
    an alert."""
    habits = {habit.id: habit for content in contents for habit in content.habits}
    items = {item.row.id: item for content in contents for item in content.items}
    told: list[tuple[DiaryEntry, EntryKind, Callable[[], Sentence]]] = [
        *((p.entry, "pain", partial(pain_words, p)) for p in diary.pains),
        *((m, "pain", partial(morning_words, m)) for m in diary.mornings),
        *((s.row, "session", partial(session_words, s, items)) for s in diary.sessions),
        *((m, "habit", partial(habit_words, m, habits, locale)) for m in diary.habits),
        *((r, "habit", partial(fix_words, r, contents)) for r in fixes),
    ]
    # Words are made for what is shown, not for 60 days.
    newest = nlargest(shown, told, key=lambda line: line[0].done_at)
    lines = [
        *(_told(entry, kind, words(), zone, locale, flags) for entry, kind, words in newest),
        *_texts(texts, zone, locale),
        *_versions(contents, zone, locale),
        *marks,
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:shown]


def of_kinds(told: Sequence[Entry], kinds: Kinds, since: date | None) -> list[Entry]:
    """`since` when fewer days are looked at than the newest entries reach back."""
    wanted = [entry for entry in told if since is None or entry.at.date() >= since]
    return [entry for entry in wanted if kinds is Kinds.ALL or entry.kind in KINDS[kinds]][:MOST_SHOWN]


def _told(
    entry: DiaryEntry, kind: EntryKind, words: Sentence, zone: ZoneInfo, locale: str, flags: Sequence[RedFlag]
) -> Entry:
    at = entry.done_at.astimezone(zone)
    if entry.day != at.date():
        words = Sentence("%(words)s (for %(day)s)", {"words": words, "day": entry.day})
    told = Entry(at, kind, said(words, locale), entry.channel, entry.revision > 1)
    return replace(
        told,
        noted=entry.entered_by == "therapist",
        by_helper=entry.entered_by == "helper",
        under_warning=_is_exercise(entry) and any(_was_open(flag, entry.done_at) for flag in flags),
    )


def _is_exercise(entry: DiaryEntry) -> bool:
    return isinstance(entry, ExerciseSession) and entry.outcome != Outcome.SKIPPED


def _was_open(flag: RedFlag, at: datetime) -> bool:
    return flag.opened_at <= at and (flag.closed_at is None or at < flag.closed_at)


def pain_words(pain: Pain) -> Sentence:
    entry = pain.entry
    parts = [Sentence(_SCORES[entry.kind], {"score": entry.score})]
    parts += [_place(site.site, site.side) for site in pain.sites]
    told = pain_terms(entry.qualities, entry.radiates, entry.timing, entry.aggravators)
    parts += [Sentence(words) for words in told]
    if entry.note:
        parts.append(Sentence("“%(note)s”", {"note": entry.note}))
    return listed(parts)


def _place(site: str | None, side: str | None) -> Sentence:
    told = [Sentence(site_label(site))] if site else []
    return listed(told + ([Sentence(SIDES[side])] if side else []))


def session_words(session: Session, items: Mapping[UUID, Item]) -> Sentence:
    row = session.row
    count, done = len(session.results), sum(result.done for result in session.results)
    parts = {"count": count, "done": done}
    if row.outcome == "done":
        words = Sentence("Plan done, all %(count)s moves" if count > 1 else "Plan done", _used(parts, count > 1))
    elif row.outcome == "partly" and count > 1 and done:
        words = Sentence("Plan part done: %(done)s of %(count)s moves", parts)
    elif row.outcome == "partly":
        # By text it is told that it was a part, and not which.
        words = Sentence("Plan part done")
    elif row.reason:
        words = Sentence("Plan skipped: %(why)s", {"why": Sentence(SKIP_REASONS[row.reason])})
    else:
        words = Sentence("Plan skipped")
    scores = {"before": row.pain_before, "during": row.pain_during, "after": row.pain_after}
    told = [Sentence(_DURING[when], {"score": score}) for when, score in scores.items() if score is not None]
    effort = [Sentence(_EFFORTS[row.effort])] if row.effort else []
    return listed([listed([words, *told, *effort]), *sets_done(session, items)], SEMICOLON)


_EFFORTS = {"light": "felt easy", "somewhat_hard": "felt OK", "hard": "felt hard"}
_DURING = {
    "before": "pain %(score)s before",
    "during": "pain %(score)s during",
    "after": "pain %(score)s after",
}


def _used(parts: Mapping[str, object], needed: bool) -> Mapping[str, object]:
    return {"count": parts["count"]} if needed else {}


def morning_words(entry: MorningAfter) -> Sentence:
    parts = {"score": entry.score, "response": Sentence(RESPONSES[entry.response])}
    return Sentence("The morning after: %(response)s, pain %(score)s", parts)


def habit_words(mark: HabitMark, habits: Mapping[UUID, PlanHabit], locale: str) -> Sentence:
    habit = habits[mark.plan_habit_id]
    parts = {"prompt": prompt_words(habit.prompt, locale), "answer": _answer(mark, habit)}
    return Sentence("%(prompt)s %(answer)s", parts)


def fix_words(report: FixReport, contents: Sequence[Content]) -> Sentence:
    prompts = {fix.id: fix.prompt for content in contents for fix in content.fixes}
    parts = {"prompt": Sentence(prompts[report.plan_fix_id]), "answer": Sentence(FIX_ANSWERS[told_as(report)])}
    return Sentence("%(prompt)s %(answer)s", parts)


def _answer(mark: HabitMark, habit: PlanHabit) -> Sentence:
    if mark.yes is not None:
        return Sentence("Yes" if mark.yes else "No")
    if mark.choice is not None:
        return Sentence(HABIT_CHOICES.get(mark.choice, mark.choice))
    if mark.amount is None:
        return Sentence("skipped")
    words, unit = {**_UNITS, **(_ONE if mark.amount == 1 else {})}, habit.unit or ""
    # A clinic's own unit stands behind the number as it was written.
    msgid = words.get(unit, "%(amount)s %(unit)s" if unit else "%(amount)s")
    return Sentence(msgid, {"amount": whole_or_part(mark.amount), "unit": unit})


_IN_THE_DIARY = {"pain", "done", "some", "skip", "week"}
# About the messages themselves; they are among those, with our answers.
_ABOUT_MESSAGES = {"stop", "start", "help", "later", "time"}


def _texts(texts: Sequence[ThreadMessage], zone: ZoneInfo, locale: str) -> Iterator[Entry]:
    """What was understood stands in the diary; the rest, and every danger sign, is shown word for word."""
    for text in texts:
        codes = set((text.reading or "note").split())
        if text.direction == "in" and codes - _IN_THE_DIARY - _ABOUT_MESSAGES:
            kind: EntryKind = "alert" if "danger" in codes else "text"
            words = shown_words(text.body, "picture" in codes, translator(locale).gettext)
            yield Entry(text.sent_at.astimezone(zone), kind, f"“{words}”", text.channel)


def _versions(contents: Sequence[Content], zone: ZoneInfo, locale: str) -> Iterator[Entry]:
    for content in contents:
        made: datetime = content.version.created_at.astimezone(zone)
        words = Sentence(
            "Plan version %(number)s, from %(day)s: %(change)s",
            {
                "number": content.version.number,
                "day": content.version.starts_on,
                "change": change_sentence(content),
            },
        )
        yield Entry(made, "plan", said(words, locale), "web")


def change_sentence(content: Content) -> Sentence:
    """What is new in this version, in one line."""
    lines = [Sentence.from_stored(line) for line in content.version.change_lines]
    if lines:
        return listed(lines, SEMICOLON)
    if content.version.quiet:
        return Sentence("Nothing that the client sees changed")
    return Sentence(
        "Only habits, things to do once or the note changed" if content.version.number > 1 else "First version"
    )
