"""The reminders of the form that prescribes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time

from service.catalogue.rules import Sentence
from service.errors import Refused
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
        reminder = known.get(kind)
        if reminder is not None:
            fields.append((f"remind_{kind}", "on"))
            fields.append((f"remind_at_{kind}", f"{reminder.local_times[0]:%H:%M}"))
            fields.append((f"remind_by_{kind}", reminder.channels[0]))
        elif is_first and not known and kind in _USUAL_KINDS:
            fields.append((f"remind_{kind}", "on"))
    return fields


def pick(kind: str, form: Typed, channels: Sequence[str], beside: Mapping[str, str], locale: str) -> ReminderPick:
    by = form.one(f"remind_by_{kind}")
    at = form.one(f"remind_at_{kind}") if form.has(f"remind_at_{kind}") else _USUAL_TIMES[kind]
    return ReminderPick(
        kind=kind,  # type: ignore[arg-type]
        at=Field(at, beside.get(f"/reminders/{kind}")),
        channels=[Option(c, said(Sentence(_CHANNELS[c]), locale), c == by) for c in channels],
        picked=form.has(f"remind_{kind}"),
    )


def wishes(form: Typed, known: Mapping[str, Reminder], first_day: date) -> dict[str, Wish | None]:
    """By kind what is to change: None ends a reminder, and one that stays as it is is left out."""
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
    words, channel = form.one(f"remind_at_{kind}"), form.one(f"remind_by_{kind}")
    if not _CLOCK.fullmatch(words):
        raise Refused.one(f"/reminders/{kind}", "time", "Use a local time such as 08:00.")
    at = time.fromisoformat(words)
    if known is None:
        return Wish(kind, [at], EVERY_WEEKDAY, [channel], first_day)
    times = [at, *(wall for wall in known.local_times[1:] if wall != at)]
    channels = [channel, *(other for other in known.channels if other != channel)]
    return replace(wish_of(known), local_times=times, channels=channels)
