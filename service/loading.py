"""Loading what a process needs once it knows what it is to do."""

import gc
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any


@cache
def makes_pdfs() -> bool:
    """Whether the extra `pdf` is there; known without loading what uses it."""
    return find_spec("typst") is not None


def load(module: str) -> Any:
    """Nothing that is loaded is garbage: looking for some meanwhile takes a fifth of the time, and looking through
    all of it later costs every request."""
    gc.disable()
    loaded = import_module(module)
    gc.freeze()
    gc.enable()
    return loaded


def look_for_garbage_less() -> None:
    """What is loaded stays, and a page or a batch of messages makes and drops thousands of objects without a circle
    among them: looked through at every 700, they cost a tenth of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
