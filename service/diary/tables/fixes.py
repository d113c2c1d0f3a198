"""What is told of things to do once."""

from uuid import UUID

from sqlalchemy import UniqueConstraint

from service.database.columns import belongs, check, of_client, one_of
from service.diary.tables.entry import AUTHORS, ENTRY_CHANNELS, DiaryEntry

FIX_TOLD = ("done", "check")


class FixReport(DiaryEntry, table=True):
    """What was told of a one-off fix on a day: that it is done, or, when it was looked at again, whether it is still
    in place."""

    __tablename__ = "fix_report"
    __table_args__ = (
        of_client(),
        belongs("plan_fix_id", "plan_fix"),
        one_of("told", FIX_TOLD),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        UniqueConstraint("clinic_id", "client_id", "fix_key", "day"),
        check("look_says_more", "(told = 'check') = (in_place IS NOT NULL)"),
    )

    plan_fix_id: UUID
    fix_key: UUID
    told: str
    in_place: bool | None = None
