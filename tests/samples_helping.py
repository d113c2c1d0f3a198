"""Who helps Maria."""

from datetime import timedelta

from service.intake.rules.helpers import HELPER_YES, RELATIONS
from service.review.rules.helping import SEND_YES
from service.review.schemas.helping import HelperRow, Helping
from tests.samples import TODAY, sample_id

HELPING = Helping(
    helpers=[
        HelperRow(
            sample_id(180),
            "Ana Lopez",
            "Family",
            "+12025550188",
            TODAY - timedelta(days=12),
            TODAY + timedelta(days=168),
            True,
            TODAY - timedelta(days=1),
            "Link by text: Sent.",
        ),
        HelperRow(
            sample_id(181),
            "Bo Featherstonehaugh",
            "Friend",
            "bo@mail.example",
            TODAY - timedelta(days=1),
            TODAY + timedelta(days=179),
            False,
        ),
    ],
    relations=list(RELATIONS.items()),
    wording=HELPER_YES,
    wording_language="en",
    send_wording=SEND_YES,
)
