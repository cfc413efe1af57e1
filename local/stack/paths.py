"""Where the local stack keeps what it makes: under `.local/` of the checkout."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: The programs of other projects that the stack runs; every stack of this checkout shares them.
TOOLS = CHECKOUT / ".local" / "tools"


def state_directory() -> Path:
    """The folder of the stack in use: `ROBOT_JOBS_STATE_DIR` (of the checkout, if relative), else `.local`."""
    return CHECKOUT / os.environ.get("ROBOT_JOBS_STATE_DIR", ".local")
