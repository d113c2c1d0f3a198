"""What open caseloads are told: that something changed, that we are still there, that it is over. Never what, or who.

One round looks at every clinic with an open page, one after the other, whatever the number of its pages: so it takes
one connection, and a slow database makes it slower instead of busier. While no page is open nothing runs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from service import logs
from service.accounts.guards import Person
from service.database.tenancy import SYSTEM, ClinicSession, Database
from service.errors import TooMany
from service.review.queries import heartbeat
from service.review.queries.pulse import Stand, may_still_look, pulse_and_team, stands

EVERY_SECONDS = 3.0
ROUNDS_TO_A_BEAT = 5
"""A beat every 15 seconds: proxies end what is silent for 30 or 60."""
QUIET_AFTER = 5
"""Rounds without a change, after which a clinic is asked every second round: nights and lunch hours cost half."""

PAGES_OF_ONE, PAGES_OF_ALL = 6, 1000
_TRY_AGAIN_SECONDS = 30

logger = logs.logger("live")


@dataclass(eq=False, slots=True)
class Listener:
    """An open page. `since` is the pulse it was made with: what it holds already is no news."""

    person: Person
    since: str
    changes: int = 0
    beat: str | None = None
    is_over: bool = False
    is_signed_out: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, *, signed_out: bool) -> None:
        self.is_over, self.is_signed_out = True, signed_out
        self.woken.set()

    def tell(self, changes: int = 0, beat: str | None = None) -> None:
        """A page that reads slowly is told once what came in between."""
        self.changes += changes
        self.beat = beat if beat is not None else self.beat
        if self.changes or self.beat is not None:
            self.woken.set()

    def take(self) -> bytes:
        told = _event("change", str(self.changes)) if self.changes else b""
        told += _event("beat", self.beat) if self.beat is not None else b""
        self.changes, self.beat = 0, None
        self.woken.clear()
        return told


@dataclass(slots=True)
class _Clinic:
    listeners: set[Listener] = field(default_factory=set)
    pulse: str | None = None
    team: str | None = None
    stands: Mapping[UUID, Stand] = field(default_factory=dict)
    rounds: int = 0
    calm: int = 0
    """How many looks in a row found nothing new."""

    def skips(self) -> bool:
        """Whether this round passes it over; a beat is never left out."""
        return self.calm >= QUIET_AFTER and self.rounds % ROUNDS_TO_A_BEAT != 0 and self.rounds % 2 == 1


class Live:
    def __init__(self, database: Database, clock: Callable[[], datetime], every_seconds: float = EVERY_SECONDS) -> None:
        self._database, self._clock, self._every = database, clock, every_seconds
        self._clinics: dict[UUID, _Clinic] = {}
        self._rounds: asyncio.Task[None] | None = None
        self._closed = False

    def listen(self, person: Person, since: str) -> Listener:
        """Raises TooMany: a page works without this too."""
        listeners = [one for clinic in self._clinics.values() for one in clinic.listeners]
        own = sum(one.person.session_id == person.session_id for one in listeners)
        if self._closed or own >= PAGES_OF_ONE or len(listeners) >= PAGES_OF_ALL:
            raise TooMany(_TRY_AGAIN_SECONDS)
        return Listener(person, since)

    async def told(self, listener: Listener) -> AsyncIterator[bytes]:
        """Until the sign-in ends, which it says, the page is closed, or the server goes down."""
        try:
            self._join(listener)
            yield b": open\n\n"
            while not listener.is_over:
                await listener.woken.wait()
                if told := listener.take():
                    yield told
            if listener.is_signed_out:
                yield _event("over", "")
        finally:
            self._leave(listener)

    def _join(self, listener: Listener) -> None:
        clinic = self._clinics.setdefault(listener.person.clinic_id, _Clinic())
        # The next round compares it with what the page holds, and gives it its first beat.
        clinic.rounds = clinic.calm = 0
        clinic.listeners.add(listener)
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._keep_looking())

    def _leave(self, listener: Listener) -> None:
        clinic = self._clinics.get(listener.person.clinic_id)
        if clinic is not None:
            clinic.listeners.discard(listener)
            if not clinic.listeners:
                del self._clinics[listener.person.clinic_id]

    def close(self) -> None:
        """Ends every stream: a server waits for its answers before it stops."""
        self._closed = True
        for clinic in self._clinics.values():
            for listener in clinic.listeners:
                listener.end(signed_out=False)
        if self._rounds is not None:
            self._rounds.cancel()

    async def _keep_looking(self) -> None:
        while self._clinics:
            for clinic_id, clinic in list(self._clinics.items()):
                if clinic.skips():
                    clinic.rounds += 1
                    continue
                try:
                    async with self._database.clinic_tx(clinic_id, SYSTEM) as session:
                        await _look(session, clinic, self._clock())
                except Exception:
                    # No beat goes out: the pages say how old they are.
                    logger.exception("open pages cannot be told anything", clinic_id=clinic_id)
            await asyncio.sleep(self._every)


async def _look(session: ClinicSession, clinic: _Clinic, now: datetime) -> None:
    found, team = await pulse_and_team(session)
    clinic.calm = clinic.calm + 1 if (found, team) == (clinic.pulse, clinic.team) else 0
    if clinic.pulse is None:
        clinic.stands = await stands(session)
    elif (found, team) != (clinic.pulse, clinic.team):
        # Whoever may not look any more is not told that there is something to look at.
        await _dismiss(session, clinic.listeners, now)
        before, clinic.stands = clinic.stands, await stands(session)
        if found != clinic.pulse:
            _tell_changes([one for one in clinic.listeners if not one.is_over], before, clinic.stands, found)
    clinic.pulse, clinic.team = found, team
    is_beat, clinic.rounds = clinic.rounds % ROUNDS_TO_A_BEAT == 0, clinic.rounds + 1
    if is_beat:
        await _beat(session, clinic, found, now)


async def _dismiss(session: ClinicSession, listeners: Collection[Listener], now: datetime) -> list[Listener]:
    """Ends the pages of whoever is signed out, has left or sees no records any more; returns the others."""
    asked = list(listeners)  # Who comes in the meantime is not known to go on, and has the next round.
    going_on = await may_still_look(session, [one.person.session_id for one in asked], now)
    for one in asked:
        if one.person.session_id not in going_on:
            one.end(signed_out=True)
    return [one for one in asked if one.person.session_id in going_on]


def _tell_changes(
    listeners: Collection[Listener], before: Mapping[UUID, Stand], after: Mapping[UUID, Stand], found: str
) -> None:
    """How many clients changed. A text of nobody's is everybody's, and counts as one."""
    changed = [client_id for client_id in before.keys() | after.keys() if before.get(client_id) != after.get(client_id)]
    stand = {**before, **after}
    for one in listeners:
        if one.since == found:
            continue
        one.since = ""
        own_only = one.person.role == "therapist"
        theirs = sum(not own_only or stand[client_id].therapist_id == one.person.id for client_id in changed)
        one.tell(changes=theirs if changed else 1)


async def _beat(session: ClinicSession, clinic: _Clinic, found: str, now: datetime) -> None:
    """Says how many seconds ago reminders last ran. Whoever may not look any more hears nothing further."""
    going_on = await _dismiss(session, clinic.listeners, now)
    ran_at = await heartbeat(session)
    silent = "" if ran_at is None else f"{max(0, round((now - ran_at).total_seconds()))}"
    for one in going_on:
        # Since the page was made and before it listened.
        missed = bool(one.since) and one.since != found
        one.since = ""
        one.tell(changes=int(missed), beat=silent)


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()
