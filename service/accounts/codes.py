"""What stands in a link. Without tables: whoever only prints a link need not load them."""

import hashlib
import hmac

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LINK_LENGTH = 22  # 22 base-62 characters hold 130 bits


def link_token(secret_key: str, *parts: object) -> str:
    """The token of a message's link: keyed, so that rendering a message again writes the same link."""
    digest = hmac.new(secret_key.encode(), "|".join(map(str, parts)).encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(_LINK_LENGTH):
        number, remainder = divmod(number, 62)
        letters.append(_BASE62[remainder])
    return "".join(letters)
