"""`make bench`: every part, or those named; the result on screen, in `.local/bench.json` and in `.local/bench.md`."""

import importlib
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.database import STATE, running_server, settings_of
from benchmarks.measure import Figures, Row
from benchmarks.tables import markdown_of, table_of

PARTS = (
    "create",
    "record",
    "read",
    "retry",
    "expire",
    "relay",
    "cold-start",
    "warm",
    "memory",
    "end-to-end",
    "growth",
    "peers",
)
#: No part is begun after the first, and none goes on after the second: ten minutes are the bound of it all.
_LAST_START_S, _LAST_ROW_S = 510, 570
_RESULT = STATE / "bench.json"


def main(wanted: Sequence[str]) -> int:
    """Run the parts and return 1 where a bar does not hold or a part was left out, 2 where a part is none."""
    console = Console()
    unknown = set(wanted) - set(PARTS)
    if unknown:
        console.print(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
        return 2
    begin = time.monotonic()
    rows: list[Row] = []
    left_out: list[str] = []
    with running_server() as server:
        settings = settings_of(server)
        console.print(_machine())
        console.print(" · ".join(f"{name} = {value}" for name, value in settings.items()))
        for part in wanted or PARTS:
            if time.monotonic() - begin > _LAST_START_S:
                left_out.append(part)
                continue
            console.print(f"{part} …")
            module = importlib.import_module(f"benchmarks.{part.replace('-', '_')}")
            for row in module.run(server):
                rows.append(row)
                _save(rows, settings)
                if time.monotonic() - begin > _LAST_ROW_S:
                    left_out.append(f"the rest of {part}")
                    break
    console.print(table_of(rows))
    if left_out:
        console.print(f"Left out, for want of time: {', '.join(left_out)}. Run each with make bench ONLY=…")
    console.print(f"{time.monotonic() - begin:.0f} s; also in {_RESULT}")
    return int(bool(left_out) or any(row.holds is False for row in rows))


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} · {platform.machine()} · {platform.system()}"
        f" {platform.release()} · Python {platform.python_version()}"
    )


def _save(rows: Sequence[Row], settings: Mapping[str, str]) -> None:
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "settings": settings,
        "rows": [_as_dict(row) for row in rows],
    }
    _RESULT.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    _RESULT.with_suffix(".md").write_text(markdown_of(rows))


def _as_dict(row: Row) -> dict[str, object]:
    return {
        "part": row.part,
        "what": row.what,
        "unit": row.unit,
        "product": _figures(row.product),
        "floorName": row.floor_name if row.floor else None,
        "floor": _figures(row.floor) if row.floor else None,
        "ratio": row.ratio,
        "bar": f"{row.bar.side} {row.bar.limit}" if row.bar else None,
        "holds": row.holds,
    }


def _figures(figures: Figures) -> dict[str, object]:
    return {"median": figures.median, "min": figures.least, "max": figures.most, "runs": len(figures.values)}


if __name__ == "__main__":
    # What was started is stopped on the way out, also when something ends the run from outside.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
