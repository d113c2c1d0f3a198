"""Believable views of how somebody joins: the invitation a client gets, and what staff see of it."""

from msgspec.structs import replace

from service.portal.rules.own import AGREES
from service.portal.schemas.invite import InviteView, InviteWay
from service.review.schemas import ClientView, Contact
from service.review.schemas.ledger import InviteLine
from tests.samples import CLINIC, at
from tests.samples_client import client_new

_LABELS = {"sms": "Send me texts", "email": "Send me emails"}


def way(channel: str, *, picked: bool = False) -> InviteWay:
    return InviteWay(channel, _LABELS[channel], AGREES[channel], picked)


def invite_view(**fields: object) -> InviteView:
    values: dict[str, object] = {
        "clinic_name": CLINIC,
        "url": "/r/4fK2",
        "stage": "closed",
        "first": way("sms", picked=True),
        "also": [way("email")],
        "phone": "(202) 555-0100",
        "ends_at": at(-7, 9, 12),
    }
    return InviteView(**{**values, **fields})  # type: ignore[arg-type]


def own_joining_pages() -> dict[str, tuple[str, object]]:
    stages = ("closed", "open", "yes", "no", "answered")
    wrong = invite_view(stage="open", problem="Tap one of the answers.", also=[way("email", picked=True)])
    return {
        **{f"invite_{stage}": ("portal/invite.html", invite_view(stage=stage)) for stage in stages},
        "invite_wrong": ("portal/invite.html", wrong),
    }


def joining_pages() -> dict[str, tuple[str, object]]:
    opened = InviteLine("opened", "Invitation opened, not answered yet.", at(1, 9, 30))
    reason = "Not delivered: this phone takes no texts."
    lost = InviteLine("lost", "The invitation could not be delivered.", at(2, 9, 30), reason)
    invited: ClientView = replace(
        client_new(),
        contacts=[
            Contact("phone", "+1 202 555 0177", True, invite=lost),
            Contact("email", "kim.invited@example.com", True, invite=opened),
        ],
    )
    asked = replace(invited, contacts=[Contact("phone", "+1 202 555 0177", True)])
    return {
        "client_invited": ("review/client.html", invited),
        "client_not_invited": ("review/client.html", asked),
    }
