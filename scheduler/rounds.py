"""Goes clinic by clinic: what fails in one is logged and comes again with the next tick, and holds up nobody else."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from uuid import UUID

logger = logging.getLogger("clamshell.rounds")

Result = TypeVar("Result")


class LeaseLost(Exception):
    """Somebody else decided about a message we were sending: this process has been away too long, and stops."""


class Held(Exception):
    """Nothing may be planned or sent now; the words say why."""


async def each_clinic(clinics: Iterable[UUID], work: Callable[[UUID], Awaitable[Result]]) -> list[Result]:
    results = []
    for clinic_id in clinics:
        try:
            results.append(await work(clinic_id))
        except (LeaseLost, Held):
            raise
        except Exception:
            logger.exception("a round of clinic %s failed", clinic_id)
    return results
