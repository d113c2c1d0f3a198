"""Daily acts that a reminder is tied to, a clock time as it is typed, and a browser in words."""

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import Final

from service.accounts.rules.browsers import named_browser
from service.catalogue.rules import Sentence

OTHER: Final = "other"
NO_ACT: Final = "none"
ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "wake": ("After I wake up", "after you wake up"),
    "teeth": ("After I brush my teeth", "after you brush your teeth"),
    "coffee": ("With my morning coffee", "with your morning coffee"),
    "lunch": ("After lunch", "after lunch"),
    "home": ("When I get home", "when you get home"),
}
"""What the person picks, and what the text says of it: short enough for a text of one part in both languages."""

AGREES: Final = {
    "sms": "Yes, send me texts about my plan. I can stop them at any time: I reply STOP.",
    "email": "Yes, send me emails about my plan. I can stop them at any time, here or in each email.",
}
"""What somebody says yes to who picks a way that the clinic has no yes for."""

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")


def wall_of(words: str) -> time | None:
    """ "8:00" or "19:30", as browsers send it and people type it."""
    found = _CLOCK.fullmatch(words)
    return time(int(found[1]), int(found[2])) if found else None


def act_of(anchor: str | None, translators: list[Callable[[str], str]]) -> str:
    """The code of the act that these words of a text name, in any of our languages."""
    if not anchor:
        return NO_ACT
    return next((code for code, (_, words) in ACTS.items() if anchor in {say(words) for say in translators}), OTHER)


def browser_words(user_agent: str) -> Sentence:
    """From what browsers say of themselves: a help to recognise one's own, not more."""
    browser, told = named_browser(user_agent)
    device = Sentence(told) if told else None
    if browser and device:
        return Sentence("%(browser)s on %(device)s", {"browser": browser, "device": device})
    return Sentence(browser) if browser else device or Sentence("A browser or app")
