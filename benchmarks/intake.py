"""The largest file of orders that is taken, 10,000 rows, read as a whole: each time in a process of its own."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.database import STATE
from benchmarks.measure import RUNS, Bar, Figures, Row
from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres
from tests.workbooks import workbook

_ROWS = 10_000
#: Source: the seconds and megabytes that a person, and a function, can wait for.
_BARS = {"csv": (Bar("<=", 2), Bar("<=", 100)), "xlsx": (Bar("<=", 10), Bar("<=", 200))}
_HEADINGS = (
    *("Pedido", "Destinatario", "Cédula", "Celular", "Correo"),
    *("Dirección", "Ciudad", "Departamento", "Valor", "Pagado"),
)
_READ = """
import json, re, sys, time
from pathlib import Path
from uuid import UUID
data = Path(sys.argv[1]).read_bytes()
begin = time.perf_counter()
from shared.intake import read_order_file
found = read_order_file(data, UUID(int=1))
seconds = time.perf_counter() - begin
[kilobytes] = re.findall(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps({"rows": len(found.orders), "seconds": seconds, "megabytes": int(kilobytes) / 1000}))
"""


def run(_server: Postgres) -> Iterator[Row]:
    """Measure."""
    folder = STATE / "bench-intake"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_HEADINGS, *(_order(number) for number in range(1, _ROWS + 1))]
    files = {"csv": _csv(rows), "xlsx": workbook(*rows)}
    for kind, content in files.items():
        path = folder / f"orders.{kind}"
        path.write_bytes(content)
        took = [_read(path) for _ in range(RUNS)]
        seconds, megabytes = (Figures(tuple(each[what] for each in took)) for what in ("seconds", "megabytes"))
        in_time, in_memory = _BARS[kind]
        yield Row("intake", f"{_ROWS:,} rows of {kind}", "s", seconds, bar=in_time)
        yield Row("intake", f"{_ROWS:,} rows of {kind}", "MB", megabytes, bar=in_memory)


def _order(number: int) -> Sequence[str]:
    return (
        f"A-{number:05}",
        "Diana Carolina Peñaranda Zúñiga",
        f"{1_000_000_000 + number}",
        f"+57 310 {number // 10_000:03} {number % 10_000:04}",
        f"diana{number}@example.com",
        f"Calle {number % 150} # {number % 90}-12, apto {number % 30}",
        ("Bogotá", "Medellín", "Cúcuta", "Cali")[number % 4],
        ("Bogotá D.C.", "Antioquia", "Norte de Santander", "Valle del Cauca")[number % 4],
        f"$ {100 + number % 900}.900",
        ("sí", "no")[number % 2],
    )


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _read(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    read: dict[str, float] = json.loads(done.stdout)
    if read["rows"] != _ROWS:
        raise RuntimeError(f"{read['rows']} rows were read")
    return read
