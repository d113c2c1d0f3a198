"""`clamshell demo` with three people: whom the stories are about matters elsewhere (`tests/service/demo`), and all of
them come in `./run e2e`."""

from collections.abc import Sequence

from service import cli
from service.demo import stories


def main(words: Sequence[str]) -> int:
    vars(stories).update(NAMED=stories.NAMED[:3], OTHERS=())
    return cli.main(words)
