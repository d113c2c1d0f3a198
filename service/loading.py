"""Loading what a process needs once it knows what it is to do."""

import gc
from importlib import import_module
from typing import Any


def load(module: str) -> Any:
    """Nothing that is loaded is garbage: looking for some meanwhile takes a fifth of the time, and looking through
    all of it later costs every request."""
    gc.disable()
    loaded = import_module(module)
    gc.freeze()
    gc.enable()
    return loaded
