"""What a helper is sent when the client and their therapist wish it: once, without a name and a word about health."""

from datetime import timedelta
from typing import Final

HELPER_TEXT: Final = "%(clinic)s: someone you know asks for your help. %(link)s Not you? %(phone)s. We write only once."
HELPER_SUBJECT: Final = "Someone you know asks for your help"
HELPER_LINE: Final = (
    "Someone you know would like your help with something at %(clinic)s. They asked us to send you this link."
)
HELPER_STRANGER: Final = "Not you? Call us at %(phone)s, and do not open it. We write only once."
HELPER_BUTTON: Final = "See how to help"

SEND_YES: Final = "Yes, send them the link. I told them that it comes."
"""What the client says to that, beside their yes to the helper."""

SENDS_A_DAY: Final = 3
"""For one client."""

SENT_WITHIN: Final = timedelta(days=2)
"""A night and an outage; later the link is handed over."""
