"""What was typed on a page whose session had ended: carried through signing in, to be sent with one tap."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.portal.rules import Form

_PREFIX = "typed."
_TO, _CSRF = "typed_to", "typed_csrf"
_PAGE = re.compile(r"/[a-z][a-z0-9-]*(/[a-z0-9-]+)*")
_LONGEST = 20_000
_WORDS = ("text", "note")
"""What is written, and not picked."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form, in their order; `to` is where it was sent, and `csrf` says whose page wrote it."""

    to: str
    csrf: str
    pairs: Sequence[tuple[str, str]]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The fields of a page that carries it."""
        return [(_TO, self.to), (_CSRF, self.csrf), *((_PREFIX + name, value) for name, value in self.pairs)]

    @property
    def words(self) -> list[str]:
        return [value for name, value in self.pairs if name in _WORDS and value.strip()]


def typed_in(path: str, pairs: Sequence[tuple[str, str]]) -> Typed | None:
    """Of a form as it was sent. None when there is nothing to carry: no form of a page of ours, or one of a phone's
    outbox, which keeps what it sends."""
    form = Form(pairs)
    if form.one("made_at") or sum(len(name) + len(value) for name, value in pairs) > _LONGEST:
        return None
    return _typed(path, form.one("csrf"), [(name, value) for name, value in form.pairs if name != "csrf"])


def carried(form: Form) -> Typed | None:
    """Out of the form of a page that carried it."""
    pairs = [(name.removeprefix(_PREFIX), value) for name, value in form.pairs if name.startswith(_PREFIX)]
    return _typed(form.one(_TO), form.one(_CSRF), pairs)


def _typed(to: str, csrf: str, pairs: Sequence[tuple[str, str]]) -> Typed | None:
    return Typed(to, csrf, pairs) if csrf and pairs and _PAGE.fullmatch(to) else None
