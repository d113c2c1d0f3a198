"""Renders a template in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType

from service import charts
from service.static_files import url_of
from service.words import translator

_TEMPLATES = Path(__file__).parent / "templates"
LOCALES = ("en", "es")
PERSON = "Clamshell-Person"
"""A header that names whose page it is."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose page it is, and by whose clock its days go: what is told on it is kept on the phone under this name, and
    a copy of it is shown to nobody else."""

    person: UUID
    zone: str


def page(
    template: str,
    *,
    locale: str,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    owner: Owner | None = None,
    **context: Any,
) -> Response[str]:
    """`context` holds the page's `view` and the session's `csrf` token, when there is one."""
    known = locale if locale in LOCALES else "en"
    html = environment(known).get_template(template).render({"csrf": "", "owner": owner, **context, "locale": known})
    told = {**(headers or {}), **({PERSON: str(owner.person)} if owner else {})}
    return Response(html, status_code=status_code, media_type=MediaType.HTML, headers=told)


@cache
def environment(locale: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translator(locale), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(charts=charts, static=url_of)
    return made


def language_of(accept_language: str | None) -> str:
    """The first language of the header that we have words for."""
    for part in (accept_language or "").split(","):
        code = part.partition(";")[0].strip()[:2].lower()
        if code in LOCALES:
            return code
    return "en"
