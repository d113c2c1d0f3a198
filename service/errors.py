"""The errors a caller may meet. They know nothing of HTTP; `error_responses` maps them.

ClamshellError
 ├─ Refused        the input cannot be right; says which fields, and what would be right
 │   └─ ReasonNeeded   it may be meant; says what speaks against it, and asks why
 ├─ NotFound       no such thing here; the same answer for a thing of another clinic
 ├─ SignInNeeded   nobody is signed in
 ├─ Forbidden      signed in, and not allowed to do this
 │   ├─ FactorNeeded  a password alone is not enough any more
 │   └─ ProofNeeded   signed in a while ago, and this is dangerous; says what the page that asks shows
 ├─ BadSignature   a webhook that its provider did not sign
 ├─ Conflict       true a moment ago; somebody else was first
 │   ├─ Stale      the thing changed since it was read
 │   ├─ IdTaken    the id that was sent is kept for something else already
 │   └─ PlanRuns   a new plan beside one that runs: that one is changed, or ended first
 ├─ NotInstalled   an optional part of the installation is not there
 ├─ Unavailable    it could not be made this time
 ├─ TooMany        a limit was reached; says when to try again
 └─ WrongSettings  the process cannot start like this; names the variable
"""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """`pointer` is a JSON pointer into the request body (`/score`), `message` says what would be right.

    `sources` are codes of the catalogue's sources, where somebody else says so.
    """

    pointer: str
    code: str
    message: str
    sources: tuple[str, ...] = ()


GONE: Final = "This choice is gone. Pick another one."
"""Of a list on a page that was made before."""


class ClamshellError(Exception):
    pass


@dataclass
class Refused(ClamshellError):
    problems: list[FieldProblem] = field(default_factory=list)

    @classmethod
    def one(cls, pointer: str, code: str, message: str) -> "Refused":
        return cls([FieldProblem(pointer, code, message)])

    def __str__(self) -> str:
        return "; ".join(f"{problem.pointer}: {problem.message}" for problem in self.problems)


class ReasonNeeded(Refused):
    pass


class NotFound(ClamshellError):
    pass


class SignInNeeded(ClamshellError):
    pass


class Forbidden(ClamshellError):
    pass


class FactorNeeded(Forbidden):
    pass


@dataclass
class ProofNeeded(Forbidden):
    view: object
    csrf: str
    locale: str


class BadSignature(ClamshellError):
    pass


class Conflict(ClamshellError):
    pass


class Stale(Conflict):
    pass


class IdTaken(Conflict):
    pass


class PlanRuns(Conflict):
    pass


class NotInstalled(ClamshellError):
    pass


class Unavailable(ClamshellError):
    pass


@dataclass
class TooMany(ClamshellError):
    retry_after_seconds: int


class WrongSettings(ClamshellError):
    pass
