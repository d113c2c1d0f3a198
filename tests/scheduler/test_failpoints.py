import pytest

from scheduler.failpoints import arm
from service.errors import WrongSettings
from service.settings import Faults


@pytest.mark.parametrize("name", ["nowhere.kill", "marked.hurt", "marked"])
def test_a_place_or_deed_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(WrongSettings, match=f"not {name}"):
        arm(Faults(chances={name: 0.1}))
