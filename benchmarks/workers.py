"""Processes that do their share of a work at the same moment, each with a connection of its own."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

#: A share of a work: called once in its process; what it gets must be picklable.
Share = tuple[Callable[..., object], tuple[Any, ...]]


class Workers:
    """Some processes that stay alive between works, so that their connections are warm."""

    def __init__(self, pipes: Sequence[Pipe]) -> None:
        self._pipes = pipes

    def run(self, shares: Sequence[Share]) -> float:
        """Do the shares at once, each in a process, and return the milliseconds from the first begin to the last end.

        Raises:
            RuntimeError: a share failed; its error is the text.
        """
        pipes = self._pipes[: len(shares)]
        for pipe, share in zip(pipes, shares, strict=True):
            pipe.send(share)
        for pipe in pipes:
            pipe.recv()
        for pipe in pipes:
            pipe.send("go")
        spans: list[tuple[float, float]] = []
        for pipe in pipes:
            failure, begin, end = pipe.recv()
            if failure:
                raise RuntimeError(failure)
            spans.append((begin, end))
        return (max(end for _, end in spans) - min(begin for begin, _ in spans)) * 1000


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """Run this many processes for as long as the block takes; they inherit the environment as it is now."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    processes = [context.Process(target=_serve, args=(theirs,), daemon=True) for _, theirs in pairs]
    for process in processes:
        process.start()
    try:
        yield Workers([ours for ours, _ in pairs])
    finally:
        for ours, _ in pairs:
            ours.send(None)
        for process in processes:
            process.join(timeout=5)
            process.kill()


def _serve(pipe: Pipe) -> None:
    while (share := pipe.recv()) is not None:
        work, arguments = share
        pipe.send("ready")
        pipe.recv()
        failure = None
        begin = time.monotonic()
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - the other side raises it
            failure = f"{type(error).__name__}: {error}"
        # The clock is the machine's, the same in every process.
        pipe.send((failure, begin, time.monotonic()))
