"""The transaction that asked who calls. Whoever reads goes on in it, so that a page takes one and not two."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from litestar.types import Message, Scope

from service.database.tenancy import Actor, ClinicSession

_BEGUN: Final = "begun"


@dataclass(slots=True)
class Begun:
    """Open until whoever took it over is done, or until the answer goes out. Nothing was written in it so far."""

    session: ClinicSession
    ending: AsyncExitStack
    is_open: bool = True

    @asynccontextmanager
    async def taken_over(self, actor: Actor) -> AsyncIterator[ClinicSession]:
        self.is_open = False
        self.session.actor = actor
        async with self.ending:
            yield self.session

    async def end(self) -> None:
        if self.is_open:
            self.is_open = False
            await self.ending.aclose()


def kept_open(scope: Scope, session: ClinicSession, ending: AsyncExitStack) -> Begun:
    scope["state"][_BEGUN] = begun = Begun(session, ending.pop_all())
    return begun


async def end_begun(scope: Scope) -> None:
    """For whoever needs another connection first, and when a request is over: nobody holds two, and none for longer."""
    begun: Begun | None = scope.get("state", {}).pop(_BEGUN, None)
    if begun is not None:
        await begun.end()


async def end_begun_first(message: Message, scope: Scope) -> None:
    """Before an answer, which may be a stream that goes on for as long as somebody listens."""
    if message["type"] == "http.response.start":
        await end_begun(scope)
