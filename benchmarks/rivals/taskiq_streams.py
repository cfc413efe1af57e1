"""Tasks that do nothing but count to the last one: taskiq on Redis streams, by one worker process."""

import asyncio
import os
import subprocess
import sys
import time

from redis.asyncio import Redis
from taskiq_redis import RedisStreamBroker

_URL = os.environ["BENCH_REDIS_URL"]
broker = RedisStreamBroker(_URL, xread_count=100)
#: It waits for the end as long as that takes; by itself it gives up after some seconds.
_redis = Redis.from_url(_URL, socket_timeout=None)


@broker.task
async def ship(count: int) -> None:
    """Count, and tell after the last one."""
    if await _redis.incr("done") == count:
        await _redis.lpush("ended", 1)


async def main(count: int) -> None:
    """Serve runs until standard input ends."""
    arguments = "-m taskiq worker taskiq_streams:broker --workers 1 --log-level ERROR"
    worker = subprocess.Popen(
        [sys.executable, *arguments.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await broker.startup()
        await _run(1)
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            begin = time.perf_counter()
            await _run(count)
            print((time.perf_counter() - begin) * 1000, flush=True)
    finally:
        worker.terminate()
        worker.wait()


async def _run(count: int) -> None:
    await _redis.delete("done", "ended")
    await asyncio.gather(*(ship.kiq(count) for _ in range(count)))
    if await _redis.blpop(["ended"], timeout=60) is None:
        raise TimeoutError


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
