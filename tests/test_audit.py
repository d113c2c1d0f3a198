"""What may be depended on: only licences that are listed."""

from email.message import Message
from importlib.metadata import PackageMetadata
from typing import cast

import pytest

from tests.audit import is_allowed, licence_of, locked_packages


def _about(*headers: tuple[str, str]) -> PackageMetadata:
    message = Message()
    for name, value in headers:
        message[name] = value
    return cast(PackageMetadata, message)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ([("License-Expression", "Apache-2.0 AND MIT")], True),
        ([("License-Expression", "MIT AND AGPL-3.0-only")], False),
        ([("Classifier", "License :: OSI Approved :: BSD License")], True),
        ([("Classifier", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)")], False),
        ([("Classifier", "Topic :: Internet"), ("License", "MIT License\n\nCopyright (c) 2022 Somebody")], True),
        ([("License", "Proprietary")], False),
        ([("License", "MIT-like, but not for clinics")], False),
        ([], False),
    ],
)
def test_a_licence_must_be_listed(headers: list[tuple[str, str]], allowed: bool) -> None:
    assert all(map(is_allowed, licence_of(_about(*headers)))) is allowed


def test_each_locked_package_is_looked_at_once() -> None:
    text = "aiohttp==3.14.5 \\\n    --hash=sha256:01\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n"
    assert locked_packages(text) == ["aiohttp", "colorama"]
