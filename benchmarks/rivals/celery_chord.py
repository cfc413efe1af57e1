"""Tasks that do nothing, and a callback after the last one: a Celery chord on Redis, by two worker processes."""

import os
import subprocess
import sys
import time

from celery import Celery, chord

_URL = os.environ["BENCH_REDIS_URL"]
app = Celery("celery_chord", broker=_URL, backend=_URL)


@app.task
def ship(number: int) -> int:
    """Return the number."""
    return number


@app.task
def complete(numbers: list[int]) -> int:
    """Return how many there were."""
    return len(numbers)


def main(count: int) -> None:
    """Serve runs until standard input ends."""
    arguments = "-m celery -A celery_chord worker --concurrency 2 --loglevel ERROR"
    worker = subprocess.Popen(
        [sys.executable, *arguments.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        chord([ship.s(0)])(complete.s()).get(timeout=60)
        print("ready", flush=True)
        for _ in sys.stdin:
            begin = time.perf_counter()
            chord([ship.s(number) for number in range(count)])(complete.s()).get(timeout=60, interval=0.005)
            print((time.perf_counter() - begin) * 1000, flush=True)
    finally:
        worker.terminate()
        worker.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
