"""How a client gets in."""

from collections.abc import Sequence

from msgspec import Struct


class SignInView(Struct, frozen=True, kw_only=True):
    """`address` is the phone or email as typed, to be mended; `problem` says what would be right. `typed` are the
    fields of a form that was sent when the session had ended."""

    clinic_name: str | None = None
    address: str = ""
    problem: str | None = None
    url: str = "/sign-in"
    staff_url: str = "/staff/sign-in"
    typed: Sequence[tuple[str, str]] = ()


class EnterCodeView(Struct, frozen=True, kw_only=True):
    """`sent_to` is "the number that ends in 42"; the form sends `address` back with the code.

    `by_text` is what was typed, a number or an email: nothing here comes from a record. With `right_code` the page
    asks for a first name: two people use the address.
    """

    sent_to: str
    address: str
    by_text: bool
    clinic_name: str | None = None
    problem: str | None = None
    right_code: str | None = None
    first_name: str = ""
    minutes_valid: int = 10
    url: str = "/sign-in/code"
    again_url: str = "/sign-in"
    typed: Sequence[tuple[str, str]] = ()


class SendTypedView(Struct, frozen=True, kw_only=True):
    """What was typed before the session ended; `words` is what of it was written, to be read again."""

    clinic_name: str
    url: str
    fields: Sequence[tuple[str, str]]
    words: Sequence[str] = ()
