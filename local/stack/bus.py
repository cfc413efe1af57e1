"""Puts events on the running stack's bus, as the relay does; its rules bring them to the functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.stack import aws
from local.stack.errors import StackError
from local.stack.state import load_stack

if TYPE_CHECKING:
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef


def put_on_bus(sample: dict[str, Any]) -> int:
    """Put the events of a queue's sample on the bus; how many there were.

    Raises:
        StackNotRunningError: there is no bus.
        StackError: the sample is no queue's, or the bus did not take an event.
    """
    if "Records" not in sample:
        raise StackError("This sample is no event of the bus: its function is called by the API or by the clock.")
    stack = load_stack()
    entries: list[PutEventsRequestEntryTypeDef] = []
    for event in (json.loads(record["body"]) for record in sample["Records"]):
        detail = json.dumps(event["detail"], ensure_ascii=False)
        entries.append(
            {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": detail,
                "EventBusName": stack.event_bus_name,
            }
        )
    client = aws.session().client("events", endpoint_url=stack.aws_endpoint_url)
    answer = client.put_events(Entries=entries)
    if answer["FailedEntryCount"]:
        raise StackError(f"The bus did not take {answer['FailedEntryCount']} of {len(entries)} events.")
    return len(entries)
