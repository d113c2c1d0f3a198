"""The mail that says who needs whom first, by its rules alone: whom it names, when the next comes, and its words."""

from datetime import UTC, datetime, time

from service.outbox.rules import blocked_words
from service.review.rules import CALM, TIERS, Rule, Tier
from service.review.rules.digest import (
    BUTTON,
    MORE,
    NAMELESS,
    OF_TIER,
    STOP_WORDS,
    SUBJECT,
    WHY,
    NotSent,
    Waiting,
    digest_of,
    next_digest,
    short_name,
)
from service.words import translator
from tests.service.test_words import catalogue


def waiting(name: str, rule: Rule) -> Waiting:
    return Waiting(name, TIERS[rule], rule)


def test_who_is_named_and_counted() -> None:
    anna, ben, cleo = (
        waiting("Anna Maria Berg", Rule.DANGER),
        waiting("Ben", Rule.WENT_QUIET),
        waiting("Cleo D", Rule.ON_TRACK),
    )
    rows = [
        ([], {}, []),
        ([cleo], {}, []),
        ([anna, ben, cleo], {"call": 1, "quiet": 1}, [("Anna B.", "danger"), ("Ben", "went_quiet")]),
        ([anna] * 7, {"call": 7}, [("Anna B.", "danger")] * 5),
    ]
    for listed, counts, named in rows:
        found = digest_of(listed)
        assert (found.counts, found.named) == (counts, named), listed
    assert short_name("José Ángel Núñez") == "José N."


def test_when_the_next_one_comes() -> None:
    """The 10th of March 2026 is a Tuesday. Clocks go forward on the 8th in New York and on the 29th in Berlin."""
    new_york, berlin, every_day, weekdays = "America/New_York", "Europe/Berlin", 127, 0b11111
    rows = [
        (
            datetime(2026, 3, 10, 11, 0, tzinfo=UTC),
            time(7, 30),
            new_york,
            weekdays,
            datetime(2026, 3, 10, 11, 30, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 10, 11, 30, tzinfo=UTC),
            time(7, 30),
            new_york,
            weekdays,
            datetime(2026, 3, 11, 11, 30, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 13, 12, 0, tzinfo=UTC),
            time(7, 30),
            new_york,
            weekdays,
            datetime(2026, 3, 16, 11, 30, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 7, 13, 0, tzinfo=UTC),
            time(7, 30),
            new_york,
            every_day,
            datetime(2026, 3, 8, 11, 30, tzinfo=UTC),
        ),
        # 2:30 does not exist on the 29th in Berlin: 3:30 by the new clock is 1:30 UTC.
        (
            datetime(2026, 3, 28, 12, 0, tzinfo=UTC),
            time(2, 30),
            berlin,
            every_day,
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 10, 11, 0, tzinfo=UTC),
            time(7, 30),
            new_york,
            0b0000001,
            datetime(2026, 3, 16, 11, 30, tzinfo=UTC),
        ),
    ]
    for after, wall, zone, mask, expected in rows:
        assert next_digest(after, wall, zone, mask) == expected, (after, zone)


def test_its_words_are_there_for_every_rule_in_both_languages_and_tell_nothing_of_health() -> None:
    assert {rule for rule in Rule if TIERS[rule] not in CALM} == set(WHY)
    assert set(OF_TIER) == {tier.value for tier in Tier if tier not in CALM}
    said = {
        NAMELESS,
        SUBJECT,
        BUTTON,
        MORE,
        STOP_WORDS,
        *WHY.values(),
        *OF_TIER.values(),
        *(one.msgid for one in NotSent),
    }
    assert said - set(catalogue("es")) == set()
    for language in ("en", "es"):
        assert [words for msgid in said if blocked_words(words := translator(language).gettext(msgid))] == []
