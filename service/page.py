"""Renders a template in the reader's language."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup

from service import charts
from service.loading import makes_pdfs
from service.static_files import url_of
from service.words import translator

_TEMPLATES = Path(__file__).parent / "templates"
LOCALES = ("en", "es")
_MOST_DRAWN = 6000
_OPENED = "opened"
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
    html = _html_of(template, known, {"csrf": "", "owner": owner, **context, "locale": known})
    told = {**(headers or {}), **({PERSON: str(owner.person)} if owner else {})}
    return Response(html, status_code=status_code, media_type=MediaType.HTML, headers=told)


def _html_of(template: str, locale: str, values: Mapping[str, Any]) -> str:
    """Nothing else of it stays. A macro holds the page that holds it: left to the garbage collector, what fifty pages
    were made of was taken away while the next one waited, for nearly as long as it takes to make it."""
    opened: list[Context] = []
    try:
        return environment(locale).get_template(template).render({**values, _OPENED: opened})
    finally:
        for macro in (value for context in opened for value in context.vars.values() if isinstance(value, Macro)):
            vars(macro).clear()
        opened.clear()


class _Template(Template):
    def new_context(self, *values: Any, **more: Any) -> Context:
        """Of a page, or of a part that is made with what the page knows; what is made without it, is made once."""
        context = super().new_context(*values, **more)
        context.parent.get(_OPENED, []).append(context)
        return context


@cache
def environment(locale: str) -> Environment:
    made = _Translated(
        locale,
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        # They are those of this version for as long as the process runs: asked of the disk, each costs as much as a
        # short part of a page. All of them are kept, without a word on which was used last.
        auto_reload=False,
        cache_size=-1,
    )
    made.install_gettext_translations(translator(locale), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(charts=charts, static=url_of, has_pdf=makes_pdfs, locale=locale, once=_once(), drawn=_drawn())
    return made


def _once() -> Callable[..., str]:
    """For a macro that draws the same on everybody's page: drawn once for each language."""
    drawn: dict[str, str] = {}

    def once(macro: Macro, *values: Any) -> str:
        if macro.name not in drawn:
            drawn[macro.name] = macro(*values)
        return drawn[macro.name]

    return once


def _drawn() -> Callable[..., str]:
    """For a macro that says nothing but its values, which a dictionary can hold: drawn once for each of them."""
    known: dict[tuple[object, ...], str] = {}

    def drawn(macro: Macro, *values: Any) -> str:
        key = (macro.name, *values)
        if key not in known:
            if len(known) >= _MOST_DRAWN:
                known.clear()
            known[key] = macro(*values)
        return known[key]

    return drawn


class _Translated(Environment):
    """Says each sentence that holds no value once, when a template is compiled, and not on each page."""

    template_class = _Template

    def __init__(self, locale: str, **options: Any) -> None:
        self._say = _Say(translator(locale).gettext)
        super().__init__(**options)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """No template has its own: as they are, and not in a map of maps, which each import of a part looks through."""
        return super().make_globals(d) if d else self.globals

    def _generate(self, source: nodes.Template, *rest: Any, **more: Any) -> str:
        code: str = super()._generate(self._say.visit(source), *rest, **more)
        return code


class _Say(NodeTransformer):
    def __init__(self, gettext: Callable[[str], str]) -> None:
        self._gettext = gettext

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        match self.generic_visit(node):
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(msgid))], kwargs=[]):
                # As the call would: `%%` is one percent sign.
                return nodes.Const(Markup(self._gettext(msgid)) % {}, lineno=node.lineno)  # noqa: S704
            case other:
                return other

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:
        """Without an `else` it is no word, which is quicker to write than what stands for something unknown."""
        node.expr2 = node.expr2 or nodes.Const("", lineno=node.lineno)
        return self.generic_visit(node)


def language_of(accept_language: str | None) -> str:
    """The first language of the header that we have words for."""
    for part in (accept_language or "").split(","):
        code = part.partition(";")[0].strip()[:2].lower()
        if code in LOCALES:
            return code
    return "en"
