"""`python -m local.stack COMMAND`: what the Makefile runs."""

import os
import signal
import sys


def _end(*_signal: object) -> None:
    # `make` may pass on a signal that the terminal has sent to both; and who asks twice means it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    print("Interrupted; run the command again to go on.", file=sys.stderr, flush=True)
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Before the rest is imported, which takes long enough to be interrupted.
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    try:
        from local.stack.commands import main

        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(1)
