"""The summary and the ledger as they go on paper: what their pages say, in the same order."""

from collections.abc import Callable, Sequence
from typing import Any

from service import charts
from service.accounts.tables import Clinic
from service.paper import size_in
from service.review.schemas.monitoring import CodeOut, Ledger, Month, StaffTime, Window
from service.review.schemas.summary import Counted, HabitFacts, PainFacts, Summary
from service.words import translator

Part = dict[str, Any]


class _Words:
    """In one language, as the templates of the pages have them."""

    def __init__(self, locale: str) -> None:
        known = translator(locale)
        self.locale, self.say = locale, known.gettext
        self._plural: Callable[[str, str, int], str] = known.ngettext

    def count(self, one: str, many: str, number: int, **parts: object) -> str:
        return self._plural(one, many, number) % {"num": number, **parts}


def _paper(
    title: str, facts: Sequence[str], notice: str | None, parts: Sequence[Part], clinic: Clinic, words: _Words
) -> Part:
    return {
        "title": title,
        "lang": words.locale,
        "size": size_in(clinic.country),
        "letters": 11,
        "facts": facts,
        "notice": notice,
        "parts": parts,
        "foot": [clinic.name],
    }


def _part(
    title: str | None,
    lines: Sequence[str] = (),
    *,
    level: int = 1,
    pairs: Sequence[tuple[str, str]] = (),
    items: Sequence[str] = (),
    table: Part | None = None,
) -> Part:
    return {"title": title, "level": level, "lines": lines, "pairs": pairs, "items": items, "table": table}


def summary_told(found: Summary, clinic: Clinic, locale: str) -> Part:
    words = _Words(locale)
    visit = words.say("no visit booked")
    if found.next_visit:
        visit = words.say("next visit %(day)s") % {"day": charts.week_day(found.next_visit, locale)}
    facts = [
        f"{charts.long_day(found.since, locale)} – {charts.long_day(found.today, locale)}",
        words.count("%(num)s day", "%(num)s days", found.days),
        visit,
    ]
    messages = words.say("Messages: %(theirs)s from them, %(ours)s from the clinic.")
    parts = [
        _part(words.say("Pain"), _pain(found.pain, found.days, words), pairs=_pain_counts(found, words)),
        *_plan(found, words),
        *([_part(words.say("Habits"), items=[_habit(one, words) for one in found.habits])] if found.habits else []),
        _part(None, [messages % {"theirs": found.from_client, "ours": found.from_us}]),
    ]
    warning = words.say("A warning sign is open.") if found.warnings else None
    return _paper(found.name, facts, warning, parts, clinic, words)


def _pain(pain: PainFacts, days: int, words: _Words) -> list[str]:
    answered = words.say("Answered on %(answered)s of %(days)s days.") % {"answered": pain.answered, "days": days}
    if pain.worst is not None and pain.worst_on is not None:
        worst = words.say("Worst %(score)s on %(day)s.")
        answered += " " + worst % {"score": pain.worst, "day": charts.week_day(pain.worst_on, words.locale)}
    changed = f"{pain.change}." if pain.change else words.say("Too few answers to say how pain changes.")
    return [answered, changed, *([f"{pain.since_start}."] if pain.since_start else [])]


def _pain_counts(found: Summary, words: _Words) -> list[tuple[str, str]]:
    told = (
        (words.say("Where"), found.places),
        (words.say("Brought on by"), found.aggravators),
        (words.say("The morning after"), found.mornings),
    )
    return [(label, _counts(counted)) for label, counted in told if counted]


def _counts(counted: Sequence[Counted]) -> str:
    return ", ".join(f"{one.words} {one.count}" for one in counted)


def _plan(found: Summary, words: _Words) -> list[Part]:
    line = f"{found.plan}."
    if found.strength is not None:
        strength = words.say("strength %(score)s of 100") % {"score": found.strength}
        line += f" {strength.capitalize()}."
    skipped = [(words.say("Skipped because"), _counts(found.skipped))] if found.skipped else []
    changes = [f"{charts.short_day(one.day, words.locale)}: {one.sentence}" for one in found.plan_changes]
    proposed = words.say("What the 24-hour rule proposes")
    return [
        _part(words.say("Plan"), [line], pairs=skipped),
        *([_part(words.say("Changes"), level=2, items=changes)] if changes else []),
        *([_part(proposed, level=2, items=found.proposals)] if found.proposals else []),
    ]


def _habit(habit: HabitFacts, words: _Words) -> str:
    if not habit.answered:
        return f"{habit.name} – {words.say('no answers')}"
    one, many = "met on %(met)s of %(num)s answered day", "met on %(met)s of %(num)s answered days"
    told = f"{habit.name} – {words.count(one, many, habit.answered, met=habit.met)}"
    if habit.strength is None:
        return told
    return f"{told}, {words.say('strength %(score)s of 100') % {'score': habit.strength}}"


def ledger_told(found: Ledger, clinic: Clinic, locale: str) -> Part:
    words = _Words(locale)
    facts = [found.name, _ran(found, words), charts.zone_name(found.zone, locale)]
    parts = [
        *(_window(found.window, words) if found.window else []),
        *_month(found.month, words),
        _part(None, items=found.cautions),
    ]
    return _paper(words.say("Remote therapeutic monitoring"), facts, None, parts, clinic, words)


def _ran(found: Ledger, words: _Words) -> str:
    if found.starts_on is None:
        return words.say("not started")
    since = words.say("since %(day)s") % {"day": charts.short_day(found.starts_on, words.locale)}
    if found.ended_on is None:
        return since
    return f"{since}, {words.say('ended %(day)s') % {'day': charts.short_day(found.ended_on, words.locale)}}"


def _window(window: Window, words: _Words) -> list[Part]:
    ends = {
        "first": charts.short_day(window.first, words.locale),
        "last": charts.short_day(window.last, words.locale),
    }
    days = [charts.short_day(day, words.locale) for day in window.data_days]
    counted = words.count("%(num)s data day", "%(num)s data days", len(days))
    lines = [f"{counted}: {', '.join(days)}" if days else counted]
    if window.channels:
        left_out = f" ({words.say('not counted')})"
        told = [f"{one.words} {one.days}{'' if one.counted else left_out}" for one in window.channels]
        lines.append(
            f"{words.say('By channel:')} {', '.join(told)}. "
            + words.say("A day counts once, on the day it reached us.")
        )
    title = words.say("30 days: %(first)s to %(last)s") % ends
    return [_part(title, lines, table=_codes(window.codes, words))]


def _codes(codes: Sequence[CodeOut], words: _Words) -> Part:
    return {
        "head": [words.say("Code"), words.say("For"), words.say("What the counts say")],
        "rows": [[code.code, code.label, _supported(code, words)] for code in codes],
    }


def _supported(code: CodeOut, words: _Words) -> str:
    if not code.times:
        return code.missing or ""
    return words.say("Supportable") + (f" × {code.times}" if code.times > 1 else "")


def _month(month: Month, words: _Words) -> list[Part]:
    ends = {"first": charts.short_day(month.first, words.locale), "last": charts.short_day(month.last, words.locale)}
    minutes = words.count("%(num)s minute", "%(num)s minutes", month.minutes)
    live = words.count("%(num)s live talk", "%(num)s live talks", month.live)
    title = words.say("Calendar month: %(first)s to %(last)s") % ends
    times = [_time(one, words) for one in month.times]
    return [
        _part(title, [f"{minutes}, {live}"], table=_codes(month.codes, words)),
        *([_part(words.say("Minutes of staff"), level=2, items=times)] if times else []),
    ]


def _time(time: StaffTime, words: _Words) -> str:
    told = (
        f"{charts.short_day(time.day, words.locale)}: {words.count('%(num)s minute', '%(num)s minutes', time.minutes)}"
    )
    return f"{told}, {words.say('live talk')}, {time.by}" if time.is_live else f"{told}, {time.by}"
