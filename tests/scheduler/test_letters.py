"""A mail to staff by itself: its lines, its links, and what each answer of the mail server makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from scheduler.channels.base import Later, Refused, Sent, Unknown, Unreached
from scheduler.digests import ending_of
from scheduler.letters import Marked, lines_of, parcel_of, words_of
from scheduler.timing import NORMAL
from service.accounts.codes import link_token
from service.ids import new_id
from service.outbox.codes import Failure
from service.settings import Settings
from tests.make import NOW

ABOUT = {"counts": {"call": 1, "quiet": 6}, "named": [["Maria L.", "danger"], ["Ben", "went_quiet"]]}


class SameChance:
    def uniform(self, low: float, high: float) -> float:
        return 1.0


def marked(**fields: Any) -> Marked:
    mail = Marked(
        new_id(NOW), NOW.date(), ABOUT, 1, NOW + timedelta(hours=4), 0, "s@c.example", "en", "Northside", None
    )
    return replace(mail, **fields)


def test_what_became_of_each_answer() -> None:
    """Only what certainly was not taken waits again, and only within its four hours."""
    soon = NOW + timedelta(seconds=30)
    rows: Sequence[tuple[Any, Marked, tuple[Any, ...]]] = [
        (Sent("id-1"), marked(), ("sent", None, None)),
        (Later(30), marked(), ("queued", None, soon)),
        (Later(3600), marked(expires_at=soon), ("expired", "late", None)),
        (Unreached("no route"), marked(), ("queued", None, NOW + timedelta(seconds=5))),
        (Unreached("no route"), marked(soft_fails=3), ("queued", None, NOW + timedelta(seconds=40))),
        (Unknown("cut off"), marked(), ("expired", "uncertain", None)),
        (Refused("550", failure=Failure.INVALID_ADDRESS), marked(), ("failed", "invalid_address", None)),
        (Refused("554"), marked(), ("failed", "refused", None)),
        (None, marked(), ("failed", "render", None)),
    ]
    for outcome, mail, expected in rows:
        ending = ending_of(outcome, mail, NOW, SameChance(), NORMAL)  # type: ignore[arg-type]
        assert (ending.state, ending.reason, ending.due_at) == expected, outcome


def test_its_lines() -> None:
    assert lines_of(marked()) == [
        "Tue, Mar 10: 1 to call, 6 quiet.",
        "Maria L. told us something to read now.",
        "Ben has told us nothing on the last planned days.",
        "And 5 more.",
    ]
    nameless = marked(about={"counts": {"call": 1}, "named": [["", "danger"]]})
    assert lines_of(nameless)[1] == "Somebody we do not know told us something to read now."
    assert lines_of(marked(locale="es"))[1] == "Maria L. nos contó algo que hay que leer ya."


def test_the_lines_of_one_that_says_that_nobody_looked() -> None:
    about = {"name": "Maria L.", "rule": "danger", "look_by": "2026-03-10T12:00:00-04:00", "before": ["Sam", "Olga"]}
    mail = marked(kind="overdue", client_id=new_id(NOW), about=about)
    assert [line.replace("\u202f", " ") for line in lines_of(mail)] == [
        "Maria L. told us something to read now.",
        "Nobody has looked yet. It was to be looked at by Tue, Mar 10, 12:00 PM.",
        "We wrote to Sam, Olga before.",
    ]
    assert len(lines_of(replace(mail, about={**about, "before": []}))) == 2
    nameless = replace(mail, client_id=None, about={**about, "name": ""})
    assert lines_of(nameless)[0] == "Somebody we do not know told us something to read now."
    assert words_of(nameless, new_id(NOW), "s" * 40).path == "/texts"


def test_an_invitation_holds_its_link_and_no_way_to_stop_more_of_them() -> None:
    clinic_id, mail = new_id(NOW), marked(kind="invite", about={"by": "Olga"})
    settings = Settings(secret_key="s" * 40, public_url="https://app.clinic.example")
    parcel = parcel_of(mail, clinic_id, settings, 0)
    link = f"https://app.clinic.example/staff/join/{clinic_id.hex}.{link_token('s' * 40, 'invite', mail.id)}"
    assert "Olga invites you to work with Northside here." in parcel.text
    assert f"Choose a password: {link}" in parcel.text
    assert parcel.html is not None
    assert (link in parcel.html, "/digest" in parcel.text + parcel.html) == (True, False)
