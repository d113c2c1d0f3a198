"""Believable views of what belongs to the person: messages and settings, devices, data, a plan that changed."""

from datetime import time, timedelta

from service.portal.schemas import LinkEndedView, PlanChangedView
from service.portal.schemas.answers import Choice
from service.portal.schemas.own import (
    Device,
    OwnDataView,
    Preview,
    ReminderForm,
    SettingsView,
    Stopped,
    Way,
)
from tests.samples import CLINIC, TODAY, at, sample_id
from tests.samples_joining import devices_view, helper_pages

DAYS = [Choice(day.lower(), day, day != "Sun") for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
ACTS = [
    Choice("none", "Only the time"),
    Choice("lunch", "After lunch", True),
    Choice("home", "When I get home"),
    Choice("other", "Something else"),
]
LINK = "https://go.clinic.example/r/..."


def settings_view(**fields: object) -> SettingsView:
    plan = ReminderForm(
        kind="plan",
        times=["12:30"],
        days=DAYS,
        acts=ACTS,
        preview=Preview(f"{CLINIC}: after lunch is a good time for today's plan. Reply DONE or LATER. {LINK}"),
    )
    check_in = ReminderForm(
        kind="check_in",
        times=["08:30", "19:00"],
        how_often="every 2 days",
        preview=Preview(
            f"It is time for today's check-in.\n\nIt takes one tap.\n\nCheck in: {LINK}", "Today's check-in"
        ),
    )
    view = {
        "clinic_name": CLINIC,
        "zone": "America/Chicago",
        "ways": [
            Way(value="sms", address="… 42", picked=True),
            Way(value="email", address="maria.lopez@mail.example", agrees="Yes, send me emails about my plan."),
            Way(value="app"),
        ],
        "reminders": [check_in, plan],
        "quiet": ("21:00", "08:00"),
        "quiet_of_clinic": (time(21), time(8)),
    }
    return SettingsView(**{**view, **fields})  # type: ignore[arg-type]


def _wrong() -> SettingsView:
    wrong = ReminderForm(
        kind="plan",
        times=["22:00"],
        days=[Choice(day.value, day.label) for day in DAYS],
        acts=[Choice(act.value, act.label, act.value == "other") for act in ACTS],
        own_act="when my hip hurts",
        preview=Preview(f"{CLINIC}: your plan for today is ready. Reply DONE when you finish, or tap {LINK}"),
        problems={
            "act": "Leave out hip, hurts: others may see the text.",
            "time": "That is in your quiet hours. Use a time from 7:00 AM to 9:30 PM.",
            "day": "Pick at least one day.",
        },
    )
    return settings_view(
        reminders=[wrong],
        quiet=("22:00", "07:00"),
        quiet_is_own=True,
        paused_until=TODAY + timedelta(days=4),
        problems={"pause": "Pick a day from today on, at most a year from now.", "quiet": "Use two times."},
    )


def _stopped() -> SettingsView:
    stopped = [Stopped("sms", at(3, 9), "text"), Stopped("email", at(1, 9), "here")]
    return settings_view(stopped=stopped, can_stop=False, saved="stop", reminders=[])


def own_pages() -> dict[str, tuple[str, object]]:
    devices = [
        Device(sample_id(801), "Chrome on an Android phone or tablet", at(40, 9).date(), TODAY, is_this=True),
        Device(sample_id(802), "Edge on a Windows computer", at(90, 9).date(), at(12, 9).date()),
        Device(sample_id(803), "A browser or app", at(9, 9).date(), at(9, 9).date()),
    ]
    changed = PlanChangedView(
        clinic_name=CLINIC,
        url="/today/session#plan",
        fields=[("outcome", "partly"), ("plan", str(sample_id(1)))],
        done=["Double-leg bridge"],
        gone=["Glute squeeze"],
        added=["Side-stepping"],
    )
    data = OwnDataView(clinic_name=CLINIC, help_phone="(202) 555-0100")
    return {
        "reminders": ("portal/reminders.html", settings_view()),
        "reminders_wrong": ("portal/reminders.html", _wrong()),
        "reminders_stopped": ("portal/reminders.html", _stopped()),
        "devices": ("portal/devices.html", devices_view(devices, saved="yes")),
        **helper_pages(devices),
        "own_data": ("portal/own_data.html", data),
        "own_data_sure": (
            "portal/own_data.html",
            OwnDataView(clinic_name=CLINIC, help_phone="(202) 555-0100", asking=True),
        ),
        "own_data_asked": (
            "portal/own_data.html",
            OwnDataView(clinic_name=CLINIC, help_phone="(202) 555-0100", asked_on=TODAY, saved="asked"),
        ),
        "plan_changed": ("portal/plan_changed.html", changed),
        "link_again": ("portal/link_ended.html", LinkEndedView(is_sent=True)),
    }
