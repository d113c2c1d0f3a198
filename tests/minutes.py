"""How long a run of many goes on, as `./run` is told."""

import argparse
from math import inf


def minutes(word: str) -> float:
    if not 0 < (number := float(word)) < inf:
        raise argparse.ArgumentTypeError(f"use a number above 0, not {word}")
    return number
