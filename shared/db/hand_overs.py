"""Whether hand-overs are off: as long as a restored database has forgotten some, nothing may go to a robot."""

import os


def hand_overs_are_off() -> bool:
    """Tell whether the deployment's parameter `HandOvers` is `off`; where nothing says so, it is on."""
    return os.environ.get("HAND_OVERS") == "off"
