"""The made-up people of the demo, and how their days go."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from service.database.tenancy import Channel


@dataclass(frozen=True, slots=True)
class Story:
    """How a made-up person's days go. `pain` drifts by `drift` a day around `starts`; `logs` is a chance a day."""

    name: str
    starts: float = 5
    drift: float = -0.02
    logs: float = 0.8
    exercises: float = 0.75
    channel: Channel = "web"
    zone: str = "America/New_York"
    locale: str = "en"
    site: str = "lateral_hip"
    side: str = "right"
    silent_days: int = 0
    skips_weekends: bool = False
    stopped_on_day: int | None = None
    changed_on_day: int | None = None
    offline_days: int = 0
    never_started: bool = False
    pain_today: int | None = None
    sleep_helps: bool = False
    therapist: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """One day of somebody's story; `back` counts from today."""

    day: date
    back: int
    zone: ZoneInfo

    def at(self, wall: time) -> datetime:
        return datetime.combine(self.day, wall, self.zone).astimezone(UTC)


NAMED = (
    Story("Maria Lopez", 6, -0.035, 0.9, 0.85),
    Story("Tom Becker", 4, 0, 0.95, 0.8, pain_today=8, side="left"),
    Story("Aisha Khan", 5, 0, 0.85, 0.8, silent_days=9, site="deep_buttock"),
    Story("Ben Ortiz", 5, -0.02, 0.9, 0.8, channel="text", locale="es"),
    Story("Ngozi Obi", 5, -0.03, 0.95, 0.9, skips_weekends=True, changed_on_day=30),
    Story("Luca Rossi", 4, 0, 0.7, 0.6, stopped_on_day=20, therapist=1),
    Story("Ines Silva", 5, 0, 0.95, 0.7, sleep_helps=True, therapist=1),
    Story("Pat Murphy", 4, -0.01, 0.9, 0.8, channel="app", offline_days=3, zone="America/Chicago"),
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
