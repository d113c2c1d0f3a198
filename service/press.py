"""Makes one PDF and ends: `python -I -m service.press`. A process of its own, so that what takes too long or too much
can be ended without anybody else.

A JSON job comes in, the PDF goes out. It names a template below `folder`, and what to fill in as `data`: words are
data for the template, and never part of it. The compiler reads no file outside of `folder`, and no template asks for
a package, so there is nothing to fetch.
"""

import json
import resource
import sys
from contextlib import suppress
from typing import Any

import typst

_MEMORY = 1_500_000_000
_CPU_SECONDS = 20


def main() -> None:
    for bound, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        # macOS bounds no address space; the time is watched from outside too.
        with suppress(ValueError, OSError):
            resource.setrlimit(bound, (most, most))
    sys.stdout.buffer.write(compiled(json.load(sys.stdin.buffer)))


def compiled(job: dict[str, Any]) -> bytes:
    """As PDF/UA-1 where it can be one: in a script of which this machine has no font, words are boxes on paper."""
    folder = job["folder"]
    # An empty folder of packages: not even one that somebody has is taken.
    compiler = typst.Compiler(
        f"{folder}/{job['template']}",
        root=folder,
        sys_inputs={"data": json.dumps(job["data"])},
        package_path=f"{folder}/none",
        package_cache_path=f"{folder}/none",
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if not error.message.startswith("PDF/UA-1 error"):
            raise
        made = compiler.compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError(made)
    return made


if __name__ == "__main__":
    main()
