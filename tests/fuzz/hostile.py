"""Bodies that no program of ours would send: each is refused by a 4xx at once, and none is kept in memory."""

import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from litestar import Litestar

from tests.trust.asking import BODIES, CONSTANT, routes
from tests.trust.clinics import Side

MOST_MILLISECONDS = 100
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PARTS = {"Content-Type": "multipart/form-data; boundary=edge"}
_DEEP = 10_000


def _shapes(chance: random.Random) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """One of each kind, no two runs of it alike."""
    noise = chance.randbytes(chance.randrange(1, 400))
    number = str(chance.randrange(10**6)).encode()
    yield _JSON, b'{"score": ' + b"9" * 400 + b"e" + number + b"}"
    yield _JSON, b'{"score": 1e400, "note": "' + number + b'"}'
    yield _JSON, b'{"score": NaN, "note": ' + number + b"}"
    yield _JSON, b'{"note": "a\\u0000b' + number + b'", "text": "\\u0000"}'
    yield _JSON, b'{"note": "\\ud800' + number + b'", "text": "\\udfff"}'
    yield _JSON, b'{"note": "' + noise.replace(b'"', b"") + b'\xff"}'
    yield _JSON, b"[" * (_DEEP + chance.randrange(100)) + b"]" * _DEEP
    yield _JSON, b'{"a":' * _DEEP + number
    # As deep as can just be read, and wide where it is deepest.
    edge = chance.randrange(900, 1000)
    yield _JSON, b"[" * edge + b'"",' * 20_000 + b'""' + b"]" * edge
    yield _JSON, b'{"score": 4, "score": "' + number + b'", "' + noise.hex().encode() + b'": 1}'
    yield _JSON, b'"' + number + b'"'
    yield _JSON, b"\xef\xbb\xbf" + json.dumps({"unknown": noise.hex()}).encode()
    yield _JSON, json.dumps({f"field {place}": place for place in range(chance.randrange(900, 1100))}).encode()
    yield {**_JSON, "Content-Encoding": "gzip"}, gzip.compress(b'{"score": 4}')[:-4] + noise
    yield {**_JSON, "Content-Encoding": "br"}, noise
    yield {"Content-Type": "application/json; charset=utf-7"}, noise
    yield {"Content-Type": "text/xml"}, b'<!DOCTYPE x [<!ENTITY a "' + number + b'">]><x>&a;</x>'
    yield _FORM, b"a=%00&" * 50 + number
    yield _FORM, b"&".join(b"f%d=%%ff" % place for place in range(600 + chance.randrange(50)))
    yield _PARTS, b"--edge\r\nContent-Disposition: form-data; name=" + noise
    yield _PARTS, b'--edge\r\nContent-Disposition: form-data; name="file"; filename="../../x"\r\n\r\n' + noise
    yield {"Content-Type": "multipart/form-data"}, noise
    yield {}, noise
    yield _JSON, b"x" * (1_000_001 + chance.randrange(1000))


@dataclass
class Hostile:
    """What came back, by status; `wrong` says which were no refusal, or came late."""

    number: int
    answers: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    grown: int = 0
    wrong: list[str] = field(default_factory=list)

    async def run(
        self, api: httpx.AsyncClient, targets: Sequence[tuple[str, str]], headers: Mapping[str, str], most: int
    ) -> None:
        chance = random.Random(self.number)
        at_rest = 0
        while self.answers.total() < most:
            for kind, body in _shapes(chance):
                method, path = chance.choice(targets)
                began = time.perf_counter()
                answer = await api.request(method, path, content=body, headers={**headers, **kind})
                took = (time.perf_counter() - began) * 1000
                self.answers[answer.status_code] += 1
                self.times.append(took)
                if not 400 <= answer.status_code < 500:
                    self.wrong.append(f"{answer.status_code} {method} {path} {kind} {body[:60]!r}")
            # What is loaded once, for the first of each kind, is not what a body leaves behind.
            at_rest = at_rest or resident()
        self.grown = resident() - at_rest

    @property
    def slowest(self) -> float:
        return max(self.times)

    @property
    def usual(self) -> float:
        """Of 99 in a hundred: now and then the machine does something else."""
        return sorted(self.times)[len(self.times) * 99 // 100]


def targets(app: Litestar, ours: Side) -> list[tuple[str, str]]:
    """Every address that takes JSON, of things that are there."""
    ids = {**ours.ids["own"], **CONSTANT, "kind": "check_in"}
    taking = [route for route in routes(app) if route.name in BODIES]
    return [(route.method, route.path.format(**ids)) for route in taking]


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
