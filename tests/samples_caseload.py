"""A believable caseload: Maria gains, Tom has a bad day, Aisha went quiet, Luca said stop."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from service.review import schemas as review
from service.review.rules import Rule, Tier
from service.review.rules.sorting import Listing, Sort
from service.review.schemas.alerts import GoodNews
from service.review.schemas.listed import Part
from service.review.schemas.texts import DangerText
from tests.samples import CLINIC, TODAY, at, diary_of_pain, sample_id, trailing_means

BAR = review.StaffBar(CLINIC, "Sam Okafor", "/dev/inbox", has_digest=True, has_settings=True, has_library=True)
MARIA = sample_id(101)
DANGER_TEXT = DangerText(
    sample_id(150), at(0, 8, 2), "i fell in the kitchen and cannot put weight on it", at(0, 9, 2), is_overdue=True
)


def spark(start: float, drift: float, answers: float, seed: int, last: int | None = None) -> review.PainSpark:
    points = diary_of_pain(start, drift, answers, 28, seed)
    if last is not None:
        points[-1] = last
    return review.PainSpark(TODAY, points, trailing_means(points), round(start))


def silent_since(days: int, start: float, seed: int) -> review.PainSpark:
    points = diary_of_pain(start, 0, 0.9, 28, seed)[: 28 - days] + [None] * days
    return review.PainSpark(TODAY, points, trailing_means(points), round(start))


def row(number: int, name: str, tier: Tier, reason: str, drawn: review.PainSpark, **more: Any) -> review.CaseloadRow:
    return review.CaseloadRow(
        client_id=UUID(int=sample_id(100).int + number),
        name=name,
        tier=tier,
        reason=reason,
        spark=drawn,
        **more,
    )


def caseload_rows() -> list[review.CaseloadRow]:
    words = review.AdherenceWords
    return [
        row(
            2,
            "Tom Becker",
            Tier.CALL,
            "Pain 8 today. Usual is 4. Told us at 7:10 am.",
            spark(4, 0.4, 0.85, 2, 8),
            adherence=words(8, 12, 2),
            waiting_since=at(0, 7, 10),
            next_visit=at(-4, 9),
        ),
        row(
            3,
            "Grace Lindqvist",
            Tier.CALL,
            "Asked for help on Wed, Nov 18 at 6:32 pm.",
            spark(5, 0.5, 0.7, 13),
            adherence=words(7, 12, 3),
            waiting_since=at(1, 18, 32),
            events=2,
            look_by=at(0, 18),
        ),
        row(
            4,
            "Ngozi Eze",
            Tier.LOOK,
            "Pain about 6 in the last 3 answers. It was 3.5 at the start.",
            spark(3.5, 2.8, 0.7, 4),
            adherence=words(9, 16, 5, 2),
            waiting_since=at(4, 19),
            next_visit=at(-8, 14),
            seen_by="Sam",
            seen_at=at(1, 9, 5),
        ),
        row(
            5,
            "Harold Whitcombe-Fitzgerald",
            Tier.LOOK,
            "Said 2 times in 7 days that it hurts too much.",
            spark(6, 0.6, 0.9, 25),
            adherence=words(4, 12, 1),
            waiting_since=at(2, 17, 5),
            next_visit=at(-1, 11, 30),
            can_wait=True,
        ),
        row(
            6,
            "Aisha Rahman",
            Tier.QUIET,
            "No log on the last 6 planned days.",
            silent_since(9, 5, 6),
            adherence=words(5, 12, 7),
            waiting_since=at(9, 20),
            next_visit=at(-11, 10),
        ),
        row(
            7,
            "Luca Ferri",
            Tier.QUIET,
            "Asked us on Fri, Oct 30 to stop texts.",
            silent_since(20, 4, 7),
            adherence=words(2, 12, 10),
            waiting_since=at(20, 8, 40),
        ),
        row(
            8,
            "Kim Tran",
            Tier.QUIET,
            "Invited 6 days ago. No log yet.",
            review.PainSpark(TODAY, [None] * 28, [None] * 28),
            waiting_since=at(6, 9),
            next_visit=at(-5, 15),
            snoozed_until=at(-3, 0).date(),
        ),
        row(
            12,
            "Omar Haddad",
            Tier.NEW,
            "No plan yet.",
            review.PainSpark(TODAY, [None] * 28, [None] * 28),
            rule=Rule.NO_PLAN,
            local_now=at(0, 11, 24),
        ),
        row(
            13,
            "Vera Sokol",
            Tier.NEW,
            "Nothing logged yet.",
            review.PainSpark(TODAY, [None] * 28, [None] * 28),
            rule=Rule.NOTHING_LOGGED,
            adherence=words(0, 1, 1),
        ),
        row(
            1,
            "Maria Lopez",
            Tier.ON_TRACK,
            "On track.",
            spark(5, -1.4, 0.9, 1, 4),
            adherence=words(11, 12, 1),
            next_visit=at(-4, 10, 30),
        ),
        row(9, "Ben Carter", Tier.ON_TRACK, "On track.", spark(4, -1, 0.95, 9), adherence=words(10, 12, 0)),
        row(
            10,
            "Ines Duarte",
            Tier.ON_TRACK,
            "On track.",
            spark(3.5, -0.6, 0.8, 10),
            adherence=words(12, 16, 3),
            next_visit=at(-15, 9),
        ),
        row(11, "Pat Kelly", Tier.ON_TRACK, "On track.", spark(2.5, 0.1, 0.6, 11), adherence=words(6, 8, 2)),
    ]


def caseload_view() -> review.CaseloadView:
    return review.CaseloadView(
        bar=BAR,
        as_of=at(0, 10, 24),
        zone="America/Chicago",
        danger_texts=[DANGER_TEXT],
        counts=review.TierCounts(call=3, look=2, quiet=3, new=2, on_track=17),
        rows=caseload_rows(),
        steps=[
            GoodNews(MARIA, "Maria Lopez", "From Tue, Mar 10. A step that was allowed ahead: on to Single-leg bridge.")
        ],
        good_news=[
            GoodNews(MARIA, "Maria Lopez", "Pain about 4, was 6 at the start: much better."),
            GoodNews(sample_id(109), "Ben Carter", "Did all of the plan on each of 8 planned days in two weeks."),
        ],
        heartbeat_at=at(0, 10, 23),
    )


def caseload_second_page() -> review.CaseloadView:
    """Of three, by name: who must be called may be on another."""
    return replace(
        caseload_view(),
        danger_texts=[],
        rows=caseload_rows()[4:],
        part=Part(page=2, pages=3, first=51, last=100, total=112, following=12, to_call=2),
        listing=Listing(sort=Sort.NAME, page=2),
    )


def caseload_calm() -> review.CaseloadView:
    return review.CaseloadView(
        bar=BAR,
        as_of=at(0, 10, 24),
        zone="America/Chicago",
        counts=review.TierCounts(0, 0, 0, 0, 24),
        rows=[],
        good_news=[],
        heartbeat_at=at(0, 10, 10),
        late_minutes=14,
        shown=Tier.CALL,
    )


def caseload_pages() -> dict[str, tuple[str, object]]:
    return {
        "caseload": ("review/caseload.html", caseload_view()),
        "caseload_second_page": ("review/caseload.html", caseload_second_page()),
        "caseload_calm": ("review/caseload.html", caseload_calm()),
    }
