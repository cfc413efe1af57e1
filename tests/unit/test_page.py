"""What of the operator's page can be told without a database: its languages, its files, its forms."""

import hashlib
import io
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from functions.operator_page.csv_files import safe_cell
from functions.operator_page.formats import minutes_until
from functions.operator_page.issuer_calls import get_json, post_form
from functions.operator_page.issuer_errors import IssuerError
from functions.operator_page.uploaded import read_multipart
from functions.operator_page.words import FIELDS, REASONS, SENT, SETTINGS, WORDS
from shared import domain, words
from shared.domain.jobs.parcels import Blocked
from shared.domain.orders.lookalikes import LookalikeCode
from shared.intake.notes import FileCode
from shared.logistics.pedido import PedidoInput, RejectionCode
from shared.logistics.unreadable import TextCode
from tests.template import ROOT

FOLDER = ROOT / "functions" / "operator_page"
SPANISH = FOLDER / "locales" / "es" / "LC_MESSAGES"
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
#: Of the npm package htmx.org 2.0.11: dist/htmx.min.js.
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Give every sentence that the code has, as `make translations` gathers them."""
    file = tmp_path_factory.mktemp("page") / "page.pot"
    options = ["--mapping-file", "pyproject.toml", "--keywords", "N_", "--keywords", "refusal:2"]
    folders = ["functions/operator_page", "shared/domain", "shared/http"]
    pybabel = str(Path(sys.executable).with_name("pybabel"))
    command = [pybabel, "-q", "extract", *options, "--output-file", str(file), *folders]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - of our own making
    return read_po(io.BytesIO(file.read_bytes()))


def key_of(id_: object) -> object:
    return tuple(id_) if isinstance(id_, list | tuple) else id_


def spanish() -> dict[object, object]:
    catalog = read_po(io.BytesIO((SPANISH / "page.po").read_bytes()), locale="es")
    return {key_of(message.id): message.string for message in catalog if message.id}


def test_every_sentence_and_every_refusal_is_there_in_spanish(gathered: Catalog) -> None:
    translated = spanish()
    missing = [message.id for message in gathered if message.id and not translated.get(key_of(message.id))]
    assert not missing, "write them into page.po, then `make translations`"
    assert len(translated) > 400
    for message in gathered:
        if message.id:
            said = translated[key_of(message.id)]
            assert all(said) if isinstance(said, tuple) else said


def test_what_is_compiled_is_what_is_written() -> None:
    compiled = read_mo(io.BytesIO((SPANISH / "page.mo").read_bytes()))
    found = {key_of(message.id): key_of(message.string) for message in compiled if message.id}
    assert found == {id_: key_of(string) for id_, string in spanish().items()}, "run `make translations`"


@pytest.mark.parametrize("id_", [id_ for id_ in spanish() if isinstance(id_, str)])
def test_a_translation_has_the_values_of_its_sentence_and_no_others(id_: str) -> None:
    said = str(spanish()[id_])
    values = re.compile(r"%\(\w+\)s|(?<!\{)\{\w+\}(?!\})")
    assert set(values.findall(said)) <= set(values.findall(id_))


def test_every_word_and_every_reason_has_its_text() -> None:
    kinds: dict[str, object] = {
        "job": words.JobStatus,
        "item": words.ItemFilter,
        "order": words.OrderStanding,
        "shipment": words.Shipment,
        "error": words.ErrorType,
        "waiting": words.WaitingReason,
        "paused": words.PausedReason,
        "priority": words.Priority,
        "attempt": words.AttemptOutcome,
        "source": words.ReportSource,
        "recorded": words.RecordedAs,
        "action": words.Action,
    }
    for kind, literal in kinds.items():
        assert set(WORDS[kind]) == set(words_of(literal)), kind
    # A lookup's item makes no shipment, of which nothing is unclear.
    assert set(WORDS["looked_up"]) == set(WORDS["item"]) - {"unsettled", "second"}
    codes = {*Blocked, *RejectionCode, *FileCode, *TextCode, *get_args(LookalikeCode), "no_tracking_number"}
    assert set(REASONS) == {str(code) for code in codes}


def test_what_orders_and_settings_hold_is_called_by_name_and_so_is_what_the_robot_is_sent() -> None:
    order, contact, account, shipment, batch, settled, listed = (
        {field.name for field in fields(params)}
        for params in (
            domain.UpdateOrderParams,
            domain.ContactParams,
            domain.UpsertCarrierConfigParams,
            domain.ShipmentDefaultsParams,
            domain.CreateRobotJobParams,
            domain.SettleItemsParams,
            domain.ListOrdersParams,
        )
    )
    assert set(SETTINGS) == (account | shipment) - {"carrier", "shipment_defaults"}
    assert (order | contact) - {"order_id", "id"} <= set(FIELDS)
    assert set(FIELDS) <= order | contact | account | shipment | batch | settled | listed | {"item_ids"}
    assert set(SENT) == {field.name for field in fields(PedidoInput)}


def words_of(literal: object) -> list[str]:
    return [word for each in get_args(literal) for word in (words_of(each) or [each])]


def test_htmx_is_the_file_of_its_package() -> None:
    assert hashlib.sha256((FOLDER / "static" / "htmx.min.js").read_bytes()).hexdigest() == HTMX
    assert "Zero-Clause BSD" in (FOLDER / "static" / "htmx.LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_script_or_style_of_its_own_and_a_ticket_in_each_form(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|\|\s*safe\b|autoescape", text)
    for form in re.findall(r'<form method="post".*?</form>', text, re.DOTALL):
        has_ticket = "ticket_input()" in form or "ticket_field" in form
        # The language is no command, and a form that is sent again brings the ticket that it had.
        assert has_ticket or "/app/language" in form or "in kept" in form, form


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n1", "\uff1d1", "\uff0b1"])
def test_no_cell_of_a_download_is_a_formula(text: str) -> None:
    """Naive: a table tool runs what an order's name says."""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "cell"), [("A-1", "A-1"), ("a=1", "a=1"), (" Ana ", " Ana "), (None, ""), (7, "7")])
def test_what_is_no_formula_stands_in_a_download_as_it_is(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("multipart/form-data; boundary=xyz", {"a": ["1", "2"], "ñ": ["ü"]}),
        ('multipart/form-data; charset=utf-8; boundary="xyz"', {"a": ["1", "2"], "ñ": ["ü"]}),
        ("multipart/form-data", {}),
        ("multipart/form-data; boundary=zyx", {}),
    ],
)
def test_the_fields_of_a_form_with_a_file_are_read_each_with_all_its_values(
    kind: str, fields: dict[str, list[str]]
) -> None:
    part = '--xyz\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    nameless = "--xyz\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    # What stands before the first boundary is no part (RFC 2046).
    before = part.format("a", "0").removeprefix("--xyz\r\n")
    body = before + part.format("a", "1") + nameless + part.format("ñ", "ü") + part.format("a", "2") + "--xyz--\r\n"
    form = read_multipart(body.encode(), kind)
    assert (form.fields, form.files) == (fields, {})


@pytest.mark.parametrize("content", [b"", b"\r\n", b"a\r\n--x\r\n", bytes(range(256)) * 3, b"--xy", b"\r\n--xy"])
def test_a_file_comes_out_of_a_form_as_it_went_in(content: bytes) -> None:
    head = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    form = read_multipart(head + content + b"\r\n--xyz--\r\n", "multipart/form-data; boundary=xyz")
    assert form.files == {"file": ("a.csv", content)}


@pytest.mark.parametrize(
    ("ahead", "minutes"),
    [(timedelta(hours=10), 600), (timedelta(minutes=2), 2), (timedelta(seconds=5), 1), (timedelta(minutes=-9), 1)],
)
def test_an_end_is_whole_minutes_away_and_one_at_least(ahead: timedelta, minutes: int) -> None:
    assert minutes_until(datetime.now(UTC) + ahead) == minutes


def test_an_end_that_nobody_knows_is_no_number_of_minutes_away() -> None:
    assert minutes_until(None) is None


@dataclass
class Issuer:
    """An issuer that answers by path, and what it was sent."""

    url: str
    headers: list[Message] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """Give an issuer that has an object, a list, a way to the object, and a refusal."""
    answers = {
        "/object": (200, b'{"a": 1}'),
        "/list": (200, b"[]"),
        "/text": (200, b"a"),
        "/moved": (302, b"{}"),
        "/refused": (400, b'{"error": "invalid_client", "error_description": "geheim"}'),
        "/down": (503, b'["busy"]'),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.headers.append(self.headers)
            found.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            status, body = answers[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "/object")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - as the server calls it

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Issuer(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield found
        server.shutdown()


def test_the_issuer_is_sent_forms_as_forms_and_asked_for_json(issuer: Issuer) -> None:
    """Naive: no type of the body, which an issuer that is strict takes for no form."""
    assert post_form(f"{issuer.url}/object", {"code": "ü&="}) == {"a": 1}
    assert issuer.bodies[-1] == b"code=%C3%BC%26%3D"
    assert issuer.headers[-1]["Content-Type"] == "application/x-www-form-urlencoded"
    assert get_json(f"{issuer.url}/object") == {"a": 1}
    assert "Content-Type" not in issuer.headers[-1]
    assert {headers["Accept"] for headers in issuer.headers[-2:]} == {"application/json"}


@pytest.mark.parametrize(
    ("path", "why"),
    [
        # Naive: a code goes wherever the issuer's host leads.
        ("moved", "302 None"),
        ("refused", "400 invalid_client"),
        ("down", "503 None"),
        ("list", "200 None"),
        ("text", "JSONDecodeError"),
    ],
)
def test_an_issuer_s_refusal_is_told_by_its_code_and_nothing_that_was_sent(issuer: Issuer, path: str, why: str) -> None:
    asked = len(issuer.bodies)
    with pytest.raises(IssuerError) as refused:
        post_form(f"{issuer.url}/{path}", {"code": "geheim"})
    assert str(refused.value) == f"POST {issuer.url}/{path}: {why}"
    assert len(issuer.bodies) == asked + 1
