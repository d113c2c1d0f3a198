"""A row that is made here, past SQLModel's own constructor."""

from typing import Any

from sqlalchemy import inspect

from service.accounts.tables import Clinic
from service.ids import new_id
from tests.make import NOW


def test_a_row_has_what_it_was_told_defaults_of_its_own_and_no_more() -> None:
    told: dict[str, Any] = {
        "clinic_id": new_id(NOW),
        "nonsense": 1,
        "short_name": "N",
        "country": "US",
        "zone": "UTC",
        "phone": "1",
    }
    one, other = [Clinic(name=name, created_at=NOW, **told) for name in ("One", "Other")]
    assert (one.name, other.name, one.live_at, one.locale) == ("One", "Other", None, "en")
    one.set_up.append("put_away")
    assert other.set_up == []
    assert one.model_fields_set == {*told, "name", "created_at"} - {"nonsense"}
    assert "nonsense" not in vars(one)
    assert inspect(one).attrs.name.history.added == ["One"]
