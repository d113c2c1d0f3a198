"""What stands in a link. Without tables: whoever only prints a link need not load them."""

import hmac

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(low + high for high in _BASE62 for low in _BASE62)
_LINK_LENGTH = 22  # 22 base-62 characters hold 130 bits


def link_token(secret_key: str, *parts: object) -> str:
    """The token of a message's link: keyed, so that rendering a message again writes the same link."""
    digest = hmac.digest(secret_key.encode(), "|".join(map(str, parts)).encode(), "sha256")
    number = int.from_bytes(digest, "big")
    pairs = []
    for _ in range(_LINK_LENGTH // 2):
        number, remainder = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[remainder])
    return "".join(pairs)
