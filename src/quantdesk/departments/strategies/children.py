"""Work on a strategy's own code in a process of its own, which can be told from outside to end.

A strategy that loops, that takes too much memory or that ends its process costs its child and
nothing else. The child ends with the desk, too: it watches its standard input.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import msgspec
from msgspec import Struct

from quantdesk.kernel import CATALOGUE, CorruptData, DeskError, Refused, decode

FRAME_BYTES_MAX = 268_435_456
HEAD_BYTES = 4
STDERR_CHARS_MAX = 400

T = TypeVar("T")
Progress = Callable[[int, int], None]


class ChildTask(Struct, frozen=True, kw_only=True):
    """`kind` is one of `_child.py`; `body` is what that kind reads."""

    kind: str
    body: bytes
    memory_mb: int


class ChildNews(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a child tells: how far it is, and at the end its answer or what was wrong."""

    done: int = 0
    total: int = 0
    answer: bytes | None = None
    code: str = ""
    message: str = ""
    where: str | None = None
    advice: str | None = None


async def in_child(
    task: ChildTask, answer: type[T], *, seconds: float, progress: Progress = lambda _d, _t: None
) -> T:
    """Run the task in a child. Raises what the child raised, or `Refused` where it did not come to
    an end within `seconds`. A cancelled call ends its child."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "quantdesk.departments.strategies._child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert child.stderr is not None
    errors = asyncio.get_running_loop().create_task(_tail(child.stderr))
    try:
        async with asyncio.timeout(seconds):
            found = await _told(child, task, progress)
    except TimeoutError:
        raise Refused(
            f"the strategy did not come to an end within {seconds:g} s",
            advice="Look for an endless loop, or give it less to do.",
        ) from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
        said = await errors
    if found is None:
        raise Refused(
            f"the strategy ended its process: {said or child.returncode}",
            advice="Look for too much memory, an exit, or a crash in a library.",
        )
    if found.answer is None:
        kind = CATALOGUE.get(found.code, Refused)
        raise _made(kind, found)
    return decode(found.answer, answer)


def _made(kind: type[DeskError], news: ChildNews) -> DeskError:
    return kind(news.message, where=news.where, advice=news.advice)


async def _told(
    child: asyncio.subprocess.Process, task: ChildTask, progress: Progress
) -> ChildNews | None:
    """The last news of a child; None where it ended without."""
    assert child.stdin is not None
    assert child.stdout is not None
    body = msgspec.msgpack.encode(task)
    with suppress(ConnectionError):
        child.stdin.write(len(body).to_bytes(HEAD_BYTES, "big") + body)
        await child.stdin.drain()
    while True:
        try:
            head = await child.stdout.readexactly(HEAD_BYTES)
            size = int.from_bytes(head, "big")
            if size > FRAME_BYTES_MAX:
                raise CorruptData(f"a child told of {size} bytes at once")
            news = msgspec.msgpack.decode(await child.stdout.readexactly(size), type=ChildNews)
        except asyncio.IncompleteReadError:
            return None
        except msgspec.DecodeError:
            raise CorruptData("a child told what cannot be read") from None
        if news.answer is not None or news.code:
            return news
        progress(news.done, news.total)


async def _tail(stderr: asyncio.StreamReader) -> str:
    """The last line of what a child said, read on so that it never waits."""
    last = b""
    while part := await stderr.read(65_536):
        last = (last + part)[-4_096:]
    lines = last.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:STDERR_CHARS_MAX] if lines else ""
