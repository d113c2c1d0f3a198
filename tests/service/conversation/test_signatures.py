import pytest

from service.conversation.guards import Webhook, auth_token, signature, signed_form
from service.errors import BadSignature
from tests import far_ends
from tests.service.conversation.conftest import (
    INBOUND,
    with_provider,
)

EVERYWHERE = "https://app.clinic.example"


def webhook(address: str, body: str, signed: str) -> Webhook:
    return Webhook(address, body.encode(), signed)


def test_the_documented_example_of_a_signature() -> None:
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675309"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_signature_covers_empty_fields() -> None:
    """Worked out with openssl over `…/inboundBody6 R carFrom+12025550142MediaUrl0MessageSidSM…NumMedia0To+15550100`."""
    body = (
        "MessageSid=SM00000000000000000000000000000001&From=%2B12025550142&To=%2B15550100"
        "&Body=6+R+car&NumMedia=0&MediaUrl0="
    )
    form = signed_form(with_provider(EVERYWHERE), webhook(INBOUND, body, "XEXjQJNN4bfxeQ/uIdXJwDQOtYI="))
    assert form["Body"] == "6 R car"
    assert form["MediaUrl0"] == ""


def test_a_repeated_field_counts_once_for_each_value_in_order() -> None:
    """Worked out with openssl over `…/inbound?tag=1&tag=A1A2Bodyhi`."""
    expected = "121Jl2fc8Iw9X44RwJQYOF7viy4="
    assert (
        signature(far_ends.TOKEN, f"{EVERYWHERE}{INBOUND}?tag=1&tag=", {"A": ["2", "1", "2"], "Body": ["hi"]})
        == expected
    )


@pytest.mark.parametrize(
    ("public_url", "signed_url"),
    [
        ("https://app.clinic.example", "https://app.clinic.example:443"),
        ("http://app.clinic.example", "http://app.clinic.example:80"),
        ("https://app.clinic.example:8443", "https://app.clinic.example"),
        ("https://app.clinic.example:8443", "https://app.clinic.example:8443"),
        ("https://app.clinic.example/clamshell", "https://app.clinic.example/clamshell"),
    ],
)
def test_the_provider_may_sign_with_or_without_the_port(public_url: str, signed_url: str) -> None:
    signed = far_ends.signature(f"{signed_url}{INBOUND}?a=1", {"Body": "4"})
    assert signed_form(with_provider(public_url), webhook(f"{INBOUND}?a=1", "Body=4", signed)) == {"Body": "4"}


@pytest.mark.parametrize(
    "signed_url",
    [
        "https://other.clinic.example/hooks/sms/inbound",
        "http://app.clinic.example/hooks/sms/inbound",
        "https://app.clinic.example:444/hooks/sms/inbound",
        "https://app.clinic.example/hooks/sms/inbound?a=1",
        "https://app.clinic.example/hooks/sms/inbound/",
    ],
)
def test_a_signature_for_another_address_is_wrong(signed_url: str) -> None:
    signed = far_ends.signature(signed_url, {"Body": "4"})
    with pytest.raises(BadSignature):
        signed_form(with_provider(EVERYWHERE), webhook(INBOUND, "Body=4", signed))


def test_without_a_provider_the_token_is_one_only_this_installation_can_make() -> None:
    first, second = (with_provider().__class__(secret_key=key * 40, public_url=EVERYWHERE) for key in ("a", "b"))
    assert auth_token(first) != auth_token(second)
    assert "a" * 40 not in auth_token(first)
    assert auth_token(with_provider()) == far_ends.TOKEN
