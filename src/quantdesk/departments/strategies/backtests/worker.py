"""The process in which a strategy runs, so that one that loops, crashes or prints harms nobody.

It takes a `Job`, then `Models` and `Run`s on its standard input and answers on its standard output,
each message as JSON behind its length. What the strategy itself prints goes to standard error.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from quantdesk.kernel import decode, encode

from .station import ASKED, Failed, Job, Models, Progressed, Started, Station

LENGTH = struct.Struct("<I")
FRAME_BYTES_MAX = 1_073_741_824
CPU_SLACK_S = 30


def write_frame(file: BinaryIO, message: object) -> None:
    data = encode(message)
    file.write(LENGTH.pack(len(data)) + data)
    file.flush()


def read_frame(file: BinaryIO) -> bytes | None:
    """None at the end, also at one in the middle of a frame."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = file.read(length) if length <= FRAME_BYTES_MAX else b""
    return data if len(data) == length else None


def main() -> None:
    """Serve one parent until its end of the pipe closes."""
    seconds_max = int(sys.argv[1])
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    frames: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(asked, frames), daemon=True).start()
    write_frame(answers, Started())
    station: Station | None = None
    while True:
        data = frames.get()
        _limit_cpu(seconds_max)
        try:
            if station is None:
                station = Station(decode(data, Job))
                write_frame(answers, station.ready)
                continue
            message = decode(data, ASKED)
            if isinstance(message, Models):
                station.bring(message)
                write_frame(answers, station.ready)
            else:
                told = station.carry_out(
                    message, lambda done: write_frame(answers, Progressed(events=done))
                )
                write_frame(answers, told)
        except Exception as error:  # noqa: BLE001 - every failure is told to the parent
            write_frame(answers, Failed.of(error))


def _listen(asked: BinaryIO, frames: SimpleQueue[bytes]) -> None:
    """The parent sends the next message only after the answer to the one before. When it is gone,
    so is this process."""
    while (data := read_frame(asked)) is not None:
        frames.put(data)
    os._exit(1)


def _limit_cpu(seconds_max: int) -> None:
    """A strategy in machine code holds up every thread of this process, the listening one too: the
    system ends it even if the parent is gone."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        most = int(spent) + 2 * seconds_max + CPU_SLACK_S
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
