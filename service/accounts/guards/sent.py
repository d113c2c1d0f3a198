"""The form that a page sent, kept until it is answered: whatever becomes of it, what was typed comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar import Request
from litestar.datastructures import State

FORM: Final = "application/x-www-form-urlencoded"
SECRET: Final = ("again", "passkey", "password", "proof_code", "proof_passkey", "proof_password")
"""Fields that no page shows or carries: who stands at the screen when the answer comes is not known."""
_SENT: Final = "sent_form"


@dataclass(slots=True)
class SentForm:
    """`is_own`: a page of whoever is signed in wrote it. `picks`: what its field of a file takes, which is the one
    thing that does not come back."""

    pairs: Sequence[tuple[str, str]]
    is_own: bool = False
    picks: str = ""

    @property
    def is_of_a_page(self) -> bool:
        """Holds more than the token that pages put into their forms."""
        return len(self.pairs) > 1 and any(name == "csrf" for name, _ in self.pairs)

    @property
    def carried(self) -> list[tuple[str, str]]:
        return [pair for pair in self.pairs if pair[0] not in SECRET]

    def one(self, name: str) -> str:
        return next((value for key, value in self.pairs if key == name), "")


def keep_sent(
    request: Request[object, object, State], pairs: Sequence[tuple[str, str]], *, picks: str = ""
) -> SentForm:
    """Browsers end the lines of a text as networks do, with two signs, and count them as one: so it is with its
    bounds."""
    sent = SentForm([(name, value.replace("\r\n", "\n")) for name, value in pairs], picks=picks)
    request.scope["state"][_SENT] = sent
    return sent


def sent_form(request: Request[object, object, State]) -> SentForm | None:
    """None for a request that was no form."""
    found: SentForm | None = request.scope["state"].get(_SENT)
    return found
