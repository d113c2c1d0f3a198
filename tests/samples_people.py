"""Believable views of what staff and clients set about messages, and of a client's week."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from service.accounts.rules.limits import RANGES
from service.accounts.rules.office import ONE_DAY_HINT
from service.diary.rules import DayState
from service.portal.schemas import AimForm, Choice, LinkLine, WeekDay, WeekPain, WeekView
from service.review.rules.limits import LIMITS, WORDS
from service.review.rules.monitoring import (
    CAUTIONS,
    LABELS,
    CodeLine,
    month_lines,
    month_of,
    window_lines,
    window_of,
)
from service.review.rules.settings import NUMBERS, SWITCHES
from service.review.schemas import forms
from service.review.schemas.digest import DigestView
from service.review.schemas.limits import LimitField, LimitGroup, LimitsView
from service.review.schemas.monitoring import ChannelDays, CodeOut, LedgerView, Month, StaffTime, Window
from service.review.schemas.settings import NumberField, OfficeField, SettingsView, SwitchField
from tests.samples import CLINIC, TODAY, at, days_back, sample_id, trailing_means, week
from tests.samples_caseload import BAR, MARIA
from tests.samples_today import link_view
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


def own_people_pages() -> dict[str, tuple[str, object]]:
    linked = WeekView(
        clinic_name=CLINIC,
        first=TODAY - timedelta(days=TODAY.weekday() + 7),
        last=TODAY - timedelta(days=TODAY.weekday() + 1),
        sentences=[
            "You did your plan on 3 of 4 days.",
            "On 1 of them, a part of it.",
            "You checked in on 5 days.",
            "We heard nothing about 1 plan day. It does not count as a no.",
        ],
        days=_week(),
        ends_at=at(-6, 9),
    )
    links = [
        LinkLine("Did you stand evenly on both feet when waiting?", "May go with less pain"),
        LinkLine("How did you mostly sleep?", "No clear link"),
    ]
    own = replace(linked, ends_at=None, before_url="/week", after_url="/week", trend=TREND, links=links)
    own = replace(
        own, pain=_two_weeks(), went_well="You came back after a break.", aim="Your aim for this week: 3 days."
    )
    return {
        "week_link": ("portal/week.html", linked),
        "week": ("portal/week.html", own),
        "week_open": ("portal/week.html", _open_week(own)),
        "week_new": ("portal/week.html", _new_week(own)),
        "link_look": ("portal/link.html", link_view("look", url="/r/sample")),
    }


def people_pages() -> dict[str, tuple[str, object]]:
    return {
        **_digests(),
        "settings": ("review/settings.html", settings_view()),
        "limits": ("review/limits.html", limits_view()),
        "monitoring": ("review/monitoring.html", monitoring_view()),
        "monitoring_wrong": ("review/monitoring.html", monitoring_view(sent=MINUTES)),
        "monitoring_new": ("review/monitoring.html", monitoring_view(window=None, starts_on=None)),
    }


MINUTES = forms.Sent(
    "time", {"day": "2026-03-09", "minutes": "-5", "is_live": "on"}, {"minutes": "Use 0 to 480 minutes."}
)


def monitoring_view(**fields: object) -> LedgerView:
    def lines(found: Iterable[CodeLine]) -> list[CodeOut]:
        return [
            CodeOut(line.code, LABELS[line.code], line.times, str(line.why) if line.why else None) for line in found
        ]

    first, last = window_of(TODAY - timedelta(days=40), TODAY)
    days = [first + timedelta(days=n) for n in range(0, 10, 2)]
    month_first, month_last = month_of(TODAY)
    values: dict[str, object] = {
        "bar": BAR,
        "client_id": MARIA,
        "name": "Maria Lopez",
        "on": TODAY,
        "today": TODAY,
        "zone": "America/Chicago",
        "starts_on": TODAY - timedelta(days=40),
        "window": Window(
            first,
            last,
            days,
            [ChannelDays("text", "text", 5, True), ChannelDays("web", "page", 2, False)],
            lines(window_lines(5, True)),
        ),
        "month": Month(
            month_first,
            month_last,
            42,
            1,
            [StaffTime(sample_id(70), TODAY, 42, True, "Sam Okafor")],
            lines(month_lines(42, 1)),
        ),
        "cautions": list(CAUTIONS),
        "entry": sample_id(71),
    }
    return LedgerView(**{**values, **fields})  # type: ignore[arg-type]


def settings_view() -> SettingsView:
    numbers = [
        NumberField(name, one.label, one.source, str(one.high), one.low, one.high) for name, one in NUMBERS.items()
    ]
    wrong = replace(numbers[0], value="9", problem=NUMBERS["flare_score"].hint)
    switches = [SwitchField(name, *words, name == "week_text") for name, words in SWITCHES.items()]
    office = [OfficeField(code, name, "08:00", "18:00") for code, name in DAYS[:5]]
    office += [OfficeField("sat", "Sat", "9", "", ONE_DAY_HINT), OfficeField("sun", "Sun", "", "")]
    return SettingsView(
        bar=BAR, numbers=[wrong, *numbers[1:]], switches=switches, office=office, closed="2026-12-25\n2027-01-01"
    )


def limits_view() -> LimitsView:
    groups = [LimitGroup(title, [_limit(name) for name in names]) for title, names in WORDS.items()]
    problem = "Nothing was saved yet. Please look at the fields marked below."
    return LimitsView(bar=BAR, groups=groups, problem=problem)


def _limit(name: str) -> LimitField:
    one, usual = LIMITS[name], RANGES[name].usual
    field = LimitField(name, one.label, one.source, str(usual), one.low, one.high, usual)
    return replace(field, value="9", problem=one.hint) if name == "high_pain" else field


def _open_week(own: WeekView) -> WeekView:
    monday = TODAY - timedelta(days=TODAY.weekday())
    aims = [Choice(str(n), str(n), n == 4) for n in range(2, 6)]
    return replace(
        own,
        first=monday,
        last=monday + timedelta(days=6),
        today=TODAY,
        sentences=["You did your plan on 2 of 4 days so far.", "On 1 of them, a part of it."],
        days=week(DayState.NO_ENTRY),
        trend="Your pain was about 4 in the last 7 days. It was about 5 in the 7 days before.",
        went_well="You reached your aim of 2 days.",
        aim_form=AimForm(aims, status="Saved."),
        after_url=None,
        links=[],
    )


def _new_week(own: WeekView) -> WeekView:
    """Of somebody who has just begun; the aim was sent wrong."""
    aims = [Choice(str(n), str(n)) for n in range(2, 6)]
    return replace(
        _open_week(own),
        sentences=["You have not told us about this week yet."],
        trend="We need a few more days before we can show a trend.",
        pain=None,
        went_well=None,
        aim=None,
        aim_form=AimForm(aims, problem="Tap one of the answers."),
    )


def _two_weeks() -> WeekPain:
    days = days_back(14)
    scores: list[int | None] = [6, 5, None, 5, 6, 4, 5, 4, 4, None, 5, 3, 4, 4]
    states = [DayState.DONE if n % 2 else DayState.REST for n in range(14)]
    means = trailing_means(scores)
    return WeekPain(
        list(zip(days, scores, strict=True)), list(zip(days, means, strict=True)), list(zip(days, states, strict=True))
    )


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
