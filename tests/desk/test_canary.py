"""Canaries in every place that holds a secret; then everything that a desk says is searched.

A real desk over TLS at its most talkative: debug log, every request traced, calls that succeed,
calls that are refused, and defects that are provoked by taking its tables away.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import ssl
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from .collector import Collector
from .running import PASSWORD, RunningDesk

pytestmark = [pytest.mark.spec("TST-4", "SEC-1", "SEC-3"), pytest.mark.spec("DEV-5")]

MAY_HOLD = {
    "signing seed": {("identity_keys", "seed")},
    "idempotency key": {("idempotency_answers", "key")},
}
"""Cells that hold a secret because that is what they are for. Everything else is digests."""
MUST_HOLD = {
    "audit.key": {"audit key"}, "key.pem": {"tls key"}, "identity.key": {"identity key"},
}  # fmt: skip


class TlsDesk(RunningDesk):
    """A desk that is reached by TLS."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        super().__init__(folder)
        self.client.close()
        self.url = f"https://127.0.0.1:{self.port}"
        trusted = ssl.create_default_context(cafile=str(certificate))
        self.client = httpx2.Client(base_url=self.url, timeout=10, verify=trusted)
        self.trusted = trusted


class Heard:
    """Everything that came out, by where it came from; and the secrets that must not be in it."""

    def __init__(self) -> None:
        self.said: dict[str, bytes] = {}
        self.secrets: dict[str, list[bytes]] = {}

    def plant(self, name: str, secret: str | bytes) -> None:
        raw = secret.encode() if isinstance(secret, str) else secret
        self.secrets.setdefault(name, []).append(raw)

    def hear(self, where: str, said: str | bytes) -> None:
        raw = said.encode() if isinstance(said, str) else said
        self.said[where] = self.said.get(where, b"") + raw + b"\n"

    def found_in(self, text: bytes) -> set[str]:
        """Names of the secrets that stand in a text, as they are or in another writing."""
        return {
            name
            for name, secrets in self.secrets.items()
            for secret in secrets
            if any(form in text for form in forms(secret))
        }


def forms(secret: bytes) -> set[bytes]:
    return {
        secret, secret.hex().encode(), secret.hex().upper().encode(),
        base64.b64encode(secret).rstrip(b"="), base64.urlsafe_b64encode(secret).rstrip(b"="),
        json.dumps(secret.decode("latin-1"))[1:-1].encode(), repr(secret)[2:-1].encode(),
    }  # fmt: skip


@contextmanager
def without(folder: Path, table: str) -> Iterator[None]:
    """A desk whose table is gone for a while: what asks for it meets a defect."""
    with closing(sqlite3.connect(folder / "desk.sqlite3", timeout=10)) as database:
        database.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")
        database.commit()
        try:
            yield
        finally:
            database.execute(f"ALTER TABLE {table}_gone RENAME TO {table}")
            database.commit()


def seed_in(pem: Path) -> bytes:
    """What a key file holds: the key itself, without the frame that all of them have."""
    return b"".join(pem.read_bytes().splitlines()[1:-1])[-40:]


def quantdesk(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "quantdesk", *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


class Round:
    """One desk asked everything, well and badly."""

    def __init__(self, desk: TlsDesk, heard: Heard) -> None:
        self.desk = desk
        self.heard = heard
        self.statuses: set[int] = set()
        self.connected = 0

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask; whatever is no token reply is something said."""
        reply = self.desk.client.request(
            method, path, json=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )  # fmt: skip
        self.statuses.add(reply.status_code)
        found = reply.json() if reply.content else {}
        data = dict(found.get("data") or {}) if isinstance(found.get("data"), dict) else {}
        for name in ("access_token", "refresh_token", "ticket", "secret", "uri"):
            if name in data:  # where it must be: the answer to whoever asked for it
                kind = path.rsplit("/", 1)[1] if name in {"secret", "uri"} else ""
                self.heard.plant(f"{kind} {name}".strip().replace("_", " "), data.pop(name))
                found["data"] = data
        told = " ".join(f"{name}: {value}" for name, value in reply.headers.items())
        self.heard.hear("answers", told + json.dumps(found))
        return reply.json().get("data") if reply.content else None

    def succeed(self) -> dict[str, str]:
        session = self.ask(
            "POST", "/v1/identity/sessions", {"username": "admin", "password": PASSWORD}
        )
        bearer = {"authorization": f"Bearer {session['access_token']}"}
        renewed = self.ask(
            "POST", "/v1/identity/sessions/refresh", {"refresh_token": session["refresh_token"]}
        )
        bearer = {"authorization": f"Bearer {renewed['access_token']}"}
        self.ask("POST", "/v1/identity/tickets", {}, **bearer)
        self.heard.plant("user password", "canary-user-password-71f0")
        made = {"username": "ann", "password": "canary-user-password-71f0", "roles": ["trader"]}
        self.ask("POST", "/v1/identity/users", made, **bearer)
        self.ask(
            "POST", "/v1/identity/sessions",
            {"username": "ann", "password": "canary-user-password-71f0"},
        )  # fmt: skip
        self.heard.plant("idempotency key", "canary-idempotency-key-0c5e")
        order = {
            "order_id": str(uuid.uuid4()), "instrument": "SOL-USDC", "side": "buy",
            "type": "market", "quantity": "1",
        }  # fmt: skip
        for quantity in ("1", "2"):  # and once it is another order: a conflict
            self.ask(
                "POST", "/v1/trading/orders", {**order, "quantity": quantity},
                idempotency_key="canary-idempotency-key-0c5e", **bearer,
            )  # fmt: skip
        for path in ("/v1/identity/me", "/v1/identity/users", "/v1/identity/jwks"):
            self.ask("GET", path, **bearer)
        return bearer

    def strengthen(self, bearer: dict[str, str]) -> None:
        """Everything that stands beside a password: stepping up, a key, an authenticator."""
        risen = self.ask("POST", "/v1/identity/step-ups", {"password": PASSWORD}, **bearer)
        bearer = {"authorization": f"Bearer {risen['access_token']}"}
        wanted = {"name": "canary", "scopes": ["trading.read"]}
        key = self.ask("POST", "/v1/identity/api-keys", wanted, **bearer)["secret"]
        for given in (key, key[:-1], key + "x"):
            self.ask("GET", "/v1/trading/positions", authorization=f"Bearer {given}")
        enrolled = self.ask("POST", "/v1/identity/totp", {}, **bearer)
        code = pyotp.TOTP(enrolled["secret"]).now()
        self.ask("POST", "/v1/identity/totp/confirmations", {"code": code}, **bearer)
        signing_in = {"username": "admin", "password": PASSWORD, "code": code}
        for wrong in ("000000", "12345", [enrolled["secret"]], code):
            signing_in = {**signing_in, "code": wrong}
            self.ask("POST", "/v1/identity/sessions", signing_in)
        for body in ({"code": code}, {"password": PASSWORD}, {"password": PASSWORD, "code": code}):
            self.ask("POST", "/v1/identity/step-ups", body, **bearer)
        for path in ("second-factors", "api-keys", "wallets"):
            self.ask("GET", f"/v1/identity/{path}", **bearer)
        with without(self.desk.folder, "identity_totp"):
            self.ask("POST", "/v1/identity/totp", {}, **bearer)
            self.ask("POST", "/v1/identity/sessions", signing_in)
        with without(self.desk.folder, "identity_api_keys"):
            self.ask("POST", "/v1/identity/api-keys", wanted, **bearer)
            self.ask("GET", "/v1/trading/positions", authorization=f"Bearer {key}")

    def connect(self, bearer: dict[str, str]) -> None:
        """By WebSocket: with a ticket, with the same again, with one that never was."""
        ticket = self.ask("POST", "/v1/identity/tickets", {}, **bearer)["ticket"]
        self.heard.plant("forged ticket", "qdt_canary-forged-ticket-2e91")
        for given in (ticket, ticket, "qdt_canary-forged-ticket-2e91"):
            url = f"{self.desk.url.replace('https', 'wss')}/v1/ws?ticket={given}"
            try:
                with connect(url, ssl=self.desk.trusted, proxy=None) as socket:
                    socket.send('{"type": "canary", "token": "qdt_canary-forged-ticket-2e91"}')
                    self.heard.hear("socket", str(socket.recv(timeout=10)))
                    self.connected += 1
            except InvalidStatus as refused:
                self.heard.hear("socket", bytes(refused.response.body or b""))
                self.statuses.add(refused.response.status_code)

    def fail(self, bearer: dict[str, str]) -> None:
        heard = self.heard
        heard.plant("wrong password", "canary-wrong-password-93ab")
        heard.plant("bearer", "canary-bearer-44d1")
        wrong = {"username": "admin", "password": "canary-wrong-password-93ab"}
        for body in (
            wrong, {**wrong, "username": "nobody"}, {**wrong, "more": 1}, {**wrong, "username": 5},
            {**wrong, "password": ["canary-wrong-password-93ab"]}, [wrong], "x",
        ):  # fmt: skip
            self.ask("POST", "/v1/identity/sessions", body)
        for token in (
            "Bearer canary-bearer-44d1", "Basic canary-bearer-44d1", "canary-bearer-44d1",
            "Bearer qdk_canary-bearer-44d1", "Bearer eyJ0.canary-bearer-44d1.x",
        ):  # fmt: skip
            self.ask("GET", "/v1/identity/me", authorization=token)
        heard.plant("refresh token", "qdr_canary-refresh-token-8e20")
        for path, body in (
            ("/v1/identity/sessions/refresh", {"refresh_token": "qdr_canary-refresh-token-8e20"}),
            ("/v1/identity/users", {"username": "ann", "password": "canary-user-password-71f0"}),
            ("/v1/identity/users", {"username": "!", "password": "canary-user-password-71f0"}),
        ):
            self.ask("POST", path, body, **bearer)
        heard.plant("bad idempotency key", "canary bad key 5b")
        self.ask("POST", "/v1/trading/orders", {}, idempotency_key="canary bad key 5b", **bearer)

    def break_down(self, bearer: dict[str, str]) -> None:
        folder = self.desk.folder
        signing_in = {"username": "ann", "password": "canary-user-password-71f0"}
        making = {**signing_in, "username": "eve", "roles": ["viewer"]}
        refreshing = {"refresh_token": "qdr_canary-refresh-token-8e20"}
        with without(folder, "identity_users"):
            self.ask("POST", "/v1/identity/sessions", signing_in)
            self.ask("POST", "/v1/identity/users", making, **bearer)
            self.ask("GET", "/v1/identity/users", **bearer)
        with without(folder, "identity_refresh_tokens"):
            self.ask("POST", "/v1/identity/sessions/refresh", refreshing)
            self.ask("POST", "/v1/identity/sessions", signing_in)
        with without(folder, "identity_tickets"):
            self.ask("POST", "/v1/identity/tickets", {}, **bearer)
        with without(folder, "idempotency_answers"):
            self.ask(
                "POST", "/v1/trading/orders",
                {
                    "order_id": str(uuid.uuid4()), "instrument": "SOL-USDC", "side": "buy",
                    "type": "market", "quantity": "1",
                },
                idempotency_key="canary-idempotency-key-0c5e", **bearer,
            )  # fmt: skip
        with without(folder, "audit_entries"):
            self.ask("POST", "/v1/identity/users", making, **bearer)

    def look(self, bearer: dict[str, str]) -> None:
        for path in ("/metrics", "/readyz", "/livez"):
            self.heard.hear(path, self.desk.client.get(path).content)
        trail = self.ask("GET", "/v1/operations/audit?limit=500", **bearer)
        assert len(trail["entries"]) > 5
        self.ask("GET", "/v1/operations/summary", **bearer)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_is_said_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_format: str
) -> None:
    heard, folder = Heard(), tmp_path / "data"
    heard.hear("certificate", quantdesk("certificate", "--data-dir", str(folder)))
    certificate = folder / "certificate.pem"
    monkeypatch.setenv("QUANTDESK__HTTP__CERTIFICATE", f"file:{certificate}")
    monkeypatch.setenv("QUANTDESK__HTTP__KEY", f"file:{folder / 'key.pem'}")
    monkeypatch.setenv("QUANTDESK__TELEMETRY__LOG_LEVEL", "debug")
    monkeypatch.setenv("QUANTDESK__TELEMETRY__LOG_FORMAT", log_format)
    monkeypatch.setenv("QUANTDESK__TELEMETRY__SAMPLE", "1.0")
    heard.plant("password", PASSWORD)
    heard.plant("tls key", seed_in(folder / "key.pem"))
    with Collector() as collector:
        monkeypatch.setenv("QUANTDESK__TELEMETRY__OTLP_ENDPOINT", collector.url)
        with TlsDesk(folder, certificate) as desk:
            heard.plant("audit key", seed_in(folder / "audit.key"))
            with closing(sqlite3.connect(folder / "desk.sqlite3")) as database:
                for (seed,) in database.execute("SELECT seed FROM identity_keys"):
                    heard.plant("signing seed", seed)
            asked = Round(desk, heard)
            desk.wait_ready()
            bearer = asked.succeed()
            asked.strengthen(bearer)
            heard.plant("identity key", (folder / "identity.key").read_bytes())
            asked.connect(bearer)
            asked.fail(bearer)
            asked.break_down(bearer)
            asked.look(bearer)
            assert desk.stop() == 0
            heard.hear("stdout and stderr", desk.output())
        heard.hear("spans", collector.raw)
    for words in (("audit", "verify"), ("audit", "verify", "--json"), ("doctor", "--json")):
        heard.hear(" ".join(words), quantdesk(*words, "--data-dir", str(folder)))

    # All of it has happened: every kind of secret, every kind of answer, defects in the log.
    assert {200, 400, 401, 409, 500} <= asked.statuses
    assert b"the request failed" in heard.said["stdout and stderr"]
    assert len(heard.secrets["access token"]) >= 3
    assert asked.connected == 1
    assert {
        "refresh token", "ticket", "signing seed", "audit key", "tls key", "identity key",
        "api-keys secret", "totp secret", "totp uri",
    } <= set(heard.secrets)  # fmt: skip
    assert len(collector.spans) > 50

    leaks = {where: found for where, said in heard.said.items() if (found := heard.found_in(said))}
    assert leaks == {}
    assert stored(folder, heard) == []


def stored(folder: Path, heard: Heard) -> list[tuple[str, set[str]]]:
    """Where on the disk a secret stands that must not stand there."""
    found: list[tuple[str, set[str]]] = []
    with closing(sqlite3.connect(folder / "desk.sqlite3")) as database:
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of the catalogue
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, cell in zip(columns, row, strict=True):
                    raw = cell if isinstance(cell, bytes) else str(cell).encode()
                    here = {
                        name
                        for name in heard.found_in(raw)
                        if (table, column) not in MAY_HOLD.get(name, set())
                    }
                    if here:
                        found.append((f"{table}.{column}", here))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("desk.sqlite3"):
            here = heard.found_in(path.read_bytes()) - MUST_HOLD.get(path.name, set())
            if here:
                found.append((path.name, here))
    return found


def test_the_search_finds_what_it_searches(tmp_path: Path) -> None:
    heard = Heard()
    heard.plant("seed", os.urandom(32))
    heard.plant("word", 'can"ary\n')
    (seed,), (word,) = heard.secrets["seed"], heard.secrets["word"]
    for text in (seed, seed.hex().encode(), base64.b64encode(seed), repr(seed).encode()):
        assert heard.found_in(b"..." + text + b"...") == {"seed"}
    assert heard.found_in(json.dumps({"a": word.decode()}).encode()) == {"word"}
    assert heard.found_in(b"nothing") == set()
    (tmp_path / "stray").write_bytes(seed)
    with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as database:
        database.execute("CREATE TABLE identity_keys (seed BLOB, note TEXT)")
        database.execute("INSERT INTO identity_keys VALUES (?, ?)", (seed, "x" + seed.hex()))
        database.commit()
    assert stored(tmp_path, heard) == [
        ("identity_keys.seed", {"seed"}), ("identity_keys.note", {"seed"}), ("stray", {"seed"}),
    ]  # fmt: skip
