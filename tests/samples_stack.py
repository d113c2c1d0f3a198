"""What stands beside the days of Maria: messages, where it hurt, ready words, and since when nothing is known."""

import random
from datetime import timedelta

from msgspec.structs import replace

from service.review.schemas.stack import BodyMap, Kinds, MessageDay, Place, Range
from service.review.schemas.texts import ReadyText
from tests.samples import TODAY, days_back
from tests.samples_client import client_view

PLACES = [
    Place("left:lateral_hip", "Outer hip, left", 9, 14),
    Place("left:groin_front", "Groin, left", 6, 2),
    Place("right:buttock", "Buttock, right", 0, 3),
    Place("left:lateral_thigh", "Outer thigh, left", 1, 0),
]
READY = [
    ReadyText("own", "We are closed on Friday. See you on Monday."),
    ReadyText("read", "I read your note. How are you today?"),
    ReadyText("silent", "I have not heard from you for some days. Is there something we can change?"),
    ReadyText("call", "Please call us when you have a minute: (202) 555-0100."),
]


def stack_pages() -> dict[str, tuple[str, object]]:
    chance = random.Random(5)
    sent = [MessageDay(day, chance.choice((0, 1, 1, 2)), chance.choice((0, 0, 1))) for day in days_back(60)]
    whole = replace(
        client_view(), message_days=sent, body_map=BodyMap(28, 16, 19, PLACES), ready=READY, words=READY[1].words
    )
    silent = replace(
        whole,
        silent_since=TODAY - timedelta(days=9),
        message_days=[*sent[:-9], *(replace(one, answers=0) for one in sent[-9:])],
        body_map=BodyMap(28, 2, 0, [Place("left:lateral_hip", "Outer hip, left", 2, 0)]),
        range=Range.TWO_MONTHS,
        kinds=Kinds.DIARY,
    )
    return {
        "client_stack": ("review/client.html", whole),
        "client_silent": ("review/client.html", silent),
        "client_no_places": ("review/client.html", replace(whole, body_map=BodyMap(28, 0, 0, []))),
    }
