"""What a run is told that cannot be is refused before anything starts."""

import pytest

from tests.faults.run import main


@pytest.mark.parametrize("word", ["0", "-1", "nan", "inf", "many"])
def test_a_run_of_no_or_endless_minutes_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--minutes", word])
    assert "argument --minutes: " in capsys.readouterr().err
