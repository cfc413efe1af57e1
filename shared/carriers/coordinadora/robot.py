"""The robot that drives Coordinadora's portal: it takes a task and reports each order by a callback."""

import json
from collections.abc import Mapping
from typing import Any

from shared.carriers.carrier import Execution, Post, Task
from shared.words import JobKind

#: Source: the contract of the robots in use, which can't be changed.
PATHS: Mapping[JobKind, str] = {"shipment": "/api/crear-pedidos-batch", "guide_lookup": "/api/buscar-guias"}


class PortalRobot:
    """Hands a task over by one call; all else comes by callbacks."""

    def execute(self, task: Task, post: Post) -> Execution:
        """POST the task to the robot's path for what it asks."""
        body = json.dumps(_body(task), ensure_ascii=False, separators=(",", ":")).encode()
        return Execution(post(PATHS[task.kind], body))


def _body(task: Task) -> dict[str, Any]:
    envelope = {
        "workspaceId": str(task.workspace_id),
        "jobId": task.job_id,
        "credentials": {"username": task.username, "password": task.password},
        "callbackUrl": task.callback_url,
        "callbackSecret": task.callback_secret,
    }
    if task.kind == "guide_lookup":
        numbers = [
            {"itemId": str(each.item_id), "orderId": str(each.order_id), "pedidoNumber": each.pedido_number}
            for each in task.orders
        ]
        return envelope | {"pedidoNumbers": numbers}
    orders = [
        {"itemId": str(each.item_id), "orderId": str(each.order_id), "pedidoInput": each.pedido_input}
        for each in task.orders
    ]
    return envelope | {"orders": orders}
