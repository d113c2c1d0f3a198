"""A form of staff that came when its session had ended: the answer keeps it, to be sent once they signed in again."""

from urllib.parse import parse_qsl

from litestar import Response

from service.accounts.guards import AnyRequest
from service.page import language_of, page
from service.review.schemas.forms import SignedOutView


def sent_again(request: AnyRequest, body: bytes) -> Response[str] | None:
    """With the token of the page that wrote it, which says whose it is. None when there is nothing to keep."""
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True)
    if "csrf" not in dict(pairs) or len(pairs) == 1:
        return None
    url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    locale = language_of(request.headers.get("accept-language"))
    return page("review/signed_out.html", locale=locale, status_code=401, view=SignedOutView(url, pairs))
