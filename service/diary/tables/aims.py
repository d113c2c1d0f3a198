from datetime import date

from sqlalchemy import UniqueConstraint

from service.database.columns import ClientOwned, check, of_client
from service.diary.rules.aims import FEWEST_DAYS, MOST_DAYS


class WeekAim(ClientOwned, table=True):
    """On how many days of a week somebody means to do the plan: their own answer, one a week. The plan asks for what it
    asks for, whatever the aim."""

    __tablename__ = "week_aim"
    __table_args__ = (
        of_client(),
        UniqueConstraint("clinic_id", "client_id", "monday"),
        check("days_range", f"days BETWEEN {FEWEST_DAYS} AND {MOST_DAYS}"),
        check("monday_is_one", "EXTRACT(isodow FROM monday) = 1"),
    )

    monday: date
    days: int
