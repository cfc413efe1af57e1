"""Jobs that do nothing, counted to the last one: PGQueuer on the same durable PostgreSQL."""

import asyncio
import os
import sys
import time

import psycopg
from pgqueuer import PgQueuer, PsycopgDriver, Queries


async def main(count: int) -> None:
    """Serve runs until standard input ends."""
    url = os.environ["BENCH_POSTGRES_URL"]
    worker = PgQueuer(PsycopgDriver(await psycopg.AsyncConnection.connect(url, autocommit=True)))
    queries = Queries(PsycopgDriver(await psycopg.AsyncConnection.connect(url, autocommit=True)))
    await queries.install()
    done = 0
    ended = asyncio.Event()

    @worker.entrypoint("ship")
    async def ship(_job: object) -> None:
        nonlocal done
        done += 1
        if done == count:
            ended.set()

    running = asyncio.create_task(worker.run(batch_size=100))
    await asyncio.sleep(1)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        done = 0
        ended.clear()
        begin = time.perf_counter()
        await queries.enqueue(["ship"] * count, [None] * count, [0] * count)
        await asyncio.wait_for(ended.wait(), 60)
        print((time.perf_counter() - begin) * 1000, flush=True)
    worker.shutdown.set()
    await asyncio.wait_for(asyncio.shield(running), 35)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
