"""A browser without scripts: it keeps cookies, follows ways on, and sends the forms that it was shown."""

import base64
import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from functions.operator_page.app import handler
from functions.operator_page.sealed import seal
from functions.operator_page.session import SESSION_COOKIE
from tests.http_client import LambdaContext

ALL_SCOPES = ("robot-jobs/read", "robot-jobs/write", "carriers/write", "orders/write")


def ids_of(values: list[UUID]) -> str:
    """Return ids as a form has them in one field."""
    return " ".join(map(str, values))


@dataclass(frozen=True)
class Page:
    """What was answered."""

    status: int
    headers: dict[str, str]
    text: str
    path: str
    #: The cookies that it sets, whole.
    set_cookies: list[str]

    @property
    def plain(self) -> str:
        """The text without its tags."""
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.text)))

    def hidden(self, name: str) -> str:
        """Return the value of the first hidden field of a name; those of the page itself come before its header's."""
        field = rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"'
        found = re.search(field, self.text.partition("<main")[2]) or re.search(field, self.text)
        assert found, f"no hidden {name} in {self.text}"
        return html.unescape(found[1])


@dataclass
class Browser:
    """Somebody at the page."""

    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self, workspace: object, *scopes: str, subject: str = "op-1", lasts_s: int = 3600) -> "Browser":
        """Begin a session as the page itself does after a sign-in."""
        value = {"workspace": str(workspace), "sub": subject, "email": "op@example.com", "scopes": scopes or ALL_SCOPES}
        self.cookies[SESSION_COOKIE] = seal("session", value, lasts_s)
        return self

    def get(self, path: str, **headers: str) -> Page:
        """Open a page, and follow where it leads."""
        return self._follow(self.ask("GET", path, headers=headers))

    def post(self, path: str, fields: dict[str, Any] | None = None, *, ticket: str | None = None) -> Page:
        """Send a form with the ticket of the first page, and follow where it leads."""
        return self._follow(self.send(path, fields, ticket=ticket))

    def send(self, path: str, fields: dict[str, Any] | None = None, *, ticket: str | None = None) -> Page:
        """Send a form with the ticket of the first page, and follow nothing."""
        if ticket is None:
            ticket = self.ask("GET", "/app").hidden("_ticket")
        body = urlencode({"_ticket": ticket, **(fields or {})}, doseq=True).encode()
        return self.ask("POST", path, body, {"content-type": "application/x-www-form-urlencoded"})

    def upload(self, path: str, name: str, content: bytes, *, ticket: str | None = None) -> Page:
        """Send a file with the ticket of the first page, and follow where it leads."""
        return self._follow(self.send_file(path, name, content, ticket=ticket))

    def send_file(self, path: str, name: str, content: bytes, *, ticket: str | None = None) -> Page:
        """Send a file with the ticket of the first page, and follow nothing."""
        if ticket is None:
            ticket = self.ask("GET", "/app").hidden("_ticket")
        parts = [
            b'--xyz\r\nContent-Disposition: form-data; name="_ticket"\r\n\r\n' + ticket.encode(),
            f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content,
            b"--xyz--\r\n",
        ]
        headers = {"content-type": "multipart/form-data; boundary=xyz"}
        return self.ask("POST", path, b"\r\n".join(parts), headers)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Page:
        """Make one request."""
        url = urlsplit(path)
        event = {
            "version": "2.0",
            "routeKey": f"{method} /app/{{proxy+}}",
            "rawPath": url.path,
            "rawQueryString": url.query,
            "queryStringParameters": {name: values[-1] for name, values in parse_qs(url.query).items()},
            "headers": {"host": "evil.example.com", **(headers or {})},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "requestContext": {
                "apiId": "api",
                "domainName": "api.example.com",
                "http": {"method": method, "path": url.path, "sourceIp": "192.0.2.1"},
                "requestId": "r",
                "stage": "$default",
            },
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        answer = handler(event, LambdaContext())  # type: ignore[arg-type] # what the logger reads of it
        for line in answer.get("cookies", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.get("body") or ""
        known = {name.lower(): str(value) for name, value in answer["headers"].items()}
        return Page(answer["statusCode"], known, text, path, answer.get("cookies", []))

    def _follow(self, page: Page) -> Page:
        while page.status == 303 and page.headers["location"].startswith("/"):
            page = self.ask("GET", page.headers["location"])
        return page
