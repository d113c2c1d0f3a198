"""The installation's key in tests and measurements. Whoever takes it has it in use."""

from typing import Final

from service.data_keys import DataKey, KeySource
from service.database import box

KEY: Final = DataKey(bytes(range(32)))
box.use(KeySource((KEY,)))
