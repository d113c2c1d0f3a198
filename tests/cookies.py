"""The cookies of an answer, looked for where there are any."""

from typing import Final

from httpx import Cookies, Response

_keep: Final = Cookies.extract_cookies


def keep_those_set(cookies: Cookies, response: Response) -> None:
    """For `Cookies.extract_cookies`: most answers set none, and looking for some costs as much as reading it."""
    if "set-cookie" in response.headers:
        _keep(cookies, response)
