"""The icons of an installed page, drawn from `service/static/icon.svg`: `python -m tests.icons` writes them again.

Where a phone cuts out a shape of its own the background fills the square and the shell stays inside the middle
four fifths. Needs Chromium, and Playwright from requirements/e2e.txt.
"""

from playwright.sync_api import sync_playwright  # type: ignore[import-not-found, unused-ignore]

from service.static_files import FOLDER
from tests.shots import CALM, chromium

ICONS = {
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable-512.png": (512, True),
    "apple-touch-icon.png": (180, True),
}


def drawing(svg: str, size: int, *, fills: bool) -> str:
    sized = svg.replace('width="64" height="64" role', f'width="{size}" height="{size}" role')
    if fills:
        sized = sized.replace('rx="15" ', "").replace('viewBox="0 0 64 64"', 'viewBox="-6 -6 76 76"')
        sized = sized.replace('<rect width="64" height="64"', '<rect x="-6" y="-6" width="76" height="76"')
    return f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{sized}"


def main() -> None:
    svg = (FOLDER / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CALM)
        for name, (size, fills) in ICONS.items():
            tab = browser.new_page(viewport={"width": size, "height": size})
            tab.set_content(drawing(svg, size, fills=fills))
            tab.screenshot(path=str(FOLDER / name), omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
