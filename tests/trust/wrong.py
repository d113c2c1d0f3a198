"""A form with something wrong in it: what is wrong to write or pick, where that may stand, and how it is answered."""

import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from httpx import AsyncClient, Response

from service.database.tenancy import Actor, ClinicSession
from service.reminders.tables import KINDS
from tests.service.portal.conftest import watched, writes
from tests.trust.clinics import Undone
from tests.trust.forms import Control, Form, Page, Pairs

HUGE: Final = "أبج \u202e<b>" + "x" * 6000
WRONG: Final[Mapping[str, tuple[str, str]]] = {
    "number": ("next door", "-1"),
    "date": ("soon", "1999-01-01"),
    "time": ("25:99", "soon"),
    "email": ("nobody@", HUGE),
    "tel": ("12", HUGE),
    "text": (HUGE, HUGE),
    "textarea": (HUGE, HUGE),
    "search": (HUGE, HUGE),
}
"""What nobody can mean, and what is well written and far out of bounds."""
OFFERED: Final = "the first that is offered"
RIGHT: Final[Mapping[str, Mapping[str, str]]] = {
    "/bulk": {"text": "We are closed on Friday."},
    "/clients/new": {"name": "Nina", "phone": "+12025550177"},
    "/clients/{id}/diary": {"outcome": "done", "score": "4"},
    "/clients/{id}/helpers": {"name": "Ana", "contact": "ana@mail.example", "agreed": "yes"},
    "/clients/{id}/intake": {"red_flags": "rf-dvt"},
    "/clients/{id}/treatments": {"kind": "massage"},
    "/devices/helpers": {"name": "Ana", "contact": "ana@mail.example", "relation": "family"},
    "/exercises/new": {"name": "Our own"},
    "/habits/new": {"prompt": "Did you walk?", "answer_0": "All day", "answer_1": "No", "good_0": "on"},
    "/questions answer=ticked": {"yes": "rf-dvt"},
    "/team": {"name": "Nina", "email": "nina@clinic.example"},
    "/team/{id}/end": {"heir": OFFERED},
    "/team/{id}/role": {"role": "front_desk", "heir": OFFERED},
    "/today/intake": {"red_flags": "rf-dvt"},
    "/tokens": {"name": "Report", "scopes": "see_record"},
}
"""What a form that nobody filled in needs before anything else in it can be right."""
TAKEN: Final[Mapping[str, Collection[str]]] = {
    # A thing to do once that goes on may have been due long ago.
    "/clients/{id}/plan/new": ["find", "fix_due_0"],
    # What is shown to be looked at has no reminders in it.
    "/clients/{id}/plan/preview": ["find", "fix_due_0", *(f"remind_at_{kind}" for kind in KINDS)],
    "/dev/inbox/reply": ["text"],
    # A look is only that; a phone is for the button beside it.
    "/wording/of/check_in?language=en do=look": ["words", "phone"],
    "/wording/of/check_in?language=en do=save": ["phone"],
    "/wording/of/check_in?language=en do=test": ["phone"],
    "/reminders/pause days=3": ["until"],
    "/reminders/pause days=7": ["until"],
    # Which of the two is wrong is told to nobody.
    "/staff/sign-in": ["email"],
}
"""Fields in which anything may stand."""
ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Lasting(Undone):
    """Knows what would have stayed: what a transaction wrote that was not broken off."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.written: list[str] = []

    @asynccontextmanager
    async def clinic_tx(self, clinic_id: UUID, actor: Actor) -> AsyncIterator[ClinicSession]:
        with watched(self) as statements:
            async with super().clinic_tx(clinic_id, actor) as session:
                yield session
            self.written += [one for one in writes(statements) if "attempt_limit" not in one]


@dataclass
class Asked:
    """One button of a form, pressed with wrong words in its fields."""

    api: AsyncClient
    lasting: Lasting
    headers: Mapping[str, str]
    form: Form
    action: str
    more: Pairs
    found: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        pressed = " ".join(f"{name}={value}" for name, value in self.more)
        return f"{ID.sub('{id}', self.action.partition('#')[0])} {pressed}".strip()

    async def all(self) -> list[str]:
        known = TAKEN.get(self.name, ())
        fields = [one for one in self.form.typed if one.name not in known]
        for which in (0, 1):
            # The second time only those of which there is another kind of wrong.
            asked = [one for one in fields if not which or len(set(WRONG[one.kind])) > 1]
            if asked:
                silent = await self._send(asked, which)
                # What is looked at only once the rest is right is asked again alone.
                for one in silent:
                    if await self._send([one], which):
                        self.found.append(f"{self.name}: {one.name}={WRONG[one.kind][which][:9]} is not said")
        return self.found

    async def _send(self, asked: Collection[Control], which: int) -> list[Control]:
        """Those of them beside which nothing is said."""
        pairs = [*self._filled(asked, which), *self.more]
        self.lasting.written.clear()
        answer = await self._sent(pairs)
        if answer.status_code >= 500:
            self.found.append(f"{self.name}: {[one.name for one in asked]} are answered {answer.status_code}")
            return []
        if answer.status_code < 400:
            return list(asked)
        if self.lasting.written:
            self.found.append(f"{self.name}: {answer.status_code}, and writes {self.lasting.written[0][:60]}")
        return self._silent(answer, pairs, asked)

    async def gone(self) -> list[str]:
        """What is picked in it is not there any more, one after the other, all the rest being right."""
        right = RIGHT.get(self.name, {})
        pairs = [(one.name, _right(right, one)) for one in self.form.controls if one.is_sent]
        pairs += [pair for pair in right.items() if pair[0] not in dict(pairs)]
        fine = await self._sent([*pairs, *self.more])
        if fine.status_code >= 400:
            return [f"{self.name}: {fine.status_code} for a form that is right"]
        left = LEFT.get(self.name, ())
        for one in {one.name: one for one in self.form.controls if is_choice(one)}.values():
            if not one.name.startswith(LOOKED_FOR) and one.name not in left:
                await self._without(one, pairs)
        return self.found

    async def _without(self, one: Control, pairs: Pairs) -> None:
        others = [pair for pair in pairs if pair[0] != one.name or one.kind == "checkbox"]
        gone = str(uuid4()) if any(map(ID.fullmatch, (*one.offers, one.value))) else GONE
        self.lasting.written.clear()
        answer = await self._sent([*others, (one.name, gone), *self.more])
        if answer.status_code < 400:
            self.found.append(f"{self.name}: {one.name} is taken")
            return
        if self.lasting.written:
            self.found.append(f"{self.name}: {one.name} is refused, and {self.lasting.written[0][:60]}")
        # A row that stands alone comes first on the page that comes back.
        alike = [other for other in self.form.controls if _row(other.name) == _row(one.name)]
        if len(self._silent(answer, others, alike)) == len(alike):
            self.found.append(f"{self.name}: {one.name} is not said")

    async def _sent(self, pairs: Pairs) -> Response:
        return await self.api.post(
            self.action.partition("#")[0],
            content=urlencode(pairs),
            headers={**self.headers, "Content-Type": "application/x-www-form-urlencoded"},
        )

    def _filled(self, asked: Collection[Control], which: int) -> Iterator[tuple[str, str]]:
        right = RIGHT.get(self.name, {})
        for one in self.form.controls:
            if any(one is other for other in asked):
                yield one.name, WRONG[one.kind][which]
            elif one.is_sent:
                yield one.name, one.value or _right(right, one)

    def _silent(self, answer: Response, pairs: Pairs, asked: Collection[Control]) -> list[Control]:
        page = Page(answer.text)
        here = self.action.partition("#")[0]
        again = [one for one in page.forms if any(here == action.partition("#")[0] for action, _ in one.presses())]
        if not again:
            self.found.append(f"{self.name}: {answer.status_code}, and the form is gone")
            return []
        lost = {name for name, _ in min((_lost(one, pairs) for one in again), key=len)}
        self.found += [f"{self.name}: {name} is lost" for name in sorted(lost)]
        told = {one.name for form in again for one in form.controls if page.told(one)}
        return [one for one in asked if one.name not in told]


def _row(name: str) -> str:
    return name.rstrip("0123456789")


def _right(right: Mapping[str, str], one: Control) -> str:
    wanted = right.get(one.name, one.value)
    return next(offer for offer in one.offers if offer) if wanted == OFFERED else wanted


def is_choice(one: Control) -> bool:
    """A box that is alone says yes, whatever its value is."""
    return one.kind in ("select", "radio") or (one.kind == "checkbox" and one.value not in ("on", "yes"))


def _lost(form: Form, pairs: Pairs) -> Pairs:
    left = [(name, " ".join(value.split())) for name, value in form.sent]
    lost = []
    for name, value in pairs:
        one = name, " ".join(value.split())
        if one in left:
            left.remove(one)
        elif value and name not in ("csrf", "entry", "act", "do"):
            lost.append((name, value))
    return lost


LEFT: Final[Mapping[str, Collection[str]]] = {
    # Read only beside what is ticked or picked: weekdays, and how a reminder comes.
    "/clients/{id}/plan/new": ["on_glu-bridge-double", "remind_by_plan", "remind_by_habit"],
    # What is shown to be looked at has no reminders in it.
    "/clients/{id}/plan/preview": ["on_glu-bridge-double", *(f"remind_by_{kind}" for kind in KINDS)],
    # Nothing is kept there: it is shown in the reader's own.
    "/wording": ["language"],
}
"""Choices that say nothing in the form as it stands."""
LOOKED_FOR: Final = "find_"
"""What a list is looked through for."""
GONE: Final = "gone-by-now"
"""What a page of before may offer still, and nothing has any more."""
