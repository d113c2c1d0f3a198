"""The forms of a page, as a browser reads them and sends them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_ALONE: Final = ("meta", "link", "input", "img", "br", "hr", "wbr")
_BOXES: Final = ("checkbox", "radio")
TYPED: Final = ("text", "textarea", "number", "date", "time", "email", "tel", "search")
"""Kinds of field in which a person writes."""

Attributes = Mapping[str, str]
Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Control:
    """One thing in a form that has a name. `told_by` are the ids of what describes it, or the fields around it."""

    name: str
    kind: str
    value: str
    is_sent: bool
    is_marked: bool
    told_by: list[str]
    offers: list[str] = field(default_factory=list)
    """The values of a list to choose from."""


@dataclass(slots=True)
class Form:
    action: str
    method: str
    encoding: str
    controls: list[Control] = field(default_factory=list)
    buttons: list[Attributes] = field(default_factory=list)

    @property
    def sent(self) -> Pairs:
        return [(one.name, one.value) for one in self.controls if one.is_sent]

    @property
    def typed(self) -> list[Control]:
        return [one for one in self.controls if one.kind in TYPED]

    def presses(self) -> Iterator[tuple[str, Pairs]]:
        """For each of its buttons, where it sends the form and what it adds."""
        for button in self.buttons or [{}]:
            name = button.get("name")
            yield button.get("formaction", self.action), [(name, button.get("value", ""))] if name else []


class Page(HTMLParser):
    """`said` is the text of whatever has an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.said: dict[str, str] = {}
        self._open: list[tuple[str, Attributes]] = []
        self._form: Form | None = None
        self._writing: Control | None = None
        self._choice: Control | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag not in _ALONE:
            self._open.append((tag, known))
        if tag == "form":
            self._form = Form(known.get("action", ""), known.get("method", "get"), known.get("enctype", ""))
            self.forms.append(self._form)
        elif tag == "option" and self._choice is not None:
            self._choice.offers.append(known.get("value", ""))
            if "selected" in known or not self._choice.is_sent:
                self._choice.value, self._choice.is_sent = known.get("value", ""), True
        elif tag == "button" and self._form is not None:
            self._form.buttons.append(known)
        elif tag in ("input", "textarea", "select") and self._form is not None and known.get("name"):
            self._add(tag, known, self._form)

    def _add(self, tag: str, known: Attributes, form: Form) -> None:
        kind = known.get("type", "text") if tag == "input" else tag
        around = [attributes for tag, attributes in self._open if tag == "fieldset"]
        made = Control(
            name=known["name"],
            kind=kind,
            value=known.get("value", "on" if kind in _BOXES else ""),
            is_sent=kind not in ("select", "file") and (kind not in _BOXES or "checked" in known),
            is_marked=known.get("aria-invalid") == "true",
            told_by=[id for one in (known, *around) for id in one.get("aria-describedby", "").split()],
        )
        form.controls.append(made)
        self._writing = made if tag == "textarea" else None
        self._choice = made if tag == "select" else None

    def handle_data(self, data: str) -> None:
        if self._writing is not None:
            self._writing.value += data
        for _, known in self._open:
            if "id" in known:
                self.said[known["id"]] = self.said.get(known["id"], "") + data

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "textarea":
                self._writing = None
            case "select":
                self._choice = None
            case "form":
                self._form = None
        if any(tag == one for one, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def told(self, control: Control) -> str:
        """What would be right, said where the field is, or nothing."""
        return " ".join(self.said.get(id, "").strip() for id in control.told_by if "problem" in id).strip()
