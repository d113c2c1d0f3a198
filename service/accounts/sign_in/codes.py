"""Whether the six digits that a client typed are those we sent."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from service.accounts import queries, rules
from service.accounts.sign_in import count_try, hashed
from service.accounts.tables import SignInCode
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id

_NO_LIMIT = 10**9
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Try:
    """Whose newest code was typed. `replaced`: it was nobody's newest, but somebody's before that."""

    right: list[SignInCode] = field(default_factory=list)
    replaced: bool = False


async def try_code(session: ClinicSession, people: Iterable[UUID], code: str, now: datetime) -> Try:
    """Counts a wrong try against every one of these people's newest codes; uses nothing up.

    Where there is nobody, or no code, as much is read and written: how long it takes tells nothing.
    """
    tried = Try()
    # In one order everywhere: two tries at once wait for each other and never deadlock.
    for client_id in sorted(people) or [new_id(now)]:
        typed = hashed(f"{client_id}{code.strip()}")
        sent = await queries.recent_codes(session, client_id, now)
        if not sent or sent[0].used_at is not None or sent[0].tries >= rules.CODE_TRIES:
            await count_try(await session.connection(), ["nobody", code], _NO_LIMIT, _DAY, now)
            continue
        newest, *older = sent
        if hmac.compare_digest(newest.code_hash, typed):
            tried.right.append(newest)
            continue
        newest.tries += 1
        tried.replaced = any([hmac.compare_digest(found.code_hash, typed) for found in older]) or tried.replaced
    return tried


def whose(tried: Try, people: Mapping[UUID, str], first_name: str | None, now: datetime) -> UUID:
    """Uses a right code up and returns who signs in. Raises Refused when it is two people's and no name says whose."""
    chosen = next(iter(people)) if len(people) == 1 else rules.named(people, first_name or "")
    if chosen not in {code.client_id for code in tried.right}:
        problem = "More than one person here uses this. Type the first name of the one who signs in, or the whole name."
        raise Refused.one("/first_name", "shared", problem)
    for code in tried.right:
        code.used_at = now
    return chosen
