"""Jobs that do nothing, until the last one is noted as done: PGQueuer on the same durable PostgreSQL.

As it comes, by its asyncpg driver: with psycopg's, each of its queries waits up to a second for the listener to let go
of the connection.
"""

import asyncio
import os
import sys
import time

import asyncpg
from pgqueuer import AsyncpgDriver, PgQueuer, Queries


async def main(count: int) -> None:
    """Serve runs until standard input ends."""
    url = os.environ["BENCH_POSTGRES_URL"]
    worker = PgQueuer(AsyncpgDriver(await asyncpg.connect(url)))
    client = await asyncpg.connect(url)
    queries = Queries(AsyncpgDriver(client))
    await queries.install()
    done = 0
    ended = asyncio.Event()

    @worker.entrypoint("ship")
    async def ship(_job: object) -> None:
        nonlocal done
        done += 1
        if done == count:
            ended.set()

    running = asyncio.create_task(worker.run())
    await asyncio.sleep(1)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        done = 0
        ended.clear()
        begin = time.perf_counter()
        await queries.enqueue(["ship"] * count, [None] * count, [0] * count)
        await asyncio.wait_for(ended.wait(), 60)
        # A job that has run leaves the queue when that is noted; our end is in the database, too.
        while await client.fetchval("SELECT EXISTS (SELECT FROM pgqueuer)"):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.002)
        print((time.perf_counter() - begin) * 1000, flush=True)
    worker.shutdown.set()
    await asyncio.wait_for(asyncio.shield(running), 35)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
