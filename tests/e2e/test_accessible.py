"""The checks of pages, checked: a good page passes them, and each small fault is found by its name."""

from typing import Any

import pytest

from tests.e2e.accessible import CLIENT_TARGET, every_way, looked_at, lost_focus

GOOD = """<!doctype html><html lang="en"><title>Today</title>
<style>
  :root {{ color-scheme: light dark }}
  body {{ margin: 1rem; overflow-wrap: break-word }}
  button, input, summary, .alone {{ min-height: 3rem; min-width: 3rem; box-sizing: border-box }}
  label, .alone {{ display: inline-flex; align-items: center; min-height: 3rem }}
  :focus-visible {{ outline: 3px solid }}
</style>
<main><h1>Today</h1><p>Call <a href="tel:1">the clinic</a> if you like.</p>{}</main></html>"""

FAULTS = {
    "name": [
        '<button><svg aria-hidden="true"></svg></button>',
        '<a class="alone" href="/"><img alt="" src="data:"></a>',
        '<input placeholder="Your name">',
        "<input title='Your name'>",
        '<img src="data:">',
        "<svg><path/></svg>",
        "<fieldset><label><input type='checkbox'> One</label></fieldset>",
        "<form><label>At what time? <input></label><label>At what time? <input></label></form>",
    ],
    "role": [
        '<div tabindex="0">Save</div>',
        '<button role="heading">Save</button>',
        '<button tabindex="3">Save</button>',
        "<a>Nowhere</a>",
        '<h2 role="status">Saved</h2>',
        "<label><input type='radio' name='side'> Left</label>",
        "<label>Side <button>Left</button></label>",
    ],
    "label": [
        '<label for="nobody">Name</label>',
        '<button aria-describedby="nothing">Save</button>',
        "<label>Age <input aria-invalid='true' value='x'></label>",
    ],
    "language": ["<script>document.documentElement.lang = ''</script>"],
    "title": ["<script>document.title = ''</script>"],
    "one": ["<h1>Again</h1>"],
    "headings": ["<h3>Too deep</h3>"],
    "table": ["<table><thead><tr><th>Place</th></tr></thead><tbody></tbody></table>"],
    "ids": ["<p id='a'>One</p><p id='a'>Two</p>"],
    "contrast": [
        '<p style="color: #888; background: #fff">Pale</p>',
        '<p style="color: #fff; background: linear-gradient(#000, #ddd)">Pale at its end</p>',
        '<div style="background: #000"><p style="color: rgb(255 255 255 / 40%)">Half there</p></div>',
        '<p style="color: light-dark(#000, #333)">Pale at night</p>',
        "<style>::placeholder { color: #bbb; background: #fff } input { background: #fff }</style>"
        "<label>Name <input placeholder='Pale'></label>",
    ],
    "edge": ['<label>Name <input style="border: 1px solid #ddd; background: #fff; color: #000"></label>'],
    "target": [
        '<button style="min-height: 0">Save</button>',
        '<p><a href="/">Alone in its line</a></p>',
        '<label style="min-height: 0"><input type="checkbox" style="min-height: 0">Tick</label>',
    ],
    "width": [
        '<p style="width: 340px">Wide</p>',
        '<p style="overflow: hidden; white-space: nowrap; width: 200px">Cut off where nobody can scroll to see it</p>',
    ],
}


def test_a_good_page_has_nothing_wrong(bare_tab: Any) -> None:
    bare_tab.set_content(GOOD.format("<details><summary>More</summary><h2>Deep</h2><button>Save</button></details>"))
    assert every_way(bare_tab, CLIENT_TARGET) == set()
    assert lost_focus(bare_tab) == set()


@pytest.mark.parametrize(("rule", "fault"), [(rule, fault) for rule, faults in FAULTS.items() for fault in faults])
def test_a_fault_is_found(bare_tab: Any, rule: str, fault: str) -> None:
    bare_tab.set_content(GOOD.format(fault))
    assert rule in {wrong.rule for wrong in every_way(bare_tab, CLIENT_TARGET)}


def test_what_is_wrong_only_in_a_fold_is_found(bare_tab: Any) -> None:
    bare_tab.set_content(GOOD.format("<details><summary>More</summary><p><a href='/'>Small</a></p></details>"))
    assert not looked_at(bare_tab, CLIENT_TARGET)
    assert {wrong.rule for wrong in every_way(bare_tab, CLIENT_TARGET)} == {"target"}


@pytest.mark.parametrize(
    "fault",
    [
        "<style>:focus-visible { outline: none }</style><button>Save</button>",
        "<style>button:focus-visible { outline: none }</style>"
        "<label>At <input type='time'></label><button>Save</button>",
        "<div style='height: 200vh'></div><button>Save</button>"
        "<p style='position: sticky; bottom: 0; height: 90vh; margin: 0; background: #000'></p>",
    ],
    ids=["without a ring", "without a ring after a field of three parts", "under a bar"],
)
def test_a_focus_that_is_not_seen_is_found(bare_tab: Any, fault: str) -> None:
    bare_tab.set_content(GOOD.format(fault))
    assert {wrong.rule for wrong in lost_focus(bare_tab)} == {"focus"}
