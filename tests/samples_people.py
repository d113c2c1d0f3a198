"""Believable views of what staff and clients set about messages, and of a client's week."""

from datetime import timedelta

from msgspec.structs import replace

from service.diary.rules import DayState
from service.portal.schemas import WeekDay, WeekView
from service.review.rules.settings import NUMBERS, SWITCHES
from service.review.schemas import forms
from service.review.schemas.digest import DigestView
from service.review.schemas.settings import NumberField, SettingsView, SwitchField
from tests.samples import CLINIC, TODAY, at, link_view
from tests.samples_caseload import BAR
from tests.samples_tools import option

TREND = "Your pain was about 4 this week. It was about 5 the week before."
DAYS = (("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun"))


def digest_view(**fields: object) -> DigestView:
    values: dict[str, object] = {
        "bar": BAR,
        "wanted": True,
        "email": "sam@northside.example",
        "local_time": forms.Field("07:30"),
        "zone": forms.Field("America/Chicago"),
        "zones": ["America/Chicago", "America/New_York"],
        "weekdays": [option(code, name, n < 5) for n, (code, name) in enumerate(DAYS)],
        "mails": [(TODAY, "Sent."), (TODAY - timedelta(days=1), "Not sent: nobody waited.")],
        "next_at": at(-1, 7, 30),
    }
    return DigestView(**{**values, **fields})  # type: ignore[arg-type]


def people_pages() -> dict[str, tuple[str, object]]:
    week = WeekView(
        clinic_name=CLINIC,
        first=TODAY - timedelta(days=TODAY.weekday() + 7),
        last=TODAY - timedelta(days=TODAY.weekday() + 1),
        sentences=[
            "You did your plan on 3 of 4 days.",
            "On 1 of them, a part of it.",
            "You checked in on 5 days.",
            "You told us nothing of 1 plan day. It does not count as no.",
        ],
        days=_week(),
        ends_at=at(-6, 9),
    )
    own = replace(week, ends_at=None, before_url="/week", after_url="/week", trend=TREND)
    return {
        "week_link": ("portal/week.html", week),
        "week": ("portal/week.html", own),
        "link_look": ("portal/link.html", link_view("look", url="/r/sample")),
        **_digests(),
        "settings": ("review/settings.html", settings_view()),
    }


def settings_view() -> SettingsView:
    numbers = [
        NumberField(name, one.label, one.source, str(one.high), one.low, one.high) for name, one in NUMBERS.items()
    ]
    wrong = replace(numbers[0], value="9", problem=NUMBERS["flare_score"].hint)
    switches = [SwitchField(name, *words, name == "week_text") for name, words in SWITCHES.items()]
    return SettingsView(bar=BAR, numbers=[wrong, *numbers[1:]], switches=switches)


def _week() -> list[WeekDay]:
    monday = TODAY - timedelta(days=TODAY.weekday() + 7)
    done, partly, nothing, rest = DayState.DONE, DayState.PARTLY, DayState.NO_ENTRY, DayState.REST
    states = [done, rest, partly, rest, done, nothing, rest]
    return [WeekDay(monday + timedelta(days=n), state is not rest, state) for n, state in enumerate(states)]


def _digests() -> dict[str, tuple[str, object]]:
    wrong = digest_view(
        wanted=False,
        next_at=None,
        mails=[],
        zone=forms.Field("Mars/Base", "Use a time zone such as Europe/Berlin or America/New_York."),
        days_problem="Choose at least one weekday.",
        weekdays=[option(code, name) for code, name in DAYS],
    )
    return {"digest": ("review/digest.html", digest_view()), "digest_wrong": ("review/digest.html", wrong)}
