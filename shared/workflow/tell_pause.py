"""Tell a workspace that errors paused a job, in words that say what to do."""

import json
from typing import TYPE_CHECKING

from shared.carriers.carrier import is_login_failure
from shared.domain import DomainContext, get_pause
from shared.logs import logger
from shared.workflow.notify import notify

if TYPE_CHECKING:
    from shared.events import JobPaused


def tell_pause(paused: "JobPaused") -> None:
    """Notify subscribers of a pause by errors that still holds; an operator knows of their own."""
    if paused.reason == "operator":
        return
    pause = get_pause(DomainContext(paused.workspace_id, source="completion"), paused.job_id)
    if not pause.success or pause.data.reason != "errors":
        logger.info("the pause is over before it was told")
        return
    notify(
        {**json.loads(paused.to_detail()), "text": _sentences(pause.data.errors_in_a_row, paused.message)},
        workspace_id=paused.workspace_id,
        status="paused",
    )


def _sentences(count: int, words: str | None) -> dict[str, str]:
    """Return what is told, in Spanish and in English."""
    is_login = is_login_failure(words)
    corregir = "corrija la contraseña del portal" if is_login else "corrija la causa"
    correct = "correct the portal's password" if is_login else "correct the cause"
    return {
        "es": f"Trabajo en pausa después de {count} errores seguidos: {words or 'sin palabras del robot'};"
        f" {corregir} y luego reanude el trabajo.",
        "en": f"Paused after {count} errors in a row: {words or 'no words of the robot'}; {correct}, then resume.",
    }
