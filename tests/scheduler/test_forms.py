"""A form as it stands on the wire."""

from string import punctuation

import pytest

from scheduler.channels.http import http_client
from scheduler.timing import NORMAL
from service.clock import monotonic
from tests.far_ends import ACCOUNT, TOKEN, SmsProvider

pytestmark = pytest.mark.anyio

WORDS = "a+b & c=d; 100% /r/x?y#z: 'q' \"w\" \\ ~ * ( ) \r\n\t ñ¿é € \U0001f600 +1 (555) 010-0000"


async def test_whatever_stands_in_a_form_arrives_as_it_was(sms: SmsProvider) -> None:
    client = http_client((ACCOUNT, TOKEN), NORMAL)
    form = {"To": "+13035550101", "From": "+13035550100", "Body": WORDS, "Empty": "", "Signs": f"{punctuation} 2B%2b"}
    try:
        answer = await client.send_form(
            f"{sms.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", form, monotonic() + 60
        )
    finally:
        await client.close()
    assert answer.status_code == 201
    assert sms.requests == [form]
