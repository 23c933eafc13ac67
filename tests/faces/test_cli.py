"""The command line: what is asked of the desk, what is shown, and how it ends."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from quantdesk.departments.identity import identity
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.faces.cli import (
    AuditOptions,
    CertificateMade,
    CertificateOptions,
    DemoOptions,
    DoctorOptions,
    DoctorRow,
    TraceOptions,
    UpOptions,
    build,
    execute,
)
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpLimits, address_of, reserve, serve
from quantdesk.flows import (
    DemoReport,
    FeedbackReport,
    FlowReport,
    LedgerReport,
    OrdersReport,
    SettlementsReport,
    StepReport,
    Story,
    StorySection,
)
from quantdesk.kernel import (
    CATALOGUE,
    CorruptData,
    DeskError,
    Gateway,
    Misconfigured,
    NotFound,
    RateLimited,
    Seam,
    encode,
    utc,
)
from quantdesk.policies import Authorise, TrailReport
from quantdesk.services.database.sqlite import SqliteDatabase

from .shop import ITEM, Shelf, Shop

pytestmark = pytest.mark.spec("NEW-1")
ORDER = "01912f4e-7a00-7000-8000-000000000007"
PASSWORD = "correct horse battery"


def report(*, ok: bool = True) -> DemoReport:
    out = 8 if ok else 0
    flow = FlowReport(
        name="trading-pipeline", ok=ok,
        steps=[StepReport(name="ingest", department="ingestion", in_=9, out=out, ms=1.5)],
        orders=OrdersReport(placed=3, filled=2, rejected=1),
        settlements=SettlementsReport(confirmed=2),
        ledger=LedgerReport(balanced=True, entries=12),
        feedback=FeedbackReport(updates=1),
    )  # fmt: skip
    return DemoReport(ok=ok, digest="ab" * 32, flows=[flow])


class Recorder:
    """Implements `DeskCommands` by noting what it was asked: the options are what is tested."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.report = report()
        self.rows = [DoctorRow(part="database", state="ok", detail="desk.sqlite3")]
        self.raises: BaseException | None = None
        self.gateways: Sequence[Gateway[Any]] = (Gateway(Shop), identity)

    def _note(self, options: object) -> None:
        self.asked.append(options)
        if self.raises is not None:
            raise self.raises

    def up(self, options: UpOptions) -> None:
        self._note(options)

    def demo(self, options: DemoOptions, progress: Callable[[int, int | None], None]) -> DemoReport:
        progress(1, None)
        progress(2, 2)
        self._note(options)
        return self.report

    def trace(self, options: TraceOptions) -> Story:
        self._note(options)
        facts = [("market order", "[bold]filled[/bold]"), ("slot", "17")]
        return Story(
            order_id=options.order_id, sections=[StorySection(title="Settlement", facts=facts)]
        )

    def doctor(self, options: DoctorOptions) -> list[DoctorRow]:
        self._note(options)
        return self.rows

    def audit_verify(self, options: AuditOptions) -> TrailReport:
        self._note(options)
        return TrailReport(
            entries=42, checkpoints=2, covered=40, newest_at=utc(10**18), public_key="ab" * 32
        )

    def certificate(self, options: CertificateOptions) -> CertificateMade:
        self._note(options)
        hosts = options.hosts or ("localhost",)
        return CertificateMade(certificate=Path("c.pem"), key=Path("k.pem"), hosts=hosts)


class Shell:
    """Runs command lines in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.commands = Recorder()
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        code = execute(build(self.commands), words)
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in ("QUANTDESK_DEBUG", "QUANTDESK_TOKEN", "QUANTDESK_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return Shell(capsys)


class TestOptions:
    @pytest.mark.parametrize(
        ("words", "options"),
        [
            ("up", UpOptions()),
            (
                "up --port 81 --host ::1 --data-dir d --feed live --config q.toml",
                UpOptions(
                    port=81, host="::1", data_dir=Path("d"), feed="live", config=Path("q.toml")
                ),
            ),
            ("demo", DemoOptions()),
            (
                "demo --flow ai-trading --feed replay:a,b --seed 9 --limit 5 --json",
                DemoOptions(flow="ai-trading", feed="replay:a,b", seed=9, limit=5),
            ),
            (f"trace {ORDER}", TraceOptions(order_id=UUID(ORDER))),
            (
                f"trace --data-dir d {ORDER} --json",
                TraceOptions(order_id=UUID(ORDER), data_dir=Path("d")),
            ),
            ("doctor --data-dir d", DoctorOptions(data_dir=Path("d"))),
            ("audit verify --data-dir d", AuditOptions(data_dir=Path("d"))),
            (
                "audit verify --checkpoints a --checkpoints b --public-key ab",
                AuditOptions(checkpoints=(Path("a"), Path("b")), public_key="ab"),
            ),
        ],
    )
    def test_each_command_asks_what_was_said(
        self, shell: Shell, words: str, options: object
    ) -> None:
        assert shell(*words.split()) == 0
        assert shell.commands.asked == [options]
        assert shell.err == ""

    @pytest.mark.spec("FE-4")
    @pytest.mark.parametrize(
        "words",
        [
            "sell", "up --prot 80", "up --port http", "up extra", "demo --limit", "demo --limit x",
            "trace", "trace a b", "audit sell", "call shop sell", "call nowhere x", "--nope",
            "call shop put-item --nope 1", "completion", "completion tcsh", "doctor --output xml",
            "call shop put-item --output yaml",
        ],
    )  # fmt: skip
    def test_a_bad_command_line_is_one_clear_line(self, shell: Shell, words: str) -> None:
        assert shell(*words.split()) == 64
        assert shell.err.startswith("error[usage]: ")
        assert shell.err.count("\n") == 1
        assert shell.out == ""
        assert shell.commands.asked == []

    @pytest.mark.parametrize("words", ["trace x", "demo --limit 0", "demo --limit -3"])
    def test_a_bad_value_is_invalid_input(self, shell: Shell, words: str) -> None:
        assert shell(*words.split()) == 64
        assert shell.err.startswith("error[invalid_input]: ")
        assert shell.commands.asked == []

    @pytest.mark.parametrize("words", ["--help", "-h", "up --help", "demo -h", "audit --help", ""])
    def test_help_is_no_error(self, shell: Shell, words: str) -> None:
        assert shell(*words.split()) == 0
        assert "Usage: quantdesk" in shell.out
        assert shell.commands.asked == []

    def test_help_names_the_commands(self, shell: Shell) -> None:
        shell("--help")
        for name in (
            "completion",
            "up",
            "demo",
            "trace",
            "doctor",
            "call",
            "audit",
            "certificate",
            "openapi",
            "version",
        ):
            assert f"│ {name} " in shell.out


class TestEndings:
    @pytest.mark.spec("FE-4", "STD-4")
    @pytest.mark.parametrize("code", sorted(set(CATALOGUE) - {"rate_limited"}))
    def test_every_error_is_one_line_with_its_exit_code(self, shell: Shell, code: str) -> None:
        kind = CATALOGUE[code]
        shell.commands.raises = kind("two\nlines", where="somewhere", advice="Do this.")
        assert shell("up") == kind.exit_code
        assert shell.err == f"error[{code}]: two lines (at somewhere). Do this.\n"
        assert shell.out == ""

    def test_an_error_with_more_than_the_usual_fields(self, shell: Shell) -> None:
        shell.commands.raises = RateLimited("slow down", retry_after_s=1.0)
        assert shell("up") == 75

    def test_a_defect_is_one_line_too_unless_somebody_wants_to_see_it(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shell.commands.raises = ZeroDivisionError("division by zero")
        assert shell("up") == 70
        assert shell.err.startswith("error[internal]: ZeroDivisionError: division by zero.")
        assert "Traceback" not in shell.err
        monkeypatch.setenv("QUANTDESK_DEBUG", "1")
        with pytest.raises(ZeroDivisionError):
            shell("up")

    def test_ctrl_c(self, shell: Shell) -> None:
        shell.commands.raises = KeyboardInterrupt()
        assert shell("up") == 130
        assert shell.err == ""

    def test_a_demo_that_is_not_ok_exits_1(self, shell: Shell) -> None:
        shell.commands.report = report(ok=False)
        assert shell("demo") == 1
        assert "NOT OK" in shell.out
        assert shell("demo", "--json") == 1
        assert shell.json["ok"] is False

    def test_a_doctor_that_finds_a_fault_exits_1(self, shell: Shell) -> None:
        shell.commands.rows.append(DoctorRow(part="extra x", state="missing", detail="install it"))
        assert shell("doctor") == 0
        shell.commands.rows.append(DoctorRow(part="data", state="wrong", detail="unwritable"))
        assert shell("doctor") == 1
        assert "unwritable" in shell.out

    def test_a_broken_chain_says_where(self, shell: Shell) -> None:
        shell.commands.raises = CorruptData("the audit chain is broken", where="entry 7")
        assert shell("audit", "verify") == 65
        assert "(at entry 7)" in shell.err


class TestOutput:
    def test_the_demo_as_a_table(self, shell: Shell) -> None:
        assert shell("demo") == 0
        for text in ("trading-pipeline: ok", "ingestion", "3 placed", "balanced", "ab" * 32):
            assert text in shell.out

    def test_the_demo_as_one_json_object(self, shell: Shell) -> None:
        assert shell("demo", "--json") == 0
        assert shell.json == {
            "ok": True,
            "digest": "ab" * 32,
            "flows": [
                {
                    "name": "trading-pipeline",
                    "ok": True,
                    "steps": [
                        {"name": "ingest", "department": "ingestion", "in": 9, "out": 8, "ms": 1.5}
                    ],
                    "orders": {"placed": 3, "filled": 2, "rejected": 1},
                    "settlements": {"confirmed": 2},
                    "ledger": {"balanced": True, "entries": 12},
                    "feedback": {"updates": 1},
                }
            ],
        }

    def test_what_the_desk_logs_does_not_mix_with_the_answer(self, shell: Shell) -> None:
        import structlog

        class Talking(Recorder):
            def demo(
                self, options: DemoOptions, progress: Callable[[int, int | None], None]
            ) -> DemoReport:
                structlog.get_logger("quantdesk.flows").warning("something to say")
                return self.report

        shell.commands = Talking()
        try:
            assert shell("demo", "--json") == 0
        finally:
            structlog.reset_defaults()
        assert shell.json["ok"] is True
        assert "something to say" in shell.err

    def test_a_story_shows_facts_as_they_are(self, shell: Shell) -> None:
        assert shell("trace", ORDER) == 0
        for text in (ORDER, "Settlement", "[bold]filled[/bold]", "17"):
            assert text in shell.out
        assert shell("trace", ORDER, "--json") == 0
        assert shell.json["sections"][0]["title"] == "Settlement"

    def test_doctor_audit_and_version(self, shell: Shell) -> None:
        assert shell("doctor", "--output", "json") == 0
        same = shell.out
        assert shell("doctor", "--output", "table") == 0
        assert "│" in shell.out
        assert shell("doctor", "--json") == 0
        assert shell.out == same
        assert shell.json == {
            "parts": [{"part": "database", "state": "ok", "detail": "desk.sqlite3"}]
        }
        assert shell("audit", "verify", "--json") == 0
        assert (shell.json["ok"], shell.json["entries"], shell.json["covered"]) == (True, 42, 40)
        assert shell("audit", "verify") == 0
        for text in ("42 entries", "40 of them stand behind 2 checkpoints", "ab" * 32):
            assert text in shell.out
        assert shell("version") == 0
        assert shell.out.strip()

    def test_the_contract_is_printed_whole(self, shell: Shell) -> None:
        assert shell("openapi") == 0
        assert "/v1/shop/items" in shell.json["paths"]


class TestCallOptions:
    """What `call` makes of the declarations, before anything is sent."""

    def test_help_comes_from_the_declaration(self, shell: Shell) -> None:
        assert shell("call", "shop", "put-item", "--help") == 0
        for text in ("Put an item on the shelf.", "--item-id", "one of coffee, tea", "Required"):
            assert text in shell.out
        assert shell("call", "shop", "--help") == 0
        assert "list-items" in shell.out
        assert "internal" not in shell.out

    def test_underscores_are_as_good_as_hyphens(self, shell: Shell) -> None:
        assert shell("call", "shop", "put_item", "--help") == 0

    def test_a_field_goes_before_a_common_option(self, shell: Shell) -> None:
        assert shell("call", "identity", "create-user", "--help") == 0
        assert "--desk-username" in shell.out

    @pytest.mark.parametrize(
        ("words", "where"),
        [
            ("put-item --name x --price 1", "/item_id"),
            (f"put-item --item-id {ITEM} --name x --price NaN", "/price"),
            (f"put-item --item-id {ITEM} --name x --price 1e999999", "/price"),
            (f"put-item --item-id {ITEM} --name x --price -1", "/price"),
            ("put-item --item-id 7 --name x --price 1", "/item_id"),
            (f"put-item --item-id {ITEM} --name x --price 1 --kind soup", "/kind"),
            (f"put-item --item-id {ITEM} --name x --price 1 --tags {{", ""),
            ("list-items --limit 0", "/limit"),
            ("list-items --limit ten", "/limit"),
            ("put-item --json-body {}", "/item_id"),
            ("put-item --json-body {}} --name x", "--json-body"),
            ("put-item --json-body nonsense", ""),
            ("list-items --url ftp://x --token x", "--url"),
        ],
    )
    def test_a_wrong_request_is_never_sent(self, shell: Shell, words: str, where: str) -> None:
        assert shell("call", "shop", *words.split()) == 64
        assert shell.err.startswith("error[invalid_input]: ")
        assert where in shell.err

    def test_without_a_desk_or_a_token(self, shell: Shell) -> None:
        with reserve("127.0.0.1", 0) as listener:
            closed = address_of(listener)
        assert shell("call", "shop", "ping", "--url", closed) == 69
        assert "quantdesk up" in shell.err
        assert shell("call", "shop", "list-items", "--url", closed) == 77
        assert "QUANTDESK_TOKEN" in shell.err


@pytest.fixture
async def address(seam: Seam, tmp_path: Path) -> AsyncIterator[str]:
    """A shop and the real identity department behind a real server."""
    database = SqliteDatabase(tmp_path / "desk.sqlite3", seam)
    await database.start()
    department = IdentityDepartment(database, seam)
    await department.start(PASSWORD)
    gateways = (Gateway(Shop), identity)

    async def ready() -> dict[str, str]:
        return {}

    core = HttpCore(
        [gateways[0].serve(Shelf(), [Authorise()]), identity.serve(department, [Authorise()])],
        department.caller_of,
        seam,
        readiness=ready,
        metrics=str,
        openapi=encode(document(gateways, "1")),
        limits=HttpLimits(),
    )
    stop, listener = asyncio.Event(), reserve("127.0.0.1", 0)
    task = asyncio.create_task(serve(core, listener, on_ready=lambda _address: None, stop=stop))
    yield address_of(listener)
    stop.set()
    await task
    await database.close()


class TestCalls:
    """Against a desk that runs: the command line in a thread, the server in this loop."""

    @pytest.fixture
    def call(
        self, shell: Shell, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., Any]:
        monkeypatch.setenv("QUANTDESK_PASSWORD", PASSWORD)

        async def run(*words: str, sign_in: bool = True) -> int:
            user = ("--username", "admin") if sign_in else ()
            return await asyncio.to_thread(shell, "call", *words, *user, "--url", address)

        return run

    async def test_a_session_a_write_and_a_read(
        self, shell: Shell, call: Callable[..., Any]
    ) -> None:
        words = ("--item-id", str(ITEM), "--name", "green tea", "--price", "3.50")
        assert await call("shop", "put-item", *words, "--tags", '["a"]') == 0, shell.err
        assert shell.json["owner"] == "admin"
        assert await call("shop", "rename", "--item-id", str(ITEM), "--name", "a/b c") == 0
        assert await call("shop", "get-item", "--item-id", str(ITEM)) == 0
        assert shell.json["name"] == "a/b c"
        assert await call("shop", "list-items", "--name", "a&b=c+d", "--limit", "5") == 0
        assert shell.json["asked"]["name"] == "a&b=c+d"
        body = json.dumps({"item_id": str(ITEM), "name": "x", "price": "1"})
        assert await call("shop", "put-item", "--json-body", body) == 0
        assert await call("shop", "list-items", "--output", "table") == 0
        assert "owner" in shell.out
        assert not shell.out.startswith("{")

    async def test_a_token_instead_of_a_password(
        self, shell: Shell, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ("--username", "admin", "--password", PASSWORD)
        assert await call("identity", "create-session", *words, sign_in=False) == 0
        monkeypatch.setenv("QUANTDESK_TOKEN", shell.json["access_token"])
        assert await call("identity", "me", sign_in=False) == 0
        assert shell.json["username"] == "admin"
        assert await call("identity", "end-session", sign_in=False) == 0
        assert await call("identity", "me", sign_in=False) == 77
        assert shell.err.startswith("error[unauthenticated]: the session was ended.")

    async def test_a_stream_prints_one_event_a_line(
        self, shell: Shell, call: Callable[..., Any]
    ) -> None:
        assert await call("shop", "follow") == 0
        assert [json.loads(line)["sequence"] for line in shell.out.splitlines()] == [41, 42]
        assert await call("shop", "follow", "--mode", "refuse") == NotFound.exit_code
        assert await call("shop", "follow", "--mode", "fail") == 70

    async def test_the_desk_s_error_ends_here_as_it_was_there(
        self, shell: Shell, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for code in ("conflict", "risk_refused", "rate_limited", "outcome_unknown"):
            words = ("--code", code, "--deadline", "2")  # a desk says when to ask again: later
            assert await call("shop", "fail", *words) == CATALOGUE[code].exit_code
            assert shell.err.startswith(f"error[{code}]: ")
        assert await call("shop", "fail", "--code", "conflict") == 65
        assert (
            shell.err == f"error[conflict]: it failed (at /code). {CATALOGUE['conflict'].advice}\n"
        )
        monkeypatch.setenv("QUANTDESK_PASSWORD", "wrong password")
        assert await call("shop", "list-items") == 77
        assert "wrong" in shell.err


def test_help_does_not_load_the_house() -> None:
    """`quantdesk --help` must be quick: nothing heavy is imported for it."""
    import subprocess

    code = (
        "import sys; from quantdesk.faces.cli import build; "
        "heavy = {'numpy', 'rich.progress', 'httpx2', 'structlog', 'duckdb', 'uvicorn'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_errors_of_the_desk_are_shown_whole() -> None:
    error: DeskError = Misconfigured("no", where="x", advice="Do.")
    assert str(error) == "no (at x). Do."


@pytest.mark.spec("SEC-3")
def test_certificate_says_how_it_is_used(shell: Shell) -> None:
    assert shell("certificate", "--host", "desk.example", "--host", "10.0.0.1") == 0
    assert shell.commands.asked == [CertificateOptions(hosts=("desk.example", "10.0.0.1"))]
    assert 'certificate = "file:c.pem"\nkey = "file:k.pem"' in shell.out
    assert shell("certificate", "--json") == 0
    assert shell.json == {"certificate": "c.pem", "key": "k.pem", "hosts": ["localhost"]}
