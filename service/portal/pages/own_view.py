"""The settings page as it stands, or with what was typed and could not be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal, cast

from msgspec.structs import replace

from service.accounts import queries as people
from service.accounts.rules import BOUNCED, masked
from service.accounts.tables import Client, Clinic, Consent, ContactPoint
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import Refused
from service.outbox.queries import own_words
from service.outbox.rules import OWN, mail_of, text_of
from service.page import LOCALES
from service.plans.rules import WEEKDAYS, EveryDays, TimesPerWeek, cadence_words
from service.portal.actions.own import STOPPED_HERE, problems_of, wish_in
from service.portal.pages.showing import reader_of
from service.portal.rules import Form, Reader
from service.portal.rules.own import ACTS, AGREES, NO_ACT, OTHER, act_of
from service.portal.schemas.answers import Choice
from service.portal.schemas.own import Preview, ReminderForm, ReminderKind, SettingsView, Stopped, Way
from service.reminders import queries as reminders
from service.reminders.schemas import EVERY_DAY
from service.reminders.tables import Reminder
from service.reminders.wishes import Wish, refuse_impossible, sent_as, wish_of
from service.words import translator

HIDDEN_LINK = "/r/..."
"""Where the link of a message stands, which is another one each time."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent of the part `place`; `problems` by field, none when it was only asked for the text."""

    place: str
    form: Form
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    client: Client
    clinic: Clinic
    reader: Reader
    public_url: str
    typed: Typed | None
    own: Mapping[tuple[str, str], str]

    def form_of(self, place: str) -> Form | None:
        return self.typed.form if self.typed and self.typed.place == place else None

    def problems_of(self, place: str) -> Mapping[str, str]:
        return self.typed.problems if self.typed and self.typed.place == place else {}

    @property
    def quiet(self) -> tuple[time, time]:
        return people.quiet_hours(self.client, self.clinic)


async def settings_view(
    session: ClinicSession,
    client: Client,
    public_url: str,
    now: datetime,
    *,
    saved: str = "",
    typed: Typed | None = None,
) -> SettingsView:
    clinic, reader = await people.clinic(session), reader_of(client)
    known = _Known(client, clinic, reader, public_url, typed, await own_words(session))
    listed = await reminders.reminders(session, client.id)
    points = await people.contact_points(session, client.id)
    today = today_of(client, now)
    paused = max((one.paused_until for one in listed if one.paused_until and one.paused_until >= today), default=None)
    quiet_form, pause_form = known.form_of("quiet"), known.form_of("pause")
    shown = (quiet_form.one("from"), quiet_form.one("until")) if quiet_form else _typed_as(known.quiet)
    return SettingsView(
        clinic_name=clinic.short_name,
        zone=client.zone,
        ways=_ways(points, await people.consents(session, client.id), listed, known),
        reminders=[_reminder(one, known) for one in listed],
        quiet=shown,
        quiet_of_clinic=(clinic.quiet_from, clinic.quiet_until),
        quiet_is_own=client.quiet_from is not None,
        paused_until=paused,
        pause_until=pause_form.one("until") if pause_form else "",
        stopped=[_stopped(point, point.opted_out_at, reader) for point in points if point.opted_out_at],
        can_stop=any(point.opted_out_at is None for point in points),
        saved=saved or None,
        problems={typed.place: next(iter(typed.problems.values()))} if typed and typed.problems else {},
    )


def _typed_as(quiet: tuple[time, time]) -> tuple[str, str]:
    return f"{quiet[0]:%H:%M}", f"{quiet[1]:%H:%M}"


def _ways(
    points: Sequence[ContactPoint], agreed: Sequence[Consent], listed: Sequence[Reminder], known: _Known
) -> list[Way]:
    form = known.form_of("reach")
    picked = form.one("way") if form else (listed[0].channels[0] if listed else "app")
    yes = {one.channel for one in agreed if one.withdrawn_at is None}
    ways = []
    for point in {one.channel: one for one in reversed(points)}.values():
        agrees = None if point.channel in yes else known.reader.say(AGREES[point.channel])
        address = point.address if point.channel == "email" else masked(point.address)
        channel = cast(Literal["sms", "email"], point.channel)
        ways.append(Way(value=channel, address=address, picked=picked == channel, agrees=agrees))
    return [*sorted(ways, key=lambda way: way.value, reverse=True), Way(value="app", picked=picked == "app")]


def _stopped(point: ContactPoint, at: datetime, reader: Reader) -> Stopped:
    how: Literal["here", "text", "clinic"] = "here" if point.opted_out_how in STOPPED_HERE else "text"
    if point.opted_out_how == BOUNCED or (point.channel == "email" and how == "text"):
        how = "clinic"
    return Stopped(cast(Literal["sms", "email"], point.channel), reader.local(at), how)


def _reminder(reminder: Reminder, known: _Known) -> ReminderForm:
    form, problems = known.form_of(reminder.kind), dict(known.problems_of(reminder.kind))
    wish = wish_of(reminder)
    if form is not None and not problems:
        wish = wish_in(form, reminder, known.reader, known.quiet)
    act = act_of(wish.anchor, [translator(one).gettext for one in LOCALES])
    view = ReminderForm(
        kind=cast(ReminderKind, reminder.kind),
        times=[f"{wall:%H:%M}" for wall in wish.local_times],
        preview=preview(wish, known),
        days=_days(wish.weekdays, known.reader),
        how_often=_how_often(wish, known.reader),
        acts=_acts(act, known.reader) if reminder.kind == "plan" else [],
        own_act=wish.anchor or "" if act == OTHER else "",
        problems=problems,
    )
    return _as_typed(view, form, known.reader) if form is not None else view


def _as_typed(view: ReminderForm, form: Form, reader: Reader) -> ReminderForm:
    mask = sum(1 << bit for bit, day in enumerate(EVERY_DAY) if day in form.each("day"))
    return replace(
        view,
        times=form.each("time") or view.times,
        days=_days(mask, reader) if view.days else [],
        acts=_acts(form.one("act") or NO_ACT, reader) if view.acts else [],
        own_act=form.one("own_act"),
    )


def _days(mask: int | None, reader: Reader) -> list[Choice]:
    if mask is None:
        return []
    named = zip(EVERY_DAY, WEEKDAYS, strict=True)
    return [Choice(day, reader.label(name), bool(mask >> bit & 1)) for bit, (day, name) in enumerate(named)]


def _how_often(wish: Wish, reader: Reader) -> str | None:
    if wish.every_days is not None:
        return reader.read(cadence_words(EveryDays(wish.every_days, wish.starts_on)))
    return reader.read(cadence_words(TimesPerWeek(wish.times_per_week))) if wish.times_per_week is not None else None


def _acts(picked: str, reader: Reader) -> list[Choice]:
    named = [
        (NO_ACT, "Only the time"),
        *((code, label) for code, (label, _) in ACTS.items()),
        (OTHER, "Something else"),
    ]
    return [Choice(code, reader.say(label), code == picked) for code, label in named]


def preview(wish: Wish, known: _Known) -> Preview:
    """By the same words and the same code as what is sent; only the link is another one each time."""
    clinic, reader, public_url = known.clinic, known.reader, known.public_url
    kind, params = sent_as(wish.kind, wish.anchor)
    values = {
        **params,
        OWN: {of: words for (of, locale), words in known.own.items() if locale == reader.locale},
        "clinic": clinic.short_name,
        "phone": clinic.phone,
        "emergency": clinic.emergency_number,
        "most": clinic.texts_per_day,
        "link": f"{public_url}{HIDDEN_LINK}",
    }
    if wish.channels[:1] != ["email"]:
        return Preview(text_of(kind, reader.say, values))
    subject, text = mail_of(kind, reader.say, {**values, "stop": values["link"]})
    return Preview(text, subject)


def checked(form: Form, reminder: Reminder, reader: Reader, quiet: tuple[time, time]) -> dict[str, str]:
    """What is wrong with a form of a reminder, without keeping it."""
    try:
        refuse_impossible(wish_in(form, reminder, reader, quiet))
    except Refused as refused:
        return {name: reader.say(message) for name, message in problems_of(refused)}
    return {}
