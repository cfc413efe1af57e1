"""The operator's page as it is deployed: sign in at the issuer, upload, preview, ship, watch, download."""

import html
import re
import time
from collections.abc import Iterator
from urllib.parse import urljoin
from uuid import UUID

import httpx
import pytest

from local.stack.sign_in import ALL_SCOPES
from local.stack.state import Stack
from tests.template import ROOT

pytestmark = pytest.mark.e2e

_ENDS_WITHIN_S = 120


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


@pytest.fixture
def page(stack: Stack, workspace: UUID) -> Iterator[httpx.Client]:
    """Give a browser without scripts that has signed in."""
    with httpx.Client(base_url=f"{stack.api_url}/", timeout=30, follow_redirects=True) as client:
        asked = client.get("app/upload")
        names = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
        form = {name: hidden(asked, name) for name in names}
        who = {"email": "ana@example.com", "workspace": str(workspace), "scope": list(ALL_SCOPES)}
        back = client.post(urljoin(str(asked.url), "/authorize"), data=form | who)
        assert (back.status_code, back.url.path.endswith("/app/upload")) == (200, True)
        yield client


def test_the_sample_file_is_shipped_with_the_page_alone(page: httpx.Client, stack: Stack) -> None:
    ticket = hidden(page.get("app"), "_ticket")
    account = {"username": "demo", "password": "demo-password", "robot_url": stack.robot_url}
    assert "Guardado" in page.post("app/settings", data=account | {"_ticket": ticket}).text
    page.post("app/settings/stop", data={"enabled": "yes", "_ticket": ticket})
    sample = (ROOT / "local" / "samples" / "orders.csv").read_bytes()
    seen = page.post("app/upload", data={"_ticket": ticket}, files={"file": ("orders.csv", sample)})
    assert "nuevos" in seen.text
    imported = page.post(f"{seen.url}/import", data={"_ticket": ticket, "step": "0"})
    assert "El archivo se importó" in imported.text
    preview = page.post("app/ship/preview", data={"_ticket": ticket, "which": "all", "show": "to-ship"})
    assert "Enviar 23 pedidos ahora" in preview.text
    form = {"_ticket": ticket, "key": hidden(preview, "key"), "going": hidden(preview, "going")}
    job, again = page.post("app/ship", data=form), page.post("app/ship", data=form)
    assert job.url.path == again.url.path
    job_url = str(job.url.copy_with(query=None))
    until = time.monotonic() + _ENDS_WITHIN_S
    while 'class="tag completed"' not in (seen := page.get(job_url)).text:
        assert time.monotonic() < until, seen.text
        time.sleep(0.5)
    file = page.get(f"{job_url}/file")
    assert file.text.count("\r\n") == 24
    assert "password" not in page.get("app/activity").text
