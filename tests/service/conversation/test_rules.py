"""What holds for any text at all, and the hour that is meant."""

from datetime import time

from hypothesis import given, settings
from hypothesis import strategies as st

from service.conversation.grammar import read_reply
from service.conversation.rules import Later, PainScore, Reading


def read(text: str, asked: str | None = None) -> list[Reading]:
    return list(read_reply(text, asked=asked))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=60), st.sampled_from(["check_in", "plan", "habit", None]))
def test_any_text_at_all_has_a_reading_and_what_is_not_understood_is_kept(text: str, asked: str | None) -> None:
    readings = read(text, asked)
    assert readings
    scores = [reading for reading in readings if isinstance(reading, PainScore)]
    assert all(0 <= score.score <= 10 for score in scores)
    assert len(scores) <= 1


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.sampled_from([*"0123456789", "10", "R", "car", "done", "or", ".", ",", "-", "/", "half", "back", "x"]))
)
def test_a_text_made_of_known_words_never_gives_a_score_it_does_not_contain(parts: list[str]) -> None:
    numbers = {float(part) for part in parts if part.isdigit()}
    for reading in read(" ".join(parts)):
        if isinstance(reading, PainScore) and not reading.rounded:
            assert reading.score in numbers


def test_a_bare_hour_is_the_next_one_on_the_clock() -> None:
    seven = Later(time(7), either_half=True)
    assert seven.wall(time(6)) == time(7)
    assert seven.wall(time(9)) == time(19)
    assert seven.wall(time(20)) is None
    assert Later(time(12, 30), either_half=True).wall(time(9)) == time(12, 30)
    assert Later(time(7)).wall(time(9)) is None
    assert Later().wall(time(9)) is None
