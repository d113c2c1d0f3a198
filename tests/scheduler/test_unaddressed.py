"""What is kept of a provider's words names nobody."""

import pytest

from scheduler.channels.base import unaddressed


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("5.1.1 <maria.lopez@mail.example>: no such user", "5.1.1 <…>: no such user"),
        ("The 'To' number +12025550142 is not valid.", "The 'To' number … is not valid."),
        ("'(202) 555-0142' cannot be reached", "'…' cannot be reached"),
        ("550 5.7.1 error 21211 after 3 tries", "550 5.7.1 error 21211 after 3 tries"),
        ("", ""),
    ],
)
def test_no_address_is_left_in_what_a_provider_said_and_its_codes_are(said: str, kept: str) -> None:
    assert unaddressed(said) == kept
