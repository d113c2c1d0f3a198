"""Mail to staff, whose protocol is shorter: what was marked and not told is never looked up, and never sent again.
Two workers and one mail, a crash or a lost answer at every step. Mirrors scheduler/digests.py."""

from collections import deque
from collections.abc import Collection, Iterator
from typing import Final, Literal, NamedTuple

from tests.model.state import Outcome

MailState = Literal["queued", "in_flight", "sent", "skipped", "expired", "failed"]
At = Literal["idle", "granted", "marked", "waiting", "answered"]

SETTLED: Final = ("sent", "skipped", "expired", "failed")
# ending_of: what the mail server's word makes of the mail.
ENDINGS: Final[dict[Outcome, tuple[MailState, str]]] = {
    "sent": ("sent", ""),
    "later": ("queued", ""),
    "unreached": ("queued", ""),
    "unknown": ("expired", "uncertain"),
    "refused": ("failed", "refused"),
}


class Rules(NamedTuple):
    """As the code has them; a test weakens one at a time."""

    flight_over_becomes: MailState | None = "expired"
    unknown_becomes: MailState = "expired"
    mark_becomes: MailState = "in_flight"
    wish_counts_in_mark: bool = True
    unknown_commit_sends_nothing: bool = True


class Worker(NamedTuple):
    """`ours`: nobody has marked the mail since."""

    at: At = "idle"
    ours: bool = False
    outcome: Outcome = "unknown"


class Mail(NamedTuple):
    """`taken`: how often the mail server took it. `loose`: requests on the wire for whose answer nobody waits."""

    state: MailState = "queued"
    reason: str = ""
    flight_over: bool = False
    wanted: bool = True
    window_over: bool = False
    taken: int = 0
    loose: int = 0
    workers: tuple[Worker, Worker] = (Worker(), Worker())

    def but(self, index: int, worker: Worker) -> "Mail":
        one, other = self.workers
        return self._replace(workers=(worker, other) if index == 0 else (one, worker))

    def ends(self, state: MailState, reason: str) -> "Mail":
        return self._replace(state=state, reason=reason, flight_over=False)


class Step(NamedTuple):
    words: str
    after: Mail
    fault: bool = False


IDLE: Final = Worker()
AT_MOST: Final = "the server takes it at most once"
FINAL: Final = "what is settled stays settled"
WANTED: Final = "nothing is marked after its reader's end"
LEDGER: Final = "what is settled was taken, or has a true reason"
SETTLES: Final = "it settles by itself"
PROMISES: Final = (AT_MOST, FINAL, WANTED, LEDGER, SETTLES)


def steps(rules: Rules, mail: Mail) -> Iterator[Step]:
    yield from _ends(rules, mail)
    for index, worker in enumerate(mail.workers):
        yield from _works(rules, mail, index, worker)
        if worker.at != "idle":
            loose = mail.loose + (worker.at == "waiting")
            yield Step("a worker is killed", mail.but(index, IDLE)._replace(loose=loose), fault=True)
    yield from _passes(mail)


def _ends(rules: Rules, mail: Mail) -> Iterator[Step]:
    """end_what_may_not_go."""
    if mail.state == "in_flight" and mail.flight_over and rules.flight_over_becomes is not None:
        reason = "uncertain" if rules.flight_over_becomes == "expired" else ""
        yield Step("a flight that is over ends", mail.ends(rules.flight_over_becomes, reason))
    if mail.state == "queued" and mail.window_over:
        yield Step("what is too late ends", mail.ends("expired", "late"))
    if mail.state == "queued" and not mail.wanted:
        yield Step("what is not wanted ends", mail.ends("skipped", "not_wanted"))


def _works(rules: Rules, mail: Mail, index: int, worker: Worker) -> Iterator[Step]:
    if worker.at == "idle" and mail.state == "queued" and mail.wanted and not mail.window_over:
        yield Step("a worker waits for the sender's turn", mail.but(index, Worker("granted")))
    if worker.at == "granted":
        yield from _marks(rules, mail, index)
    if worker.at == "marked":
        unreached = worker._replace(at="answered", outcome="unreached")
        yield Step("a worker sees that it is late, and sends nothing", mail.but(index, unreached))
        yield Step("a worker writes its request", mail.but(index, worker._replace(at="waiting")))
    if worker.at == "waiting":
        yield from _hears(mail, index, worker)
    if worker.at == "answered":
        yield from _records(rules, mail, index, worker)


def _marks(rules: Rules, mail: Mail, index: int) -> Iterator[Step]:
    wanted = mail.wanted or not rules.wish_counts_in_mark
    if not (mail.state == "queued" and wanted and not mail.window_over):
        yield Step("a worker finds nothing to mark", mail.but(index, IDLE))
        return
    marked = mail._replace(
        state=rules.mark_becomes,
        flight_over=False,
        workers=tuple(one._replace(ours=False) for one in mail.workers),  # type: ignore[arg-type]
    )
    sends = Worker("marked", ours=True)
    yield Step("a worker marks the mail", marked.but(index, sends))
    unsure = IDLE if rules.unknown_commit_sends_nothing else sends
    yield Step("a mark is committed, and its worker never hears of it", marked.but(index, unsure), fault=True)
    yield Step("a mark is not committed", mail.but(index, unsure), fault=True)


def _hears(mail: Mail, index: int, worker: Worker) -> Iterator[Step]:
    def told(outcome: Outcome, *, taken: int = 0, loose: int = 0) -> Mail:
        heard = mail.but(index, worker._replace(at="answered", outcome=outcome))
        return heard._replace(taken=mail.taken + taken, loose=mail.loose + loose)

    yield Step("the server takes the mail and says so", told("sent", taken=1))
    yield Step("the server says: later", told("later"), fault=True)
    yield Step("the server refuses the mail", told("refused"), fault=True)
    yield Step("the connection is not made", told("unreached"), fault=True)
    yield Step("the server takes the mail and its answer is lost", told("unknown", taken=1), fault=True)
    yield Step("a worker waits no longer", told("unknown", loose=1), fault=True)


def _records(rules: Rules, mail: Mail, index: int, worker: Worker) -> Iterator[Step]:
    free = mail.but(index, IDLE)
    yield Step("an answer is not recorded: the database is away", free, fault=True)
    state, reason = ENDINGS[worker.outcome]
    if worker.outcome == "unknown" and rules.unknown_becomes != state:
        state, reason = rules.unknown_becomes, ""
    if not worker.ours or mail.state != "in_flight":
        yield Step("an answer comes too late to be recorded", free)
    elif state == "queued" and mail.window_over:
        yield Step("an answer is recorded, too late for another try", free.ends("expired", "late"))
    else:
        yield Step(f"'{worker.outcome}' is recorded", free.ends(state, reason))


def _passes(mail: Mail) -> Iterator[Step]:
    if mail.loose:
        fewer = mail._replace(loose=mail.loose - 1)
        yield Step("the server takes a request nobody waits for", fewer._replace(taken=mail.taken + 1))
        yield Step("a request is lost", fewer)
    if mail.state == "in_flight" and not mail.flight_over:
        # Whoever stands still outlives it at any place, also between its last look at the clock and the wire.
        yield Step("the flight is over", mail._replace(flight_over=True))
    if mail.wanted:
        yield Step("its reader wants no more", mail._replace(wanted=False), fault=True)
    if not mail.window_over:
        yield Step("its hours are over", mail._replace(window_over=True), fault=True)


def broken(before: Mail, after: Mail) -> str | None:
    """The promise that a step breaks."""
    if after.taken > 1:
        return AT_MOST
    if before.state in SETTLED and after.state != before.state:
        return FINAL
    if before.state == "queued" and after.state not in ("queued", *SETTLED[1:]) and not before.wanted:
        return WANTED
    if after.state in SETTLED and not _told_truly(after):
        return LEDGER
    return None


def _told_truly(mail: Mail) -> bool:
    under_way = mail.loose > 0 or any(worker.at in ("marked", "waiting") for worker in mail.workers)
    if mail.state == "sent":
        return mail.taken == 1
    return mail.reason == "uncertain" or (bool(mail.reason) and not mail.taken and not under_way)


def explore(rules: Rules, promises: Collection[str] = PROMISES) -> tuple[int, str | None, list[str]]:
    """How many states there are, the first of these promises that is broken, and its shortest story."""
    seen: dict[Mail, tuple[Mail, str] | None] = {Mail(): None}
    earlier: dict[Mail, list[Mail]] = {}
    line = deque(seen)
    while line:
        mail = line.popleft()
        for step in steps(rules, mail):
            promise = broken(mail, step.after)
            if promise is not None and promise in promises:
                return len(seen), promise, [*_story(seen, mail), step.words]
            if step.after not in seen:
                seen[step.after] = (mail, step.words)
                line.append(step.after)
            if not step.fault:
                earlier.setdefault(step.after, []).append(mail)
    stuck = _stuck(seen, earlier) if SETTLES in promises else None
    return len(seen), SETTLES if stuck else None, _story(seen, stuck) if stuck else []


def _stuck(seen: dict[Mail, tuple[Mail, str] | None], earlier: dict[Mail, list[Mail]]) -> Mail | None:
    """From where nothing that is no fault leads to an end."""
    hopeful = {mail for mail in seen if mail.state in SETTLED}
    line = deque(hopeful)
    while line:
        for mail in earlier.get(line.popleft(), ()):
            if mail not in hopeful:
                hopeful.add(mail)
                line.append(mail)
    return next((mail for mail in seen if mail not in hopeful), None)


def _story(seen: dict[Mail, tuple[Mail, str] | None], mail: Mail) -> list[str]:
    words: list[str] = []
    while (origin := seen[mail]) is not None:
        mail, last = origin
        words.append(last)
    return words[::-1]
