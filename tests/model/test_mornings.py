"""Mail to staff, explored whole: its promises are kept, and a weakened step is caught."""

import random
from datetime import timedelta

import pytest

from scheduler.digests import ending_of
from scheduler.letters import Marked
from scheduler.timing import NORMAL
from service.ids import new_id
from tests.make import NOW
from tests.model.mornings import AT_MOST, ENDINGS, LEDGER, SETTLES, WANTED, Rules, explore
from tests.model.test_mirror import OUTCOMES


def test_all_promises_are_kept() -> None:
    states, promise, story = explore(Rules())
    assert promise is None, story
    assert states > 550


@pytest.mark.parametrize(
    ("rules", "promise"),
    [
        (Rules(flight_over_becomes="queued"), AT_MOST),
        (Rules(flight_over_becomes=None), SETTLES),
        (Rules(unknown_becomes="queued"), AT_MOST),
        (Rules(mark_becomes="sent"), LEDGER),
        (Rules(wish_counts_in_mark=False), WANTED),
        (Rules(unknown_commit_sends_nothing=False), AT_MOST),
    ],
)
def test_a_weakened_step_is_caught(rules: Rules, promise: str) -> None:
    _, broken, story = explore(rules, {promise})
    assert broken == promise, story


def test_every_word_of_the_server_ends_as_in_the_model() -> None:
    mail = Marked(new_id(NOW), NOW.date(), {}, 1, NOW + timedelta(hours=4), 0, "s@c.example", "en", "Northside", None)
    for word, (state, reason) in ENDINGS.items():
        ending = ending_of(OUTCOMES[word], mail, NOW, random.Random(1), NORMAL)
        assert (ending.state, ending.reason or "") == (state, reason), word
