"""The operator's page: signing in, sessions, forms of others, scopes, and what a stranger may try."""

import json
import re
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import boto3
import httpx
import jwt
import pytest

from functions import operator_page
from functions.operator_page.app import app, handler
from functions.operator_page.oidc import forget_issuer
from functions.operator_page.sealed import seal
from functions.operator_page.session import SESSION_COOKIE, SIGN_IN_COOKIE
from functions.operator_page.shown_again import CHANGES
from functions.operator_page.sign_in import own_path
from local.stack.issuer import (
    ALGORITHM,
    AUDIENCE,
    JWKS_PATH,
    KEY_ID,
    PAGE_CLIENT,
    _Handler,
    documents,
    ensure_signing_key,
)
from local.stack.sign_in import Answer, Form, SignIn
from shared import domain
from shared.aws.secrets import forget_secrets
from shared.domain import RetryableDatabaseError
from shared.domain.ids import uuid7
from tests.factories import data_of
from tests.functional.conftest import Bus
from tests.functional.page_browser import ALL_SCOPES, Browser, Page
from tests.functional.shop import Shop
from tests.http_client import LambdaContext
from tests.samples import sample

STATIC = Path(operator_page.__file__).with_name("static")
DISCOVERY = "/.well-known/openid-configuration"
Claims = dict[str, Any]


@pytest.fixture(scope="module")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the issuer's key, which takes longer to make than most tests take."""
    return ensure_signing_key(tmp_path_factory.mktemp("issuer") / "key.pem")


@pytest.fixture
def issuer(signing_key: Path, monkeypatch: pytest.MonkeyPatch, page_secret: str) -> Iterator[str]:
    """Give the local stack's issuer."""
    assert page_secret
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        sign_in = SignIn(url, AUDIENCE, PAGE_CLIENT, signing_key.read_bytes(), KEY_ID, ALGORITHM)
        server.RequestHandlerClass = partial(_Handler, documents(signing_key, url), sign_in)
        # It looks so often whether it is to end.
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        monkeypatch.setenv("JWT_ISSUER", url)
        monkeypatch.setenv("JWT_AUDIENCE", f"other,{AUDIENCE}")
        monkeypatch.setenv("OIDC_CLIENT_ID", PAGE_CLIENT)
        # The issuer sends back to pages of this machine alone.
        monkeypatch.setenv("PUBLIC_API_URL", "http://127.0.0.1:1")
        forget_issuer()
        yield url
        forget_issuer()
        server.shutdown()


def consent(authorize: str, workspace: object, *scopes: str) -> str:
    """Be somebody at the issuer, and return the path that the browser is sent back to."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize).query).items()}
    form = {**asked, "email": "ana@example.com", "workspace": str(workspace or ""), "scope": list(scopes)}
    sent = httpx.post(authorize.partition("?")[0], data=form)
    back = urlsplit(sent.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(browser: Browser, workspace: object, *scopes: str, to: str = "/app") -> Page:
    started = browser.ask("GET", "/app/sign-in?" + urlencode({"to": to}))
    return browser.ask("GET", consent(started.headers["location"], workspace, *scopes))


@pytest.mark.usefixtures("issuer", "database")
def test_a_person_signs_in_at_the_issuer_and_comes_back_to_what_was_asked(bus: Bus, workspace: UUID) -> None:
    assert bus
    browser = Browser()
    asked = browser.ask("GET", "/app/orders?show=to-ship")
    assert asked.status == 303
    started = browser.ask("GET", asked.headers["location"])
    challenge = parse_qs(urlsplit(started.headers["location"]).query)
    assert (challenge["code_challenge_method"], challenge["response_type"]) == (["S256"], ["code"])
    # What is not asked for is granted to nobody.
    assert challenge["scope"][0].split() == ["openid", "email", *ALL_SCOPES]
    back = browser.ask("GET", consent(started.headers["location"], workspace, *ALL_SCOPES))
    assert (back.status, back.headers["location"]) == (303, "/app/orders?show=to-ship")
    assert "ana@example.com" in browser.get("/app").text
    used_up, session = (cookie.split("; ") for cookie in back.set_cookies)
    assert (used_up[0], "Max-Age=0" in used_up) == (f"{SIGN_IN_COOKIE}=", True)
    assert {"HttpOnly", "SameSite=Lax", "Path=/app", "Max-Age=28800"} <= set(session)


@pytest.mark.usefixtures("issuer", "database")
def test_a_page_that_the_issuer_gave_a_secret_shows_it_and_another_one_shows_none(
    aws: boto3.Session, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the issuer refuses every code of a page that it knows by a secret."""
    redeem, shown = SignIn.redeem, []

    def note(self: SignIn, form: Form) -> tuple[int, dict[str, object]]:
        shown.append(form.get("client_secret"))
        return redeem(self, form)

    monkeypatch.setattr(SignIn, "redeem", note)
    assert sign_in(Browser(), workspace, *ALL_SCOPES).status == 303
    secret = json.dumps({"client_secret": "geheim"})
    arn = aws.client("secretsmanager").create_secret(Name="client", SecretString=secret)["ARN"]
    monkeypatch.setenv("OIDC_CLIENT_SECRET_ARN", arn)
    assert sign_in(Browser(), workspace, *ALL_SCOPES).status == 303
    assert shown == [None, ["geheim"]]


def let_say(patch: pytest.MonkeyPatch, path: str, **otherwise: object) -> None:
    """Let the issuer's document there say this; None: it does not say it."""
    serve = _Handler.do_GET

    def do_get(self: _Handler) -> None:
        if self.path != path:
            serve(self)
            return
        said = {
            name: value for name, value in (json.loads(self._served[path]) | otherwise).items() if value is not None
        }
        self._send(Answer(200, json.dumps(said).encode(), "application/json"))

    patch.setattr(_Handler, "do_GET", do_get)


@pytest.mark.usefixtures("issuer", "database")
def test_a_key_that_the_issuer_has_only_since_a_moment_ago_signs_people_in(
    signing_key: Path, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the keys that were read first; after the issuer changes its key nobody signs in until a deployment."""
    [key] = json.loads(documents(signing_key, "")[JWKS_PATH])["keys"]
    with monkeypatch.context() as patch:
        let_say(patch, JWKS_PATH, keys=[{**key, "kid": "the one before"}])
        assert sign_in(Browser(), workspace, *ALL_SCOPES).status == 502
    assert sign_in(Browser(), workspace, *ALL_SCOPES).status == 303


@pytest.mark.usefixtures("database")
def test_an_issuer_may_have_addresses_with_a_query_a_slash_at_its_end_and_no_way_out(
    issuer: str, browser: Browser, said_otherwise: dict[str, Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_ISSUER", f"{issuer}/")
    for each in said_otherwise.values():
        each["iss"] = f"{issuer}/"
    let_say(
        monkeypatch,
        DISCOVERY,
        issuer=f"{issuer}/",
        authorization_endpoint=f"{issuer}/authorize?tenant=a",
        end_session_endpoint=f"{issuer}/logout?tenant=a",
    )
    started = browser.ask("GET", "/app/sign-in").headers["location"]
    assert started.startswith(f"{issuer}/authorize?tenant=a&response_type=code&")
    assert sign_in(Browser(), uuid7(), *ALL_SCOPES).status == 303
    left = browser.send("/app/sign-out").headers["refresh"]
    assert left.startswith(f"0; url={issuer}/logout?tenant=a&client_id=")
    forget_issuer()
    let_say(monkeypatch, DISCOVERY, end_session_endpoint=None)
    assert browser.sign_in(uuid7()).send("/app/sign-out").headers["refresh"] == "0; url=/app/signed-out"


def test_signing_out_ends_the_issuer_s_session_too(issuer: str, browser: Browser) -> None:
    """Naive: by the standard's name of the address alone. Cognito takes no other name than its own."""
    left = browser.post("/app/sign-out")
    target = left.headers["refresh"].partition("url=")[2]
    query = parse_qs(urlsplit(target).query)
    assert target.startswith(issuer)
    assert query["logout_uri"] == query["post_logout_redirect_uri"] == ["http://127.0.0.1:1/app/signed-out"]
    assert query["client_id"] == [PAGE_CLIENT]
    assert SESSION_COOKIE not in browser.cookies or not browser.cookies[SESSION_COOKIE]


@pytest.mark.usefixtures("issuer")
def test_an_issuer_that_is_down_lets_nobody_in_and_everybody_out(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: an error of the server, and whoever leaves a shared computer stays signed in on it."""
    monkeypatch.setenv("JWT_ISSUER", "http://127.0.0.1:1")
    started = Browser().ask("GET", "/app/sign-in")
    assert (started.status, "no se puede iniciar sesión" in started.plain) == (502, True)
    left = browser.post("/app/sign-out")
    assert (left.status, left.headers["refresh"]) == (200, "0; url=/app/signed-out")
    assert browser.cookies[SESSION_COOKIE] == ""


@pytest.mark.usefixtures("issuer", "database")
def test_a_sign_in_is_good_once_and_in_its_own_browser_alone(workspace: UUID) -> None:
    """A stolen state, and a code that was sent to somebody: naive, it signs the victim in as the attacker."""
    attacker, victim = Browser(), Browser()
    started = attacker.ask("GET", "/app/sign-in")
    path = consent(started.headers["location"], workspace, *ALL_SCOPES)
    assert victim.ask("GET", path).status == 400
    victim.ask("GET", "/app/sign-in")
    assert victim.ask("GET", path).status == 400
    assert SESSION_COOKIE not in victim.cookies
    assert attacker.ask("GET", path).status == 303
    assert attacker.ask("GET", path).status == 400


@pytest.mark.usefixtures("issuer", "database")
def test_a_token_without_a_workspace_is_told_so_and_a_fixed_session_is_none() -> None:
    browser = Browser({SESSION_COOKIE: "chosen-by-somebody"})
    page = sign_in(browser, None, *ALL_SCOPES)
    assert page.status == 403
    assert "no pertenece a ningún espacio de trabajo" in page.plain
    assert browser.cookies[SESSION_COOKIE] == "chosen-by-somebody"
    assert browser.ask("GET", "/app").status == 303


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.com",
        "//evil.example.com",
        "/app//evil",
        "/app/../x",
        "/apple",
        "/app\\@evil",
        "/app/\r\nX: y",
    ],
)
def test_after_a_sign_in_nobody_is_led_elsewhere(path: str) -> None:
    assert own_path(path) == "/app"


@pytest.mark.parametrize(
    "path",
    ["/app", "/app?said=saved", "/app/orders?show=to-ship&search=caja+n%C2%BA_1.&cursor=a-b~=", "/app/jobs/0-a/settle"],
)
def test_after_a_sign_in_people_are_where_they_were(path: str) -> None:
    assert own_path(path) == path


def test_a_form_of_nobody_of_somebody_else_and_of_another_workspace_changes_nothing(
    browser: Browser, shop: Shop
) -> None:
    """H51: CSRF; and two tabs with two workspaces."""
    job = shop.job()
    other = Browser().sign_in(uuid7())
    elsewhere = other.ask("GET", "/app").hidden("_ticket")
    colleague = Browser().sign_in(shop.ctx.workspace_id, subject="op-2").ask("GET", "/app").hidden("_ticket")
    for ticket in (
        "",
        "x",
        "²²²²²²²²²².x",
        "9999999999.x",
        elsewhere,
        colleague,
        "9999999999." + elsewhere.partition(".")[2],
    ):
        page = browser.post(f"/app/jobs/{job.job_id}/pause", ticket=ticket)
        assert page.status == 403, ticket
    assert "Pausar" in browser.get(f"/app/jobs/{job.job_id}").plain


def test_a_session_and_a_form_outlive_a_change_of_the_key_but_not_the_key_before_it(
    browser: Browser, shop: Shop, aws: boto3.Session, page_secret: str
) -> None:
    """Naive: whoever works when the key is changed is signed out, and what they typed is refused."""
    job = shop.job()
    ticket = browser.ask("GET", "/app").hidden("_ticket")

    def keys(current: str, previous: str) -> None:
        secret = json.dumps({"current": current, "previous": previous})
        aws.client("secretsmanager").put_secret_value(SecretId="page", SecretString=secret)
        forget_secrets()

    keys("second-" + "k" * 40, page_secret)
    page = browser.post(f"/app/jobs/{job.job_id}/pause", ticket=ticket)
    assert (page.status, "Reanudar" in page.plain) == (200, True)
    keys("third-" + "k" * 40, "second-" + "k" * 40)
    assert browser.ask("GET", "/app").status == 303
    browser.sign_in(shop.ctx.workspace_id)
    assert browser.send(f"/app/jobs/{job.job_id}/resume", ticket=ticket).status == 403


def test_a_session_that_ends_loses_no_typed_form(browser: Browser, shop: Shop) -> None:
    job = shop.unsettled()
    path = f"/app/jobs/{job.job_id}/settle"
    ticket = browser.ask("GET", path).hidden("_ticket")
    session = browser.cookies.pop(SESSION_COOKIE)
    fields = {f"said-{job.items[0].item_id}": "shipped", f"number-{job.items[0].item_id}": "T-5", "password": "geheim"}
    page = browser.send(path, fields, ticket=ticket)
    assert page.status == 401
    # It is asked for again; left out, it would be taken for one that is to be kept.
    assert "geheim" not in page.text
    assert re.search(r'<input type="password" name="password" required', page.text)
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
    browser.cookies[SESSION_COOKIE] = session
    browser.post(path, {name: value for name, value in again.items() if name not in {"_ticket", "to"}}, ticket=ticket)
    assert shop.item(job).is_known_as == ("success", "made")
    # Where it was left empty the one that is there is kept: whoever had to type one would change it.
    browser.cookies.pop(SESSION_COOKIE)
    assert 'type="password"' not in browser.send("/app/settings", {"password": "", "units": "1"}, ticket=ticket).text


def test_a_session_that_ends_says_that_a_file_is_to_be_chosen_again(browser: Browser, shop: Shop) -> None:
    assert shop
    session = browser.cookies[SESSION_COOKIE]
    ticket = browser.ask("GET", "/app").hidden("_ticket")
    browser.cookies.pop(SESSION_COOKIE)
    page = browser.upload("/app/upload", "orders.csv", b"name\nA-1\n", ticket=ticket)
    assert (page.status, "vuelve a elegir el archivo" in page.plain) == (401, True)
    assert session


@pytest.fixture
def said_otherwise(monkeypatch: pytest.MonkeyPatch) -> dict[str, Claims]:
    """Give what the issuer's tokens say otherwise, by their names; None: they don't say it."""
    otherwise: dict[str, Claims] = {"identity": {}, "access": {}}
    signed = SignIn._signed

    def sign(self: SignIn, claims: Claims) -> str:
        all_claims = claims | otherwise["identity" if "nonce" in claims else "access"]
        return signed(self, {name: value for name, value in all_claims.items() if value is not None})

    monkeypatch.setattr(SignIn, "_signed", sign)
    return otherwise


@pytest.mark.usefixtures("issuer", "database")
def test_the_workspace_is_the_access_token_s(said_otherwise: dict[str, Claims], workspace: UUID) -> None:
    """Naive: a workspace that only the identity token names opens the page, and no call of the API."""
    said_otherwise["identity"]["workspace_id"] = str(workspace)
    said_otherwise["access"]["workspace_id"] = None
    assert sign_in(Browser(), workspace, *ALL_SCOPES).status == 403


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(
    ("identity", "access", "shown"),
    [
        ("ana@example.com", None, "ana@example.com"),
        ("ana@example.com", "other@example.com", "ana@example.com"),
        (None, "other@example.com", "other@example.com"),
        (None, None, "subject-7"),
    ],
)
def test_who_signs_in_is_called_by_the_e_mail_that_a_token_has(  # noqa: PLR0913, PLR0917 - fixtures
    bus: Bus,
    said_otherwise: dict[str, Claims],
    workspace: UUID,
    identity: str | None,
    access: str | None,
    shown: str,
) -> None:
    """Naive: a subject of 36 digits in the log of what was done; or nobody, where the subject is all that there is."""
    assert bus
    said_otherwise["identity"] |= {"sub": "subject-7", "email": identity}
    said_otherwise["access"] |= {"sub": "subject-7", "email": access}
    browser = Browser()
    sign_in(browser, workspace, *ALL_SCOPES)
    assert f'<span class="who">{shown}</span>' in browser.get("/app").text


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(("token_s", "session_s"), [(600, 600), (24 * 3600, 8 * 3600)])
def test_a_session_is_over_with_its_token_and_after_eight_hours(  # noqa: PLR0913, PLR0917 - fixtures
    bus: Bus,
    said_otherwise: dict[str, Claims],
    workspace: UUID,
    monkeypatch: pytest.MonkeyPatch,
    token_s: int,
    session_s: int,
) -> None:
    """Naive: whoever is taken out of the workspace goes on for as long as the page likes."""
    assert bus
    now = time.time()
    for each in said_otherwise.values():
        each["exp"] = int(now) + token_s
    browser = Browser()
    sign_in(browser, workspace, *ALL_SCOPES)
    for later, status in ((session_s - 120, 200), (session_s + 120, 303)):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda later=later: now + later)
            assert browser.ask("GET", "/app").status == status


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(
    ("identity", "access"),
    [
        ({"aud": AUDIENCE}, {}),
        ({"aud": ["another-client", AUDIENCE]}, {}),
        ({"aud": None}, {}),
        ({"nonce": "of-another-sign-in"}, {}),
        ({"nonce": ""}, {}),
        ({}, {"aud": "another-api", "client_id": "another-client"}),
        ({}, {"aud": None, "client_id": None}),
        ({}, {"sub": "somebody-else"}),
        ({"sub": None}, {"sub": None}),
        ({"iss": "https://issuer.example.com"}, {}),
        ({}, {"iss": "https://issuer.example.com"}),
        ({"iss": None}, {}),
        ({}, {"exp": 1_000_000_000}),
        ({"exp": 1_000_000_000}, {}),
        ({}, {"exp": None}),
    ],
)
def test_tokens_that_are_not_for_this_page_and_this_sign_in_begin_no_session(
    said_otherwise: dict[str, Claims], workspace: UUID, identity: Claims, access: Claims
) -> None:
    """Naive: any token that the issuer has signed; one that another program got for its user signs in here, too."""
    said_otherwise["identity"] |= identity
    said_otherwise["access"] |= access
    browser = Browser()
    assert sign_in(browser, workspace, *ALL_SCOPES).status == 502
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(
    "access",
    [
        {"aud": None, "client_id": AUDIENCE},
        {"aud": ["another-api", AUDIENCE], "client_id": None},
        {"aud": "other", "client_id": None},
    ],
)
def test_the_api_that_a_token_is_for_is_its_audience_or_its_client(
    said_otherwise: dict[str, Claims], workspace: UUID, access: Claims
) -> None:
    """Cognito names the client where others name the audience."""
    said_otherwise["access"] |= access
    assert sign_in(Browser(), workspace, *ALL_SCOPES).status == 303


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(("ahead_s", "status"), [(60, 303), (61, 502)])
def test_the_issuer_s_clock_may_be_a_minute_ahead(
    said_otherwise: dict[str, Claims], workspace: UUID, monkeypatch: pytest.MonkeyPatch, ahead_s: int, status: int
) -> None:
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: now)
    for each in said_otherwise.values():
        each["iat"] = now + ahead_s
    assert sign_in(Browser(), workspace, *ALL_SCOPES).status == status


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_that_the_issuer_s_key_did_not_sign_begins_no_session(
    monkeypatch: pytest.MonkeyPatch, workspace: UUID, algorithm: str
) -> None:
    key = "" if algorithm == "none" else "k" * 40
    monkeypatch.setattr(
        SignIn, "_signed", lambda _self, claims: jwt.encode(claims, key, algorithm, headers={"kid": KEY_ID})
    )
    browser = Browser()
    assert sign_in(browser, workspace, *ALL_SCOPES).status == 502
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(("later_s", "status"), [(590, 303), (610, 400)])
def test_a_sign_in_takes_ten_minutes_at_most(
    workspace: UUID, monkeypatch: pytest.MonkeyPatch, later_s: int, status: int
) -> None:
    browser = Browser()
    started = browser.ask("GET", "/app/sign-in")
    [cookie] = started.set_cookies
    assert "Max-Age=600" in cookie.split("; ")
    begun = time.time()
    monkeypatch.setattr(time, "time", lambda: begun + later_s)
    path = consent(started.headers["location"], workspace, *ALL_SCOPES)
    assert browser.ask("GET", path).status == status


@pytest.mark.usefixtures("issuer", "database")
def test_a_page_that_a_cookie_can_not_hold_is_forgotten_and_the_sign_in_is_not(workspace: UUID) -> None:
    """Naive: a browser drops the cookie, and whoever searched for a long text can't sign in."""
    browser = Browser()
    long = "/app/orders?search=" + "a" * 3_000
    started = browser.ask("GET", "/app/sign-in?" + urlencode({"to": long}))
    assert all(len(cookie.partition(";")[0]) < 4_096 for cookie in started.set_cookies)
    back = browser.ask("GET", consent(started.headers["location"], workspace, *ALL_SCOPES))
    assert (back.status, back.headers["location"]) == (303, "/app")


@pytest.mark.usefixtures("issuer", "database")
def test_a_page_is_come_back_to_as_long_as_a_browser_keeps_its_cookie() -> None:
    """A browser keeps 4,096 bytes of a cookie's name and value."""
    sizes = []
    for length in range(2_500, 3_100, 15):
        [cookie] = Browser().ask("GET", "/app/sign-in?" + urlencode({"to": "/app?" + "a" * length})).set_cookies
        sizes.append(len(cookie.partition(";")[0]))
    assert 3_980 < max(sizes) <= 4_096
    assert sizes[-1] < 1_000


def test_a_session_ends_and_can_not_be_made_up(browser: Browser, workspace: UUID) -> None:
    over = Browser().sign_in(workspace, lasts_s=-1)
    assert over.ask("GET", "/app").status == 303
    sealed = browser.cookies[SESSION_COOKIE]
    forged = Browser({SESSION_COOKIE: sealed[:-2] + ("AA" if sealed[-2:] != "AA" else "BB")})
    assert forged.ask("GET", "/app").status == 303
    # Nor is what the page has sealed for something else one.
    value = {"workspace": str(workspace), "sub": "op-1", "email": None, "scopes": ALL_SCOPES}
    assert Browser({SESSION_COOKIE: seal("sign-in", value, 600)}).ask("GET", "/app").status == 303


def test_a_form_is_good_for_a_day_after_the_hour_in_which_its_page_was_opened(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: a ticket that was seen once, in a picture of a screen, is good for ever."""
    path = f"/app/jobs/{shop.job().job_id}/pause"
    hour = int(time.time()) // 3600 * 3600
    now = float(hour)
    monkeypatch.setattr(time, "time", lambda: now)
    browser.sign_in(shop.ctx.workspace_id, lasts_s=48 * 3600)
    ticket = browser.ask("GET", "/app").hidden("_ticket")
    # A part of a page is not sent again because of its ticket.
    now = hour + 3599.9
    assert browser.ask("GET", "/app").hidden("_ticket") == ticket
    now = hour + 25 * 3600
    assert browser.send(path, ticket=ticket).status == 303
    now += 0.1
    assert browser.send(path, ticket=ticket).status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"_ticket=%s&to=\xff", 403),
        (b"_ticket=%s" + 20_000 * b"&a=1", 403),
        (b"_ticket=%s" + 19_999 * b"&a=1", 303),
    ],
)
def test_a_form_that_can_not_be_read_is_none(browser: Browser, body: bytes, status: int) -> None:
    """Naive: an error of the server; or so many fields that nothing else is answered meanwhile."""
    ticket = browser.ask("GET", "/app").hidden("_ticket").encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.ask("POST", "/app/ship/preview", body.replace(b"%s", ticket), form).status == status


@pytest.mark.parametrize(("size", "status"), [(4_300_000, 303), (4_300_001, 413)])
def test_a_form_has_four_megabytes_and_some_at_most(browser: Browser, size: int, status: int) -> None:
    ticket = browser.ask("GET", "/app").hidden("_ticket").encode()
    body = (b"_ticket=%s&a=" % ticket).ljust(size, b"x")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.ask("POST", "/app/ship/preview", body, form).status == status


def test_cookies_are_read_from_their_header_too(browser: Browser) -> None:
    """A gateway that is not AWS's gives them so."""
    header = f"other=1; {SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]};robot_jobs_language=en"
    page = Browser().ask("GET", "/app", headers={"Cookie": header})
    assert (page.status, 'lang="en"' in page.text) == (200, True)
    # What is no language of the page's is none.
    browser.cookies["robot_jobs_language"] = "de"
    assert 'lang="es"' in browser.ask("GET", "/app").text


@pytest.mark.usefixtures("page_secret")
@pytest.mark.parametrize("said", [{}, {"headers": None}])
def test_who_asks_without_a_header_is_sent_to_sign_in(said: dict[str, None]) -> None:
    """An event that was written by hand has none."""
    event = {name: value for name, value in sample("operator_page").items() if name != "headers"} | said
    context: Any = LambdaContext()
    answer = handler(event, context)
    assert (answer["statusCode"], answer["headers"]["Location"].partition("?")[0]) == (303, "/app/sign-in")


def test_the_page_may_stand_below_a_path(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API without a domain of its own has its stage there; on this machine it has no TLS either."""
    monkeypatch.setenv("PUBLIC_API_URL", "http://localhost:1/{apiId}/prod/")
    page = browser.get("/app")
    assert 'href="/api/prod/app/orders"' in page.text
    assert not re.search(r'(href|action|src|hx-get)="/app', page.text)
    assert "strict-transport-security" not in page.headers
    assert Browser().ask("GET", "/app/jobs").headers["location"] == "/api/prod/app/sign-in?to=%2Fapp%2Fjobs"
    form = {"content-type": "application/x-www-form-urlencoded"}
    chosen = browser.ask("POST", "/app/language", b"language=en&to=/app/jobs", form)
    assert chosen.headers["location"] == "/api/prod/app/jobs"
    [cookie] = chosen.set_cookies
    assert "Path=/api/prod/app" in cookie.split("; ")
    assert "Secure" not in cookie.split("; ")


def test_nobody_is_signed_out_by_a_form_of_another_site(browser: Browser) -> None:
    assert browser.send("/app/sign-out", ticket="").status == 403
    assert browser.ask("GET", "/app").status == 200


def test_who_has_not_signed_in_has_no_form_either(browser: Browser) -> None:
    ticket = browser.ask("GET", "/app").hidden("_ticket")
    assert Browser().send("/app/sign-in", ticket=ticket).status == 403


READ, WRITE_JOBS, WRITE_CARRIERS, WRITE_ORDERS = ALL_SCOPES
#: What each scope is asked for by.
SCOPES = {
    READ: [
        "GET /app",
        "GET /app/activity",
        "GET /app/cities",
        "GET /app/jobs",
        "GET /app/jobs/<job_id>",
        "GET /app/jobs/<job_id>/file",
        "GET /app/jobs/<job_id>/live",
        "GET /app/jobs/<job_id>/retry",
        "GET /app/jobs/<job_id>/settle",
        "GET /app/orders",
        "GET /app/orders/<order_id>",
        "GET /app/settings",
        "GET /app/today",
        # It changes nothing; whoever may read may ask.
        "POST /app/ship/preview",
    ],
    WRITE_JOBS: [
        "GET /app/jobs/<job_id>/cancel",
        "POST /app/guides",
        "POST /app/jobs/<job_id>/cancel",
        "POST /app/jobs/<job_id>/pause",
        "POST /app/jobs/<job_id>/priority",
        "POST /app/jobs/<job_id>/resume",
        "POST /app/jobs/<job_id>/retry",
        "POST /app/jobs/<job_id>/settle",
        "POST /app/ship",
    ],
    WRITE_CARRIERS: [
        "GET /app/settings/stop",
        "POST /app/settings",
        "POST /app/settings/stop",
        "POST /app/settings/test",
    ],
    WRITE_ORDERS: [
        "GET /app/upload",
        "GET /app/uploads/<upload_id>",
        "GET /app/uploads/<upload_id>/bad",
        "GET /app/uploads/<upload_id>/imported",
        "POST /app/orders/<order_id>",
        "POST /app/upload",
        "POST /app/uploads/<upload_id>/columns",
        "POST /app/uploads/<upload_id>/import",
    ],
}
#: Begins or ends a session, or is seen by everybody.
OPEN = {
    "GET /app/sign-in",
    "GET /app/signed-in",
    "GET /app/signed-out",
    "GET /app/static/<digest>/<name>",
    "POST /app/language",
    "POST /app/sign-out",
}


def test_each_route_has_its_scope_or_is_open() -> None:
    routes = {f"{route.method} {route.path}" for route in app._static_routes + app._dynamic_routes}
    assert routes == OPEN.union(*SCOPES.values())


@pytest.mark.parametrize(("scope", "route"), [(scope, route) for scope, routes in SCOPES.items() for route in routes])
def test_a_command_asks_for_its_scope(  # noqa: PLR0913, PLR0917 - fixtures
    bus: Bus, page_secret: str, workspace: UUID, database: str, scope: str, route: str
) -> None:
    """Naive: a button that is not shown is a permission that is not asked for; or any scope will do."""
    assert bus
    assert page_secret
    assert database
    method, path = re.sub(r"<\w+>", str(uuid7()), route).split()
    ticket = Browser().sign_in(workspace).ask("GET", "/app").hidden("_ticket")

    def ask(*scopes: str) -> Page:
        browser = Browser().sign_in(workspace, *scopes)
        return browser.ask("GET", path) if method == "GET" else browser.send(path, ticket=ticket)

    refused = ask(*(each for each in ALL_SCOPES if each != scope))
    assert refused.status == 403
    assert f"no puede hacer esto. Pide a quien la administra el permiso «{scope}»" in refused.plain
    assert ask(scope).status in {200, 303, 404, 422}


@pytest.mark.parametrize("button", CHANGES)
def test_who_may_only_look_corrects_nothing_in_a_preview(browser: Browser, shop: Shop, button: str) -> None:
    order = shop.order()
    fields = {"order": str(order), f"city-{order}": "Cali", button: f"{order}|Cali|Valle del Cauca"}
    ticket = browser.ask("GET", "/app").hidden("_ticket")
    for scopes in ((READ,), (READ, WRITE_JOBS, WRITE_CARRIERS)):
        reader = Browser().sign_in(shop.ctx.workspace_id, *scopes)
        assert reader.send("/app/ship/preview", fields, ticket=ticket).status == 403
    assert data_of(domain.get_order(shop.ctx, order)).shipping_city == "Medellín"


@pytest.mark.parametrize("what", ["jobs/{}", "jobs/{}/retry", "jobs/{}/settle", "jobs/{}/cancel", "jobs/{}/file"])
def test_another_workspace_s_job_is_404(browser: Browser, shop: Shop, what: str) -> None:
    job = shop.job()
    stranger = Browser().sign_in(uuid7())
    path = f"/app/{what.format(job.job_id)}"
    assert browser.get(path).status == 200
    refused = stranger.get(path)
    assert (refused.status, "<h1>No encontrado</h1>" in refused.text) == (404, True)


@pytest.mark.parametrize("command", ["pause", "resume", "priority", "cancel", "retry", "settle"])
def test_another_workspace_s_job_can_not_be_commanded(browser: Browser, shop: Shop, command: str) -> None:
    assert browser
    job = shop.unsettled() if command == "settle" else shop.job()
    item = job.items[0].item_id
    fields = {"item": str(item), "which": "all", f"said-{item}": "shipped"}
    refused = Browser().sign_in(uuid7()).post(f"/app/jobs/{job.job_id}/{command}", fields)
    # There is nothing to go back to.
    assert (refused.status, "Volver al lote" in refused.plain) == (404, False)


def test_another_workspace_s_orders_are_neither_shown_nor_shipped(browser: Browser, shop: Shop) -> None:
    assert browser
    order = shop.order(name="SECRETO-1")
    stranger = Browser().sign_in(uuid7())
    assert stranger.get(f"/app/orders/{order}").status == 404
    assert stranger.post(f"/app/orders/{order}", {f"city-{order}": "Cali"}).status == 404
    shipping = stranger.send("/app/ship", {"going": str(order), "key": "k"})
    preview = stranger.post("/app/ship/preview", {"order": str(order)})
    for page in (shipping, preview, stranger.get("/app/orders?search=SECRETO")):
        assert "SECRETO-1" not in page.text
        assert page.status in {200, 404, 422}


def test_what_browsers_are_held_to(browser: Browser) -> None:
    page = browser.get("/app")
    policy = page.headers["content-security-policy"]
    assert set(policy.split("; ")) == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", page.text)
    # What is refused, and what is a part of a page, is held to the same.
    for path in ("/app", "/app/today", "/app/nothing", "/app/signed-out"):
        assert {
            "x-frame-options": "DENY",
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
            "strict-transport-security": "max-age=31536000",
            "content-security-policy": policy,
        }.items() <= browser.get(path).headers.items(), path
    assert page.headers["cache-control"] == "no-store"


def test_a_cookie_is_for_this_page_alone_and_no_script_reads_it(browser: Browser) -> None:
    form = b"language=en&to=//evil.example.com"
    chosen = browser.ask("POST", "/app/language", form, {"content-type": "application/x-www-form-urlencoded"})
    assert chosen.headers["location"] == "/app"
    [cookie] = chosen.set_cookies
    # For a year: whoever reads English is asked once.
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/app", "Max-Age=31536000"} <= set(cookie.split("; "))
    assert (cookie.partition(";")[0], browser.post("/app/language", {"language": "de"}).status) == (
        "robot_jobs_language=en",
        200,
    )
    assert browser.cookies["robot_jobs_language"] == "es"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("page.css", "text/css; charset=utf-8"),
        ("page.js", "text/javascript; charset=utf-8"),
        ("htmx.min.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_a_script_or_style_is_kept_for_good_under_the_name_that_a_page_has_for_it_and_not_under_another(
    browser: Browser, name: str, kind: str
) -> None:
    """Naive: the new style under the address of the old one, for a year."""
    [path] = re.findall(rf'"(/app/static/\w+/{name})"', browser.get("/app").text)
    now, before = Browser().get(path), Browser().get(f"/app/static/{'0' * 16}/{name}")
    assert (now.status, now.headers["content-type"]) == (before.status, before.headers["content-type"]) == (200, kind)
    assert now.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert before.headers["cache-control"] == "no-store"
    assert now.text == before.text == (STATIC / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    ["/app/nothing", "/app/jobs/none", "/app/orders/1", "/app/static/0/app.py", "/app/static/0/htmx.LICENSE.txt"],
)
def test_what_there_is_not_is_404_and_says_what_to_do(browser: Browser, path: str) -> None:
    page = browser.get(path)
    assert page.status == 404
    assert "Vuelve al inicio" in page.plain


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RetryableDatabaseError("geheim"), 503, "La base de datos estaba ocupada y no se cambió nada"),
        (RuntimeError("geheim"), 500, "Algo falló aquí y quedó registrado"),
    ],
)
def test_of_an_error_nothing_is_told_but_what_to_do(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, said: str
) -> None:
    def fails(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(domain, "list_activity", fails)
    page = browser.get("/app/activity")
    assert (page.status, said in page.plain, "geheim" in page.text) == (status, True, False)
    assert page.headers["content-type"].startswith("text/html")


def test_a_part_of_a_page_that_is_asked_for_after_the_session_loads_the_page_anew(browser: Browser) -> None:
    """Naive: the page to sign in, in the middle of the list of orders."""
    browser.cookies.pop(SESSION_COOKIE)
    part = browser.ask("GET", "/app/today", headers={"HX-Request": "true"})
    assert (part.status, part.headers["hx-refresh"], part.text) == (401, "true", "")


@pytest.mark.usefixtures("issuer", "database")
@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"error": "invalid_grant"}),
        (200, {"token_type": "Bearer"}),
        (200, {"id_token": "x", "access_token": "y"}),
        (200, ["no object"]),
        # What it would have answered.
        (500, None),
    ],
)
def test_whatever_an_issuer_answers_but_tokens_signs_nobody_in(
    workspace: UUID, monkeypatch: pytest.MonkeyPatch, status: int, answer: object
) -> None:
    redeem = SignIn.redeem
    monkeypatch.setattr(SignIn, "redeem", lambda self, form: (status, answer or redeem(self, form)[1]))
    browser = Browser()
    page = sign_in(browser, workspace, *ALL_SCOPES)
    assert (page.status, "no se puede iniciar sesión" in page.plain) == (502, True)
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.usefixtures("issuer", "database")
def test_who_does_not_sign_in_at_the_issuer_after_all_is_told_to_begin_again() -> None:
    browser = Browser()
    started = browser.ask("GET", "/app/sign-in")
    state = parse_qs(urlsplit(started.headers["location"]).query)["state"][0]
    back = browser.ask("GET", "/app/signed-in?" + urlencode({"error": "access_denied", "state": state}))
    assert (back.status, "El inicio de sesión no se completó" in back.plain) == (400, True)
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.usefixtures("issuer", "database")
def test_an_issuer_that_calls_itself_something_else_signs_nobody_in(
    issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: people are sent to wherever an address that was written wrongly leads."""
    monkeypatch.setenv("JWT_ISSUER", issuer.replace("127.0.0.1", "localhost"))
    assert Browser().ask("GET", "/app/sign-in").status == 502
