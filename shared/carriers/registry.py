"""Which carriers there are: this is the place to add one."""

from shared.carriers.carrier import Carrier
from shared.carriers.coordinadora import COORDINADORA

CARRIERS: dict[str, Carrier] = {carrier.name: carrier for carrier in (COORDINADORA,)}
#: Where a caller names none.
DEFAULT_CARRIER = COORDINADORA.name
