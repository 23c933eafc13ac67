"""`quantdesk call` and `quantdesk completion` as a person uses them: the real command, in a
process of its own, and a real bash."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from quantdesk.faces.cli import build, execute
from quantdesk.faces.contract import ALL_ERRORS
from quantdesk.kernel import DeskError

from .served import ADMIN, Desk
from .shop import ITEM, Quote
from .sockets import eventually
from .test_cli import Recorder

pytestmark = pytest.mark.spec("NEW-1")


async def run(*words: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the real command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "quantdesk", *words,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        env={**os.environ, "QUANTDESK_PASSWORD": ADMIN.password, **environment},
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_command_signs_in_and_calls(desk: Desk) -> None:
    common = ("--username", "admin", "--url", desk.url)
    code, out, err = await run("call", "identity", "me", *common)
    assert (code, json.loads(out)["username"], err) == (0, "admin", "")
    code, out, _ = await run("call", "identity", "me", *common, "--output", "table")
    assert code == 0
    assert "│ username" in out
    code, out, _ = await run("call", "identity", "me", "--json", "--token", "t", "--url", desk.url)
    assert code == 77
    assert out == ""
    # What the desk keeps no answers of takes no key.
    code, _, err = await run("call", "identity", "me", *common, "--idempotency-key", "k")
    assert code == 64
    assert err.startswith("error[invalid_input]: ")
    code, _, err = await run("call", "identity", "me", *common, "--deadline", "-1")
    assert code == 64


@pytest.fixture
def call(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The shop's operations, which the real command does not have."""
    monkeypatch.setenv("QUANTDESK_PASSWORD", ADMIN.password)

    async def carry_out(*words: str) -> tuple[int, str, str]:
        given = ("call", "shop", *words, "--username", "admin", "--url", desk.url)
        code = await asyncio.to_thread(execute, build(Recorder()), given)
        out, err = capsys.readouterr()
        return code, out, err

    return carry_out


async def test_the_same_key_has_one_effect(desk: Desk, call: Any) -> None:
    words = ("put-item", "--item-id", str(ITEM), "--name", "tea", "--price", "1")
    first = await call(*words, "--idempotency-key", "mine")
    assert first[0] == 0
    assert await call(*words, "--idempotency-key", "mine") == first
    assert desk.shelf.puts == 1
    other = (*words[:-1], "2", "--idempotency-key", "mine")
    assert (await call(*other))[0] == 65


async def test_a_deadline_is_kept(call: Any) -> None:
    code, _, err = await call("wait", "--deadline", "1")
    assert code == 69
    assert err.startswith("error[unavailable]: ")


async def test_a_stream_over_a_socket(call: Any) -> None:
    code, out, _ = await call("follow", "--socket")
    assert code == 0
    assert [json.loads(line)["sequence"] for line in out.splitlines()] == [41, 42]
    code, _, err = await call("follow", "--mode", "refuse", "--socket")
    assert code == 66
    assert err.startswith("error[not_found]: ")


async def test_the_real_command_follows_until_it_is_told_to_stop(desk: Desk) -> None:
    """In a process of its own, over a socket, as `... | head` would have it."""
    code = (
        "import sys\nfrom quantdesk.faces.cli import build, run\n"
        "from faces.test_cli import Recorder\nrun(build(Recorder()))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "call", "shop", "watch-quotes", "--socket",
        "--username", "admin", "--url", desk.url,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={
            **os.environ, "QUANTDESK_PASSWORD": ADMIN.password,
            "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parents[1])]),
        },
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while desk.shelf.quotes.followers == 0:
            await asyncio.sleep(0.01)
            assert process.returncode is None
    for number in range(10):
        desk.shelf.quotes.publish(Quote(name="a", number=number))
    lines = [await process.stdout.readline() for _ in range(10)]
    assert [json.loads(line)["number"] for line in lines] == list(range(10))
    process.terminate()
    await process.wait()
    await eventually(lambda: desk.sockets.sockets == 0)


@pytest.mark.parametrize("code", sorted(ALL_ERRORS))
def test_each_error_of_the_catalogue_has_its_documented_exit_code(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = ALL_ERRORS[code]
    error = kind.__new__(kind)
    DeskError.__init__(error, "it failed")
    commands = Recorder()
    commands.raises = error
    documented = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")
    (row,) = [line for line in documented.splitlines() if line.startswith(f"| `{code}` |")]
    assert execute(build(commands), ["up"]) == int(row.split("|")[3])
    assert capsys.readouterr().err.startswith(f"error[{code}]: it failed")


@pytest.fixture(scope="module")
def completion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "quantdesk", "completion", "bash"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("completion") / "quantdesk.bash"
    path.write_text(done.stdout, "utf-8")
    return path


def complete(script: Path, *words: str) -> list[str]:
    """What bash offers for the last word, the cursor behind it."""
    driver = (
        'source "$1"; shift; [ "$(complete -p quantdesk)" = "complete -F _quantdesk quantdesk" ]'
        ' || exit 9; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*";'
        ' COMP_POINT=${#COMP_LINE}; _quantdesk; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", driver, "bash", str(script), "quantdesk", *words],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("u",), {"up"}),
        (("c",), {"call", "certificate", "completion"}),
        (("audit", ""), {"verify"}),
        (("call", "tra"), {"trading"}),
        (("call", "trading", "get-pos"), {"get-positions"}),
        (("call", "trading", "place-order", "--lim"), {"--limit-offset", "--limit-price"}),
        (("call", "trading", "watch-orders", "--so"), {"--socket"}),
        (("doctor", "--output", ""), {"json", "table"}),
        (("completion", "f"), {"fish"}),
        (("nothing", "--x"), set()),
    ],
)
def test_bash_completes(completion: Path, words: tuple[str, ...], offered: set[str]) -> None:
    assert set(complete(completion, *words)) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_of_their_own(
    shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert execute(build(Recorder()), ["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "quantdesk" in script
    assert "put-item" in script
    if shutil.which(shell):
        path = tmp_path / "script"
        path.write_text(script, "utf-8")
        subprocess.run([shell, "-n", str(path)], check=True)
