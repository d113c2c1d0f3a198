"""A clinic's own picture and video, from the phone that made them to the phone that plays them."""

import base64
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Newcomer, Site, until

SQUEEZE = "Glute squeeze"
PICTURE = """async (side) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side / 2 });
  const pen = canvas.getContext("2d");
  for (let x = 0; x < side; x += 8) { pen.fillStyle = `hsl(${x % 360} 60% 60%)`; pen.fillRect(x, 0, 8, side); }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), (b) => String.fromCharCode(b)).join(""));
}"""
VIDEO = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/mp4;codecs=avc1.42E01E" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  for (let n = 0; n < 25; n++) {
    pen.fillStyle = `hsl(${n * 9} 60% 60%)`;
    pen.fillRect(0, 0, 320, 240);
    await new Promise((done) => setTimeout(done, 40));
  }
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
}"""
MEDIA = """async () => (await (await caches.open('pages')).keys())
  .map((one) => new URL(one.url).pathname).filter((path) => path.startsWith('/media/'))"""
PLAY = """async (video) => {
  await video.play();
  while (video.currentTime < 0.2 && !video.error) await new Promise((done) => setTimeout(done, 20));
  return [video.muted, video.videoWidth, video.error];
}"""


@pytest.fixture
def sam(tab_for: Callable[..., Any]) -> Any:
    return tab_for("sam", size="desk")


def _open(tab: Any, name: str) -> None:
    tab.goto("/exercises")
    tab.fill("input[name=q]", name)
    tab.press("input[name=q]", "Enter")
    tab.click(f".library-row a:text-is('{name}')")


def _save(tab: Any, kind: str, alt: str, data: bytes) -> None:
    tab.fill(f"#{kind}-alt", alt)
    mime = "image/jpeg" if kind == "picture" else "video/mp4"
    tab.set_input_files(f"#{kind}-file", {"name": "IMG_1", "mimeType": mime, "buffer": data})
    if kind == "picture":
        tab.wait_for_selector("#picture canvas")
    tab.click(f"#{kind} button.strong")
    tab.wait_for_url("**done=media")


def test_what_a_therapist_films_is_played_in_the_clients_plan(
    sam: Any, newcomer: Newcomer, tab_for: Callable[..., Any]
) -> None:
    _open(sam, SQUEEZE)
    large = base64.b64decode(sam.evaluate(PICTURE, 3200))
    _save(sam, "picture", "Both buttocks tight", large)
    # It was made smaller on the way: nobody sees more on a phone.
    assert "1600 × 800" in sam.inner_text("#picture .meta")
    _save(sam, "video", "Tight, and loose again", base64.b64decode(sam.evaluate(VIDEO)))
    client = tab_for(newcomer)
    asked: list[str] = []
    client.on("request", lambda request: asked.append(request.url))
    client.goto("/plan")
    video = client.locator("video")
    assert video.get_attribute("aria-label") == "Video: Tight, and loose again"
    assert not [url for url in asked if url.endswith(".mp4")]
    assert video.evaluate(PLAY) == [True, 320, None]
    # The clinic's picture is on the phone then, and its video is not.
    until(client, "the picture on the phone", lambda: client.evaluate(MEDIA) != [])
    assert [name.rpartition(".")[2] for name in client.evaluate(MEDIA)] == ["jpg"]
    for kind in ("video", "picture"):
        sam.click(f"#{kind} form:last-child button")
        sam.wait_for_url("**done=media_removed")
    client.reload()
    assert client.locator("video").count() == 0


def test_a_file_that_is_too_large_is_told_of_before_it_is_sent(sam: Any, tmp_path: Path) -> None:
    _open(sam, SQUEEZE)
    film = tmp_path / "long.mp4"
    film.touch()
    os.truncate(film, 30_000_001)
    sam.set_input_files("#video-file", film)
    sam.wait_for_selector("#video-file-problem:not(:empty)")
    assert sam.inner_text("#video-file-problem") == "Use a video of at most 30 MB."


def _raw(site: Site, path: str, cookie: str, csrf: str, length: int) -> socket.socket:
    """A request whose form is sent up to where its file begins; it says it is `length` bytes long."""
    address = urlsplit(site.url)
    fields = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("csrf", csrf), ("alt", "Something"))
    )
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    line = socket.create_connection((address.hostname or "", address.port or 80), timeout=20)
    line.sendall(
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n\r\n{fields}{head}".encode()
    )
    return line


def test_a_photograph_of_20_mb_is_answered_before_a_byte_of_it_came(site: Site, sam: Any) -> None:
    _open(sam, SQUEEZE)
    path = urlsplit(sam.url).path
    csrf = sam.get_attribute("#picture input[name=csrf]", "value")
    [session] = [c for c in sam.context.cookies() if "session" in c["name"]]
    cookie = f"{session['name']}={session['value']}"
    with _raw(site, f"{path}/picture", cookie, csrf, 20_000_000) as line:
        answer = line.recv(65_536).decode(errors="replace")
        while "at most 5 MB" not in answer and (more := line.recv(65_536)):
            answer += more.decode(errors="replace")
    assert re.match(r"HTTP/1.1 422 ", answer)
    assert "Use a picture of at most 5 MB." in answer
    with _raw(site, f"{path}/picture", cookie, csrf, 200_000) as line:
        line.sendall(b"\xff\xd8\xff\xe0" + bytes(100_000))
    sam.goto(path)
    assert sam.locator("#picture button:has-text('Take the picture away')").count() == 0
