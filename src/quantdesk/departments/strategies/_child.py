"""The program of a child: one task in, its answer out. Started by `children.py`."""

from __future__ import annotations

import os
import resource
import sys
import threading
from typing import BinaryIO

import msgspec
from msgspec import Struct

from quantdesk.departments.strategies.authoring import load_source
from quantdesk.departments.strategies.children import HEAD_BYTES, ChildNews, ChildTask
from quantdesk.departments.strategies.registry_messages import DeclaredParameter
from quantdesk.kernel import DeskError, decode, encode

MEGABYTE = 1_048_576


class InspectTask(Struct, frozen=True, kw_only=True):
    """Load a source with these parameters, and tell what it says of itself."""

    source: bytes
    where: str
    params: dict[str, str] = {}


class Inspected(Struct, frozen=True, kw_only=True):
    """`params` are all parameters as text, the given ones settled."""

    strategy: str
    version: str
    summary: str
    modes: list[str]
    parameters: list[DeclaredParameter]
    params: dict[str, str]
    models: dict[str, str]


def inspect(task: InspectTask) -> Inspected:
    """Raises what is wrong with the source, with its line."""
    loaded = load_source(task.source, task.where, task.params)
    return Inspected(
        strategy=loaded.name,
        version=loaded.version,
        summary=loaded.summary[:500],
        modes=list(loaded.modes),
        parameters=[
            DeclaredParameter(name=p.name, type=p.type, default=p.default) for p in loaded.declared
        ],
        params=loaded.given,
        models={key: f"{ref.name}@{ref.version}" for key, ref in loaded.models.items()},
    )


def carried_out(task: ChildTask, tell: Teller) -> bytes:
    """The answer to a task."""
    if task.kind == "inspect":
        return encode(inspect(decode(task.body, InspectTask)))
    from quantdesk.departments.strategies.testing import BacktestTask, tested

    return encode(tested(decode(task.body, BacktestTask), tell.progress))


class Teller:
    """Frames on the pipe to the desk, which only this object writes to."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def tell(self, news: ChildNews) -> None:
        body = msgspec.msgpack.encode(news)
        with self._lock:
            self._pipe.write(len(body).to_bytes(HEAD_BYTES, "big") + body)
            self._pipe.flush()

    def progress(self, done: int, total: int) -> None:
        self.tell(ChildNews(done=done, total=total))


def main() -> None:
    # What a strategy prints must not mix with the frames: it goes where errors go.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    teller = Teller(pipe)
    size = int.from_bytes(sys.stdin.buffer.read(HEAD_BYTES), "big")
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=ChildTask)
    memory = task.memory_mb * MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    threading.Thread(target=_end_with_the_desk, daemon=True).start()
    try:
        teller.tell(ChildNews(answer=carried_out(task, teller)))
    except DeskError as error:
        teller.tell(
            ChildNews(
                code=error.code, message=error.message, where=error.where, advice=error.advice
            )
        )
    except MemoryError:
        teller.tell(
            ChildNews(
                code="refused",
                message=f"the strategy needs more than {task.memory_mb} MB",
                advice="Use less memory, or raise [strategies] worker_memory_mb.",
            )
        )
    pipe.close()
    os._exit(0)  # without waiting for what a strategy may have started


def _end_with_the_desk() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
