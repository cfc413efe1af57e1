"""`make bench`: every part, or those named; the result on screen, in `.local/bench.json` and in `.local/bench.md`."""

import importlib
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.database import STATE, running_server, settings_of
from benchmarks.measure import Figures, Row
from benchmarks.tables import markdown_of, print_table
from local.stack.postgres import Postgres

#: Each part, and the decision that rests on it; a part without one has no place here.
PARTS = {
    "create": "a job is written by one transaction of set-based statements, and foreign keys check what it names",
    "record": "reports are judged and written in batches, by one lock and one statement; workers share a job",
    "hand-over": "a hand-over is claimed before the robot is called and noted after: two transactions, not one",
    "read": "the API reads pages; whole jobs are for programs",
    "retry": "items are put back in the order of their orders, which is dearer than a plain update",
    "expire": "deadlines end whole hand-overs by statements, not items one by one",
    "intake": "a file is read as a whole, in a function's memory, before anything of it is written",
    "relay": "events are published ten a call, one call after the other",
    "cold-start": "imports on first use, the size of the layer, and snapshots for what a person waits for",
    "memory": "MemorySize and Timeout of each function in template.yaml, and the bounds on what one invocation takes",
    "end-to-end": "that nothing of ours stands in the way of a batch on its whole way",
    "scale": "keyset pages, generic plans, loops on indexes that lead to what is due; no partitions yet",
    "fan-out": "SQL of our own instead of a task queue",
}
#: No part is begun after the first, and none goes on after the second: ten minutes are the bound of it all.
_LAST_START_S, _LAST_ROW_S = 510, 570
_RESULT = STATE / "bench.json"


def main(wanted: Sequence[str]) -> int:
    """Run the parts and return 1 where a bar does not hold or a part was left out, 2 where a part is none."""
    console = Console(highlight=False)
    unknown = set(wanted) - set(PARTS)
    if unknown:
        console.print(f"There is no part {', '.join(sorted(unknown))}. There are:")
        for name, decision in PARTS.items():
            console.print(f"  {name}: {decision}", soft_wrap=True)
        return 2
    begin = time.monotonic()
    rows: list[Row] = []
    left_out: list[str] = []
    with running_server() as server:
        settings = settings_of(server)
        console.print(_machine(), soft_wrap=True)
        console.print(" · ".join(f"{name} = {value}" for name, value in settings.items()), soft_wrap=True)
        for part in wanted or PARTS:
            if time.monotonic() - begin > _LAST_START_S:
                left_out.append(part)
                continue
            console.print(f"{part} …")
            part_begin = time.monotonic()
            taken, is_whole = _take(part, server, begin + _LAST_ROW_S)
            if any(row.holds is False for row in taken) and time.monotonic() - begin < _LAST_START_S:
                console.print(f"{part}, again …")
                again, _ = _take(part, server, begin + _LAST_ROW_S)
                taken = [row.with_runs_of(other) for row, other in zip(taken, again, strict=False)] + taken[
                    len(again) :
                ]
            left_out += [] if is_whole else [f"the rest of {part}"]
            rows += taken
            console.print(f"  {time.monotonic() - part_begin:.0f} s")
            _save(rows, settings)
    print_table(rows, console)
    if left_out:
        console.print(f"Left out, for want of time: {', '.join(left_out)}. Run each with make bench ONLY=…")
    console.print(f"{time.monotonic() - begin:.0f} s; also in {_RESULT}", soft_wrap=True)
    return int(bool(left_out) or any(row.holds is False for row in rows))


def _take(part: str, server: Postgres, until: float) -> tuple[list[Row], bool]:
    """Return a part's rows, and whether they are all."""
    measured: Iterator[Row] = importlib.import_module(f"benchmarks.{part.replace('-', '_')}").run(server)
    rows = []
    for row in measured:
        rows.append(row)
        if time.monotonic() > until:
            return rows, False
    return rows, True


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
