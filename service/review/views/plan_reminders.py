"""The reminders of the form that prescribes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time

from service.catalogue.rules import Sentence
from service.errors import FieldProblem
from service.reminders.tables import KINDS, Reminder
from service.reminders.wishes import Wish, wish_of
from service.review.guards import Typed
from service.review.schemas.forms import Field, Option
from service.review.schemas.prescribing import ReminderPick
from service.terms import said

EVERY_WEEKDAY = 127
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_USUAL_TIMES = {"check_in": "08:00", "plan": "19:00", "habit": "20:00"}
_USUAL_KINDS = ("check_in", "plan")
_CHANNELS = {"sms": "Text", "email": "Email"}


def filled(known: Mapping[str, Reminder], *, is_first: bool) -> list[tuple[str, str]]:
    """As they are; for a first plan the usual ones are ticked."""
    fields = []
    for kind in KINDS:
        fields += _fields(kind, known)
        if is_first and not known and kind in _USUAL_KINDS:
            fields.append((f"remind_{kind}", "on"))
    return fields


def _fields(kind: str, known: Mapping[str, Reminder]) -> list[tuple[str, str]]:
    reminder = known.get(kind)
    was = (f"remind_was_{kind}", _state(reminder))
    if reminder is None:
        return [was]
    at, by = f"{reminder.local_times[0]:%H:%M}", reminder.channels[0]
    return [was, (f"remind_{kind}", "on"), (f"remind_at_{kind}", at), (f"remind_by_{kind}", by)]


def _state(reminder: Reminder | None) -> str:
    """As one word, which goes along with the form: how it was when somebody began to write."""
    return f"{reminder.local_times[0]:%H:%M} {reminder.channels[0]}" if reminder else ""


def _typed(form: Typed, kind: str) -> str:
    return f"{form.one(f'remind_at_{kind}')} {form.one(f'remind_by_{kind}')}" if form.has(f"remind_{kind}") else ""


def _clashes(form: Typed, kind: str, known: Mapping[str, Reminder]) -> bool:
    """Somebody else changed it since the form was made, and so did whoever wrote the form, otherwise."""
    was, now, typed = form.one(f"remind_was_{kind}"), _state(known.get(kind)), _typed(form, kind)
    return form.has(f"remind_was_{kind}") and len({was, now, typed}) == 3


def rebased(form: Typed, known: Mapping[str, Reminder]) -> Typed:
    """A reminder that only somebody else changed meanwhile stands in the form as they left it."""
    pairs = list(form.pairs)
    for kind in KINDS:
        was = form.one(f"remind_was_{kind}")
        if form.has(f"remind_was_{kind}") and was == _typed(form, kind) != _state(known.get(kind)):
            names = {f"{name}_{kind}" for name in ("remind", "remind_at", "remind_by", "remind_was")}
            pairs = [pair for pair in pairs if pair[0] not in names] + _fields(kind, known)
    return Typed(pairs)


def pick(
    kind: str,
    form: Typed,
    known: Mapping[str, Reminder],
    channels: Sequence[str],
    beside: Mapping[str, str],
    locale: str,
) -> ReminderPick:
    by = form.one(f"remind_by_{kind}")
    at = form.one(f"remind_at_{kind}") if form.has(f"remind_at_{kind}") else _USUAL_TIMES[kind]
    clash = _clash_words(known.get(kind), locale) if _clashes(form, kind, known) else None
    return ReminderPick(
        kind=kind,  # type: ignore[arg-type]
        was=_state(known.get(kind)),
        at=Field(at, clash or beside.get(f"/reminders/{kind}")),
        channels=[Option(c, said(Sentence(_CHANNELS[c]), locale), c == by) for c in channels],
        picked=form.has(f"remind_{kind}"),
    )


def _clash_words(now: Reminder | None, locale: str) -> str:
    """The page that says it knows how the reminder is now: sent once more, it is meant."""
    if now is None:
        return said(Sentence("Somebody else turned it off while you wrote. Send again if yours is right."), locale)
    parts = {"time": f"{now.local_times[0]:%H:%M}", "channel": Sentence(_CHANNELS[now.channels[0]])}
    words = "Somebody else set it to %(time)s, %(channel)s, while you wrote. Send again if yours is right."
    return said(Sentence(words, parts), locale)


def problems(form: Typed, known: Mapping[str, Reminder]) -> list[FieldProblem]:
    """A time that was changed means its reminder, ticked or not."""
    found = []
    for kind in KINDS:
        words = form.one(f"remind_at_{kind}")
        before = f"{known[kind].local_times[0]:%H:%M}" if kind in known else _USUAL_TIMES[kind]
        if form.has(f"remind_{kind}"):
            if not _CLOCK.fullmatch(words):
                found.append(FieldProblem(f"/reminders/{kind}", "time", "Use a local time such as 08:00."))
        elif words not in ("", before):
            found.append(FieldProblem(f"/reminders/{kind}", "not_ticked", "Tick this reminder, or empty its time."))
        if _clashes(form, kind, known):
            found.append(FieldProblem(f"/reminders/{kind}", "changed", "Somebody else changed it while you wrote."))
    return found


def wishes(form: Typed, known: Mapping[str, Reminder], first_day: date) -> dict[str, Wish | None]:
    """By kind what is to change: None ends a reminder, and one that stays as it is is left out. For a form without
    `problems`."""
    changed: dict[str, Wish | None] = {}
    for kind in KINDS:
        reminder = known.get(kind)
        if form.has(f"remind_{kind}"):
            wish = _wish(form, kind, reminder, first_day)
            if reminder is None or _differs(wish, reminder):
                changed[kind] = wish
        elif reminder is not None:
            changed[kind] = None
    return changed


def _differs(wish: Wish, reminder: Reminder) -> bool:
    return (wish.local_times, wish.channels) != (reminder.local_times, reminder.channels)


def _wish(form: Typed, kind: str, known: Reminder | None, first_day: date) -> Wish:
    """The form has one time and one channel; further ones of a reminder stay behind them."""
    at, channel = time.fromisoformat(form.one(f"remind_at_{kind}")), form.one(f"remind_by_{kind}")
    if known is None:
        return Wish(kind, [at], EVERY_WEEKDAY, [channel], first_day)
    times = [at, *(wall for wall in known.local_times[1:] if wall != at)]
    channels = [channel, *(other for other in known.channels if other != channel)]
    return replace(wish_of(known), local_times=times, channels=channels)
