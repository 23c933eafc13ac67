"""Carrying a feed through a flow, as fast as it can or for as long as the desk is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from quantdesk.departments.ingestion import FrameBatch
from quantdesk.departments.ingestion.sources import Source
from quantdesk.kernel import DeskError, ManualClock, Seam

from . import FlowReport

FAULTS_IN_A_ROW_MAX = 100
FAULT_PAUSE_S = 0.5
Progress = Callable[[int], None]


class Flow(Protocol):
    """What a flow offers: batches in, a report at the end."""

    @property
    def name(self) -> str: ...

    async def on_frames(self, frames: FrameBatch) -> None: ...

    async def finish(self) -> FlowReport: ...


async def run_through(flow: Flow, source: Source, seam: Seam, progress: Progress) -> FlowReport:
    """Carry the whole feed through the flow. The first error ends it."""
    done = 0
    async for frames in source.batches():
        _advance(seam, frames)
        await flow.on_frames(frames)
        done += len(frames.frames)
        progress(done)
    return await flow.finish()


async def keep_running(flow: Flow, source: Source, seam: Seam) -> None:
    """Carry a feed for as long as it lasts. A fault loses its batch's decisions, not the desk.

    Gives up after `FAULTS_IN_A_ROW_MAX` faulty batches in a row, so a desk that cannot work says
    so instead of looping.
    """
    log = structlog.get_logger("quantdesk.flows")
    faults = 0
    async for frames in source.batches():
        _advance(seam, frames)
        try:
            await flow.on_frames(frames)
        except DeskError as error:
            faults += 1
            log.warning("flow_fault", flow=flow.name, code=error.code, error=str(error))
            if faults >= FAULTS_IN_A_ROW_MAX:
                raise
            await asyncio.sleep(FAULT_PAUSE_S)
        else:
            faults = 0


def _advance(seam: Seam, frames: FrameBatch) -> None:
    """In a replay, time is what the recording says."""
    if isinstance(seam.clock, ManualClock) and frames.received_ns:
        seam.clock.advance_to(frames.received_ns[-1])
