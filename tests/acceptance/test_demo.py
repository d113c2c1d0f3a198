"""`clamshell demo` as somebody who tries it: cut short, killed, every process of it killed, and Ctrl-C."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.acceptance.processes import PLAIN, Demo, eventually, healthy
from tests.far_ends import free_port


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    return tmp_path_factory.mktemp("demo") / "data", free_port()


def test_cut_short_while_it_fills_it_says_so_and_leaves_nothing_running(place: tuple[Path, int]) -> None:
    interrupted = Demo(*place, few=True)
    interrupted.until_said("  1 of 3 people")
    started = interrupted.children("")
    since = time.monotonic()
    assert interrupted.stop() == 130
    assert time.monotonic() - since < 5
    assert "Traceback" not in interrupted.output
    assert "the next start makes it from the beginning" in interrupted.output
    assert not _alive(place[0], started)

    killed = Demo(*place, few=True)
    killed.until_said("an earlier start was cut short; making the clinic from the beginning")
    eventually("a database again", (place[0] / "postgres" / "postmaster.pid").exists)
    _kill_outright(killed)


def test_the_demo_survives_kills_and_a_second_start(place: tuple[Path, int]) -> None:
    was_cut_short = place[0].exists()
    demo = Demo(*place, few=True)
    try:
        said = demo.until_ready()
        assert ("an earlier start was cut short; making the clinic from the beginning" in said) == was_cut_short
        assert f"ready http://127.0.0.1:{place[1]}" in said
        assert "  3 of 3 people" in said
        assert (demo.rows("clinic"), demo.rows("client")) == (1, 3)
        assert list(demo.links) == ["who needs you first", "Maria's timeline", "the test inbox"]
        _enter(demo)
        # Whoever signed out comes back by the same links.
        _enter(demo)
        _sign_in_as_maria(demo)
        before = demo.rows()
        assert before > 100
        for words in ("scheduler", "serve", "postgres"):
            _kill_and_wait(demo, words)
        eventually("the pages answer again", lambda: healthy(demo.url), 60, every=0.3)
        assert demo.rows() == before
    finally:
        _kill_outright(demo)

    again = Demo(*place, "--seed", "8")
    try:
        said = again.until_ready()
        assert "the data stays as it was made, with seed 7; --reset makes it anew with seed 8" in said
        assert again.rows() == before
        # A third party on the same data folder is turned away, and has nothing to say of an end.
        third = Demo(*place, few=True)
        assert third.ended() == 2
        assert "stopped" not in third.output
        started = again.children("")
    finally:
        assert again.stop() == 0
    assert "stopped; the data stays for the next time" in again.output
    assert not _alive(place[0], started)


def _enter(demo: Demo) -> None:
    """Opens each link, presses its button, and lands on the page it promised."""
    expected = {
        "who needs you first": "Tom Becker",
        "Maria's timeline": "Maria Lopez",
        "the test inbox": "Reply as Maria Lopez",
    }
    for name, link in demo.links.items():
        with httpx.Client(**PLAIN, follow_redirects=True) as desk:
            door = desk.get(link)
            assert "Enter as Sam" in door.text
            to = link.partition("?to=")[2]
            page = desk.post(link.partition("?")[0], data={"to": to})
            assert page.status_code == 200, f"{name}: {page.status_code}"
            assert expected[name] in page.text, name


def _sign_in_as_maria(demo: Demo) -> None:
    """Without her phone: the code that was sent to her is in the test inbox."""
    address = "maria.lopez@mail.example"
    with httpx.Client(base_url=demo.url, **PLAIN, follow_redirects=True) as phone:
        asked = phone.post("/sign-in", data={"address": address})
        assert asked.status_code == 200

        def code() -> list[str]:
            return re.findall(r"code is (\d{6})", phone.get("/dev/inbox/messages", params={"to": address}).text)

        sent = eventually("a code", code, every=0.3)[-1]
        page = phone.post("/sign-in/code", data={"address": address, "code": sent})
    assert (page.status_code, page.url.path) == (200, "/today")


def _kill_and_wait(demo: Demo, words: str) -> None:
    [pid] = eventually(f"{words} runs", lambda: demo.children(words))
    os.kill(pid, signal.SIGKILL)
    eventually(f"{words} runs again", lambda: [new for new in demo.children(words) if new != pid])


def _kill_outright(demo: Demo) -> None:
    """Nothing that it started goes on without it."""
    started = demo.children("")
    demo.process.send_signal(signal.SIGKILL)
    demo.ended()
    eventually("nothing is left", lambda: not _alive(demo.folder, started))


def _alive(folder: Path, started: list[int]) -> list[str]:
    """Of those started, the scheduler's words name no folder. Who has ended and was not asked about yet is no more."""
    listed = subprocess.run(["ps", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    found = [line.split(maxsplit=2) for line in listed.splitlines()]
    return [
        f"{pid} {words}"
        for pid, state, words in found
        if not state.startswith("Z") and (str(folder) in words or int(pid) in started)
    ]
