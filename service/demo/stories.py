"""The made-up people of the demo, and what is told of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypedDict

from service.database.tenancy import Channel

DAYS = 60
OTHERS_TEXTED_DAYS = 28
"""With the texts of all 60 days a first start takes four seconds more (`bench/README.md`)."""

HABITS = ("hab-hang-hip", "hab-side-sleep", "hab-car-min")
# Asked once a week, until it is told.
WEEKLY = (*HABITS, "hab-cross-same")
WALKING = ("hab-hang-hip", "hab-side-sleep", "hab-walk")


class OnProgramme(TypedDict):
    programme: str
    phases_on_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """How a made-up person's days go. Pain drifts by `drift` a day from `starts`, with `noise` points of luck in
    each day; `logs` and `exercises` are chances a day.

    Who `sets_up` things has a wedge on the car seat, to be looked at again today, and a pillow to get.
    Who follows a `programme` went on to its next phases on `phases_on_days` of the plan.

    Who `tells_mornings` says how the exercises felt, and how it was the next morning. The last `silent_days` before
    today, and today, were not told; of the days before those the last `surely` were.

    Who answers by text has reminders and texts of the last `texted_days`, and a diary of all.

    Who `picks_hours` said themselves when to be asked, and is asked as often as their rhythm says since the plan began.
    """

    name: str
    starts: float = 5
    drift: float = -0.02
    noise: float = 0.6
    logs: float = 0.8
    exercises: float = 0.75
    channel: Channel = "web"
    zone: str = "America/New_York"
    locale: str = "en"
    site: str = "lateral_hip"
    side: str = "right"
    habits: tuple[str, ...] = HABITS
    surely: int = -1
    silent_days: int = 0
    skips_weekends: bool = False
    stopped_on_day: int | None = None
    changed_on_day: int | None = None
    programme: str | None = None
    phases_on_days: tuple[int, ...] = ()
    offline_days: int = 0
    never_started: bool = False
    pain_today: int | None = None
    sleep_helps: bool = False
    may_hurt: bool = False
    tells_mornings: bool = False
    therapist: int = 0
    sets_up: bool = False
    picks_hours: bool = False
    texted_days: int = DAYS


# The one is in its last phase, the other in the second of three, in which it is due since week 7 to go on.
BASIC: Final[OnProgramme] = {"programme": "prog-basic", "phases_on_days": (14, 35)}
OA: Final[OnProgramme] = {"programme": "prog-oa", "phases_on_days": (14,)}

NAMED = (
    Story(
        "Maria Lopez",
        6,
        -0.035,
        0.4,
        0.9,
        0.85,
        surely=4,
        tells_mornings=True,
        habits=WEEKLY,
        sets_up=True,
        picks_hours=True,
    ),
    Story("Tom Becker", 4, 0, 0.4, 0.95, 0.8, surely=4, pain_today=8, side="left"),
    Story("Aisha Khan", 5, 0, 0.6, 0.85, 0.8, surely=1, silent_days=9, site="deep_buttock", picks_hours=True),
    Story("Ben Ortiz", 5, -0.02, 0.4, 0.9, 0.8, surely=4, channel="text", locale="es"),
    Story("Ngozi Obi", 5, -0.03, 0.4, 0.95, 0.9, surely=4, skips_weekends=True, changed_on_day=30, tells_mornings=True),
    Story(
        "Luca Rossi", 4, 0, 0.6, 0.7, 0.6, surely=1, silent_days=38, stopped_on_day=20, therapist=1, picks_hours=True
    ),
    Story("Ines Silva", 5, 0, 0.3, 0.95, 0.7, surely=4, sleep_helps=True, habits=WALKING, therapist=1, **BASIC),
    Story("Pat Murphy", 4, -0.01, 0.4, 0.9, 0.8, surely=4, channel="app", offline_days=3, zone="America/Chicago", **OA),
    Story("Kim Tran", never_started=True),
)
OTHERS = (
    "Olu Adeyemi",
    "Grace Lind",
    "Henry Walsh",
    "Yuki Mori",
    "Samira Aziz",
    "Peter Novak",
    "Rosa Delgado",
    "Jon Aker",
    "Lena Vogt",
    "Carlos Ruiz",
    "Fatima Noor",
    "Dan Price",
    "Elsa Berg",
    "Marcus Hill",
    "Nina Petrova",
)


def stories(seed: int) -> Iterator[Story]:
    """The named ones first; how the others fare hangs on the seed."""
    yield from NAMED
    for name in OTHERS:
        yield _somebody(name, random.Random(f"{seed} is {name}"))


def _somebody(name: str, chance: random.Random) -> Story:
    return Story(
        name,
        starts=chance.choice([3, 4, 5, 6]),
        drift=chance.choice([-0.04, -0.03, -0.02, -0.01, 0, 0.005]),
        logs=chance.uniform(0.55, 0.95),
        exercises=chance.uniform(0.5, 0.9),
        channel=chance.choice(["web", "web", "text", "app"]),
        site=chance.choice(["lateral_hip", "deep_buttock", "groin_front", "posterior_thigh"]),
        side=chance.choice(["left", "right"]),
        may_hurt=True,
        therapist=chance.randrange(3),
        texted_days=OTHERS_TEXTED_DAYS,
    )
