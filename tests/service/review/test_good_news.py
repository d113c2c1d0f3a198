"""Whom to praise at the next visit, and for what. Expected by hand."""

from datetime import date, timedelta

from service.catalogue.rules import Sentence
from service.diary.rules import Outcome
from service.progress.rules import Logged
from service.review.rules.good_news import good_news
from tests.make import TODAY

OUTCOMES = {"d": Outcome.DONE, "p": Outcome.PARTLY, "s": Outcome.SKIPPED, "x": Outcome.DONE}
PLANNED = "dps."


def news(told: str, mean: float | None, before: float | None) -> Sentence | None:
    """One letter a day, the last is today: "x" is done on a day off, "." is silence on a planned one."""
    first = TODAY - timedelta(days=max(len(told), 1) - 1)
    days = {first + timedelta(days=n): letter for n, letter in enumerate(told)}

    def due(begin: date, end: date) -> list[date]:
        return [day for day, letter in days.items() if letter in PLANNED and begin <= day <= end]

    logged = {day: Logged(OUTCOMES[letter], None) for day, letter in days.items() if letter in OUTCOMES}
    return good_news(logged, due, (first, TODAY), mean, before)


def test_one_sentence_of_the_first_rule_that_holds() -> None:
    steady, back = "Did all of the plan on each of %s planned days in two weeks.", "Back after %s planned days"
    for told, mean, before, expected in (
        ("d" * 14, 3.0, 6.0, "Pain about 3 over 7 days, was 6 at the start"),
        ("d" * 14, 5.0, 6.0, steady % 14),
        ("d-d-d-d-d-d-d-", None, None, steady % 7),
        ("d" * 13 + ".", None, None, steady % 13),  # today is not over
        ("d" * 12 + ".d", None, None, None),
        ("d" * 13 + "p", None, None, None),
        (" " * 11 + "ddd", None, None, None),  # three planned days are too few
        (" " * 10 + "dddd", None, None, steady % 4),
        ("dd......d", None, None, back % 6),
        ("dd.-.-.pd", None, None, back % 3),
        ("dd...dddd", None, None, back % 3),  # came back three days ago
        ("dd...ddddd", None, None, None),  # four days ago
        ("dd..d", None, None, None),
        ("s...d", None, None, back % 3),
        ("d--.-d", None, None, None),  # one planned day in four
        ("x...x", None, None, back % 3),
        ("x" * 14, None, None, None),  # nothing was planned
        ("...d", None, None, None),  # a start, no return
        ("dd....", None, None, None),
        ("d" * 14, 9.0, 6.0, None),
        ("", None, None, None),
    ):
        found = news(told, mean, before)
        words = str(found) if found else ""
        assert words.startswith(expected) if expected else words == "", told
