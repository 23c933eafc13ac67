"""The log: what a line says, and that secrets are never part of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
import structlog
from msgspec import Struct

from quantdesk.desk.logs import DEPTH_MAX, GONE, redact, set_up
from quantdesk.kernel import GET, Call, Effect, Gateway, Seam, Trace, department, operation

pytestmark = pytest.mark.spec("DEV-5", "SEC-3")

TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers = handlers
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, err = capsys.readouterr()
    assert out == ""
    return [json.loads(line) for line in err.splitlines()]


def test_a_line_for_machines(seam: Seam, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(seam, log_format="json", level="info")
    log = structlog.get_logger("quantdesk.tests")
    log.debug("not this")
    log.info("it works", number=7)
    assert lines(capsys) == [
        {
            "event": "it works", "number": 7, "level": "info", "logger": "quantdesk.tests",
            "timestamp": "2024-08-08T23:54:14.000Z",
        }
    ]  # fmt: skip


def test_a_line_for_people(seam: Seam, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(seam, log_format="console", level="debug")
    structlog.get_logger("quantdesk.tests").debug("it works", number=7, password="hunter2")
    _, err = capsys.readouterr()
    for part in ("2024-08-08T23:54:14.000Z", "debug", "it works", "number=7", GONE):
        assert part in err
    assert "hunter2" not in err
    assert "\x1b" not in err


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say."""


class Room(Protocol):
    """Says something."""

    @operation(GET("/say"), Effect.READ, "say")
    async def say(self, request: Ask) -> None:
        """Log a line."""
        ...


class Talking:
    async def say(self, request: Ask) -> None:
        structlog.get_logger("quantdesk.tests").warning("inside")


async def test_inside_an_operation_a_line_says_where(
    seam: Seam, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(seam, log_format="json", level="info")
    room = Gateway(Room)
    request_id = seam.uuid7()
    for trace in (TRACE, None):
        call = Call(
            room.operations["say"], department("tests", "say"), Ask(), request_id, trace=trace
        )
        await room.serve(Talking()).call(call)
    await room.open(Talking(), department("tests", "say")).say(Ask())
    given, own, none = lines(capsys)
    assert (given["operation"], given["request_id"]) == ("room.say", str(request_id))
    assert (given["trace_id"], own["trace_id"]) == (TRACE.trace_id, request_id.hex)
    assert none["operation"] == "room.say"
    assert "trace_id" not in none


def test_what_libraries_say_is_a_line_too(seam: Seam, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(seam, log_format="json", level="info")
    logging.getLogger("other").info("not this")
    logging.getLogger("other").error("it holds %s", "Bearer abc.def", extra={"token": "t0ps3cret"})
    try:
        int("qdt_0123456789abcdef")
    except ValueError:
        logging.getLogger("other").exception("it failed")
    logging.getLogger("py.warnings").warning("%s", "old otpauth://totp/x?secret=ABC")
    held, failed, warned = lines(capsys)
    assert (held["event"], held["token"]) == (f"it holds {GONE}", GONE)
    assert f"with base 10: '{GONE}'" in failed["exception"]
    assert "qdt_" not in failed["exception"]
    assert "secret=ABC" not in warned["event"]


SECRETS = [
    "qdk_" + "a1B2" * 8, "qdt_" + "x-_9" * 8, "qdr_" + "0" * 43,
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
    "otpauth://totp/QuantDesk:ann?secret=JBSWY3DPEHPK3PXP", "Bearer abcdefgh", "basic dXNlcjpwdw==",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ", "://user:pa55word@",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "it was {} there", 'x="{}",y', "{}\nnext"])
def test_what_looks_like_a_secret_is_taken_out(secret: str, around: str) -> None:
    text = around.format(secret)
    for value in (text, [text], {"a": (text,)}, {"a": {"b": [{"c": text}]}}, ValueError(text)):
        cleaned = json.dumps(redact(None, "info", {"event": "x", "value": value}))
        assert json.dumps(secret)[1:-1] not in cleaned
        assert GONE in cleaned


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "Authorization", "access_token", "refresh_tokens", "ticket",
        "seed", "api_key", "apikey", "idempotency-key", "totp", "client.secret", "private_key",
    ],
)  # fmt: skip
def test_what_is_called_a_secret_is_taken_out(name: str) -> None:
    line = {"event": "x", name: "plain", "inner": {name: ["plain"]}}
    assert "plain" not in json.dumps(redact(None, "info", line))


def test_what_is_no_secret_stays() -> None:
    line = {
        "event": "order 0198f3a0-0000-7000-8000-000000000000 at /v1/identity/tickets", "code": "x",
        "operation": "identity.create_ticket", "seconds": 1.5, "none": None, "tokens_left": 7,
        "public_key": "ab" * 32, "names": ["a", "b"], "key": "instrument", "has_password": True,
    }  # fmt: skip
    assert redact(None, "info", dict(line)) == line


def test_what_is_nested_too_deep_is_not_shown() -> None:
    value: Any = "plain"
    for _ in range(DEPTH_MAX):
        value = [value]
    assert "plain" in json.dumps(redact(None, "info", {"value": value}))
    assert "plain" not in json.dumps(redact(None, "info", {"value": [value]}))
