"""In which order a caseload is read. Who needs somebody first comes first unless asked otherwise."""

from enum import StrEnum


class Sort(StrEnum):
    NEED = "need"
    NAME = "name"
    WAITING = "waiting"
    VISIT = "visit"
