"""What is looked for on a page so that everybody can use it: names, roles, order, contrast, targets, reflow, focus.

`in_page.js` looks at a page as it stands; here it is made to stand in each of the ways people have it.
"""

from pathlib import Path
from typing import Any, NamedTuple

IN_PAGE = (Path(__file__).parent / "in_page.js").read_text()
CLIENT_TARGET, STAFF_TARGET = 48, 32
PHONE, DESK, NARROW, ZOOMED = (360, 740), (1280, 800), (320, 640), (320, 200)
"""`ZOOMED` is what a desk of 1280 × 800 leaves at 400 %."""

OPEN_FOLDS = "for (const fold of document.querySelectorAll('details')) fold.open = true"
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const top = document.elementFromPoint(x, y);
  const around = at.labels?.length ? [at, ...at.labels] : [at];
  return {
    name: `<${at.localName}${at.id ? '#' + at.id : ''}> ${(at.textContent || at.value || '').trim().slice(0, 40)}`,
    order: [...document.querySelectorAll('*')].indexOf(at),
    ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    isThere: Boolean(top) && around.some((one) => one.contains(top) || top.contains(one)),
    isInside: y >= 0 && y < innerHeight && box.left >= -1 && box.right <= innerWidth + 1,
  };
}"""
# Once, however often it is asked for.
KEEP_STOPS = f"""() => {{
  removeEventListener("focusin", window.keepStop);
  window.stops = [];
  window.keepStop = () => stops.push(({FOCUSED})());
  addEventListener("focusin", window.keepStop);
}}"""
AT_ONCE, ENOUGH = 20, 30


class Wrong(NamedTuple):
    rule: str
    element: str
    words: str


def looked_at(tab: Any, least: int) -> set[Wrong]:
    return {Wrong(*found) for found in tab.evaluate(IN_PAGE, least)}


def every_way(tab: Any, least: int) -> set[Wrong]:
    """On a phone, on a desk, zoomed (which is as wide as the narrowest phone) and in the dark; with all that folds
    closed, and with it open."""
    found: set[Wrong] = set()
    for is_open in (False, True):
        if is_open:
            tab.evaluate(OPEN_FOLDS)
        for scheme, sizes in (("light", (PHONE, DESK, ZOOMED)), ("dark", (PHONE,))):
            tab.emulate_media(color_scheme=scheme)
            for width, height in sizes:
                tab.set_viewport_size({"width": width, "height": height})
                found |= looked_at(tab, least)
    tab.emulate_media(color_scheme="light")
    return found


def go_to(tab: Any, name: str) -> None:
    """Tabs on until the focus is on what is called so."""
    for _ in range(AT_ONCE * ENOUGH):
        tab.keyboard.press("Tab")
        at = tab.evaluate(FOCUSED)
        assert at is None or (at["ring"] >= 2 and at["isThere"]), at
        if at is not None and at["name"].partition("> ")[2] == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def stops(tab: Any) -> list[dict[str, Any]]:
    """Where Tab leads, from the top of the page to its end; past a field of several parts, as of a time, all the same.

    The page itself keeps each as it comes: asked for one by one, they took three times as long.
    """
    tab.evaluate(KEEP_STOPS)
    found: list[dict[str, Any]] = []
    for _ in range(ENOUGH):
        for _ in range(AT_ONCE):
            tab.keyboard.press("Tab")
        before, found = len(found), tab.evaluate("stops")
        # Round the end: the first comes again.
        again = [place for place, at in enumerate(found) if place and at["order"] == found[0]["order"]]
        if again or len(found) == before:
            return found[: again[0] if again else None]
    raise AssertionError(f"{len(found)} stops, and no end")


def lost_focus(tab: Any) -> set[Wrong]:
    """Whoever goes by keyboard sees where they are: a ring, on the screen, under nothing."""
    found = set()
    for at in stops(tab):
        if at["ring"] < 2:
            found.add(Wrong("focus", at["name"], "shows no ring"))
        if not (at["isThere"] and at["isInside"]):
            found.add(Wrong("focus", at["name"], "is hidden when it has the focus"))
    return found


def told(found: set[Wrong]) -> str:
    return "\n".join(f"{wrong.rule:10} {wrong.element}: {wrong.words}" for wrong in sorted(found))
