"""`python -m local.robot`: run the simulated robot until it is stopped."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from local.robot.kept_lines import UnreadableFileError
from local.robot.ledger import Ledger
from local.robot.portal import Portal
from local.robot.robot import Robot
from local.robot.server import RobotServer
from local.robot.settings import Settings
from local.robot.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; 1 and one sentence where the robot can't start."""
    options = _parse(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = Settings(
            seconds_per_order=options.seconds_per_order,
            portal_error_rate=options.portal_error_rate,
            validation_error_rate=options.validation_error_rate,
            guide_after_seconds=options.guide_after_seconds,
            seed=options.seed,
        )
        robot = _make_robot(options.ledger, settings)
        server = RobotServer(options.host, options.port, robot)
    except ValidationError as error:
        print(f"The robot can't start: {in_words(error)}", file=sys.stderr)
        return 1
    except (OSError, UnreadableFileError) as error:
        print(f"The robot can't start on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    print(f"The robot listens on {server.url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


def _make_robot(ledger_file: Path | None, settings: Settings) -> Robot:
    ledger = Ledger(ledger_file)
    # The ledger of an older robot has numbers that no portal kept.
    portal_file = ledger_file and ledger_file.with_suffix(f".portal{ledger_file.suffix}")
    return Robot(ledger, settings, Portal(portal_file, taken=len(ledger.shipments())))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.robot", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--seconds-per-order",
        type=float,
        default=0.2,
        help="how long a shipment takes (default: %(default)s)",
    )
    parser.add_argument(
        "--portal-error-rate", type=float, default=0, help="share of orders, 0 to 1, that the portal fails on"
    )
    parser.add_argument(
        "--validation-error-rate",
        type=float,
        default=0,
        help="share of orders, 0 to 1, that it finds invalid",
    )
    parser.add_argument(
        "--guide-after-seconds",
        type=float,
        default=60,
        help="how long the carrier takes to give a shipment its guide (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same outcomes")
    parser.add_argument(
        "--ledger", type=Path, help="file that keeps the shipments; the portal's is beside it (default: memory alone)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
