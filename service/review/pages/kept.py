"""A form that could not be taken, and not for a field of it: the answer keeps it, to be copied or sent once more."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from litestar import Response

from service.accounts.guards import AnyRequest
from service.accounts.guards.sent import SentForm, sent_form
from service.page import language_of, page
from service.review.schemas.forms import KeptView
from service.words import translator

_FIRST: Final = {"/staff/sign-in": "Sign in on a new page", "/security": "Open Security on a new page"}
_BY_PAGES: Final = re.compile(r"[a-z0-9_.:=&-]*|[0-9]{4}-[0-9T:.+-]*")
"""Ids, codes, numbers and moments."""


@dataclass(frozen=True, slots=True)
class Why:
    """What became of it, in the reader's words. `first`: where something is to be done before it is sent again."""

    title: str
    status_code: int
    problems: Sequence[str]
    request_id: str
    first: str | None


def kept_page(request: AnyRequest, why: Why, headers: Mapping[str, str]) -> Response[str] | None:
    """With the token of the page that wrote it, which says whose it is. None when there is nothing to keep."""
    sent = sent_form(request)
    if request.method != "POST" or sent is None or not sent.is_of_a_page:
        return None
    locale = language_of(request.headers.get("accept-language"))
    say = translator(locale).gettext
    view = KeptView(
        title=why.title,
        url=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        pairs=sent.carried,
        words=words_in(sent),
        problems=list(why.problems),
        first=(why.first, say(_FIRST[why.first])) if why.first else None,
        picks=sent.picks,
        request_id=why.request_id,
    )
    return page("review/kept.html", locale=locale, status_code=why.status_code, headers=headers, view=view)


def words_in(sent: SentForm) -> list[str]:
    """What a person wrote, for nobody but them: whose page sends it may have been left open by somebody else."""
    written = (value.strip() for _, value in sent.carried) if sent.is_own else ()
    return [value for value in written if not _BY_PAGES.fullmatch(value)]
