"""A function's process, for `memory`: takes events, a line of JSON each, and says what each cost.

It runs on a build, with the Lambda runtime's Python, and imports nothing of this project but the function that is
named: what it measures is that function's process.
"""

import contextlib
import importlib
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any


class _Context:
    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def __init__(self, timeout_s: float) -> None:
        self._deadline = time.monotonic() + timeout_s

    def get_remaining_time_in_millis(self) -> int:
        return int((self._deadline - time.monotonic()) * 1000)


def main(function: str, timeout_s: float) -> None:
    # The function's own lines are no answers: they are written, as they are to the log, and go nowhere.
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        importlib.import_module("awslambdaric.bootstrap")
        handler = importlib.import_module(f"functions.{function}.app").handler
        for payload in sys.stdin:
            begin, begin_cpu = time.perf_counter() - _held_up_s(), time.process_time()
            answer = handler(json.loads(payload), _Context(timeout_s))
            json.dumps(answer)
            cpu, elapsed = time.process_time() - begin_cpu, time.perf_counter() - _held_up_s() - begin
            print(json.dumps(_result(answer, cpu, elapsed)), file=sys.__stdout__, flush=True)


def _held_up_s() -> float:
    """Return how long this process was ready to run while others ran: that is of the machine, not of the function."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def _result(answer: Any, cpu_s: float, elapsed_s: float) -> dict[str, object]:
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    failed = answer.get("statusCode", 200) >= 400 or bool(answer.get("batchItemFailures"))
    return {
        "cpu_s": cpu_s,
        "elapsed_s": elapsed_s,
        "peak_mb": int(kilobytes) / 1000,
        "refused": json.dumps(answer)[:500] if failed else None,
    }


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
