"""`robot-jobs dead-letters`: look at what failed for good, and send it back once the cause is gone."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from local.cli.connection import running_stack
from local.cli.dead_letter_queues import MOVE_WITHIN_S, QUEUES, DeadLetters, reasons
from local.cli.errors import CommandError
from local.cli.tables import dead_letters_table
from local.cli.terminal import make_console
from shared.redaction import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3

    from local.cli.dead_letter_queues import DeadLetter, DeadLetterQueue

app = typer.Typer(no_args_is_help=True, help="Look at what failed for good, and send it back once the cause is gone.")

Stack = Annotated[
    str | None,
    typer.Option("--stack", help="A deployed stack's name, with your own AWS settings; the local stack without."),
]
Limit = Annotated[int, typer.Option(min=1, help="How many messages of a queue at most.")]
_SESSION_TOKEN = re.compile(r"(?<=x-amz-security-token:)\s*\S+", re.IGNORECASE)
_NAMES = ", ".join(queue.name for queue in QUEUES)


@app.command("list")
def list_queues(*, stack: Stack = None) -> None:
    """Count the messages in each dead-letter queue."""
    with _connect(stack) as letters:
        rows = [(queue.name, *letters.count(queue)) for queue in QUEUES]
    make_console().print(dead_letters_table(rows))


@app.command()
def show(
    queue: Annotated[str, typer.Argument(help=f"One of {_NAMES}.")], *, limit: Limit = 10, stack: Stack = None
) -> None:
    """Show messages whole, and why they failed where that is known; they stay where they are.

    They hold personal data, and the carrier portal's password as ciphertext, which only dispatch_job can open.
    """
    [chosen] = _chosen(queue)
    with _connect(stack) as letters:
        found = letters.look(chosen, limit)
    if not found:
        print(f"{chosen.name} is empty.")
    for letter in found:
        _print(letter)


@app.command()
def redrive(
    queue: Annotated[str | None, typer.Argument(help=f"One of {_NAMES}; every one without.")] = None,
    *,
    limit: Limit = 10_000,
    stack: Stack = None,
) -> None:
    """Send messages back to the queue or the function where they failed; exit code 1 if any can't go.

    Safe to repeat: a hand-over is made at most once, and a report counts once, however often its message comes.
    """
    is_all_moved = True
    with _connect(stack) as letters:
        for chosen in _chosen(queue):
            done = letters.redrive(chosen, limit)
            is_all_moved = is_all_moved and not done.left
            print(
                f"{chosen.name}: moved {done.moved}, could not move {len(done.left)}, left {letters.count(chosen)[0]}"
            )
            for why, count in reasons(done.left):
                print(f"  {count}: {why}")
    if not is_all_moved:
        raise typer.Exit(1)


def _chosen(name: str | None) -> list[DeadLetterQueue]:
    chosen = [queue for queue in QUEUES if name in {None, queue.name}]
    if not chosen:
        raise CommandError(f"There is no queue {name}: use one of {_NAMES}.")
    return chosen


@contextmanager
def _connect(stack: str | None) -> Iterator[DeadLetters]:
    # The other commands need the API alone, and no AWS.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield _dead_letters(stack)
    except (BotoCoreError, ClientError) as error:
        # A refused signature comes with what was signed, the session's token in it.
        raise CommandError(
            f"AWS does not do it: {_SESSION_TOKEN.sub(REDACTED, ' '.join(str(error).split()))}"
        ) from error


def _dead_letters(stack: str | None) -> DeadLetters:
    from botocore.config import Config  # noqa: PLC0415 - see above

    session, endpoint_url, name = _where(stack)
    cloudformation = session.client("cloudformation", endpoint_url=endpoint_url)
    [described] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if missing := [queue.output for queue in QUEUES if queue.output not in outputs]:
        raise CommandError(f"The stack {name} has no output {missing[0]}; is it a stack of Robot jobs?")
    # A run of a function is waited for, and not started a second time by the SDK.
    patient = Config(read_timeout=MOVE_WITHIN_S, retries={"total_max_attempts": 1})
    return DeadLetters(
        outputs,
        session.client("sqs", endpoint_url=endpoint_url),
        session.client("lambda", endpoint_url=endpoint_url, config=patient),
    )


def _where(stack: str | None) -> tuple[boto3.Session, str | None, str]:
    if stack is not None:
        import boto3  # noqa: PLC0415 - see above

        return boto3.Session(), None, stack
    from local.stack import aws  # noqa: PLC0415 - a deployed stack needs no local one
    from local.stack.deploy import STACK_NAME  # noqa: PLC0415

    return aws.session(), running_stack().aws_endpoint_url, STACK_NAME


def _print(letter: DeadLetter) -> None:
    sent = letter.sent_at.strftime("%Y-%m-%d %H:%M:%S")
    print(f"{letter.id}  {sent} UTC  from a {letter.came_from}, received {letter.received} times")
    for name, value in letter.attributes.items():
        print(f"  {name}: {value}")
    body = json.dumps(letter.content, indent=2, ensure_ascii=False) if letter.content else letter.body
    print("\n".join(f"  {line}" for line in body.splitlines()))
