"""What browsers say of themselves, as a help to recognise one's own."""

from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_DEVICES: Final = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "an Android phone or tablet"),
    ("Windows", "a Windows computer"),
    ("Macintosh", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "a Linux computer"),
)


def named_browser(user_agent: str) -> tuple[str | None, str | None]:
    """The browser, and the msgid of the kind of machine it runs on."""
    return (
        next((name for sign, name in _BROWSERS if sign in user_agent), None),
        next((name for sign, name in _DEVICES if sign in user_agent), None),
    )
