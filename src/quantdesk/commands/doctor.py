"""What `quantdesk doctor` looks at: settings, port, folder, live feed, extras."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from quantdesk import __version__
from quantdesk.config import DEFAULT_CONFIG, Config
from quantdesk.faces.cli import DoctorOptions, DoctorRow
from quantdesk.kernel import DeskError, Misconfigured, Seam

EXTRAS: dict[str, str] = {"mcp": "mcp", "opentelemetry": "otel"}
"""Importable module → the extra that brings it, for parts that are not in the core."""


async def examine(options: DoctorOptions, config: Callable[[], Config]) -> list[DoctorRow]:
    """Every part with its state. A folder that a desk runs on is looked at beside it."""
    from quantdesk.departments.ingestion.sources import probe_live

    rows = [DoctorRow(part="quantdesk", state="ok", detail=__version__)]
    try:
        found = config()
    except Misconfigured as error:
        rows.append(DoctorRow(part="settings", state="wrong", detail=str(error)))
        return rows
    rows.append(DoctorRow(part="settings", state="ok", detail=_settings_found(options)))
    rows.append(_port_row(found))
    rows.extend(await _folder_rows(found))
    rows.append(_kernel_row())
    rows.append(_feed_row(reachable=await probe_live()))
    for module, extra in EXTRAS.items():
        there = find_spec(module) is not None
        detail = "installed" if there else f"pip install 'quantdesk[{extra}]'"
        rows.append(
            DoctorRow(part=f"extra {extra}", state="ok" if there else "missing", detail=detail)
        )
    return rows


def _settings_found(options: DoctorOptions) -> str:
    if options.config is not None:
        return str(options.config)
    return str(DEFAULT_CONFIG) if DEFAULT_CONFIG.exists() else "defaults (no quantdesk.toml here)"


def _port_row(config: Config) -> DoctorRow:
    from quantdesk.faces.http import reserve

    address = f"{config.http.host}:{config.http.port}"
    try:
        reserve(config.http.host, config.http.port).close()
    except DeskError:
        return DoctorRow(part="port", state="busy", detail=f"{address}: a desk or another program")
    return DoctorRow(part="port", state="ok", detail=f"{address} is free")


async def _folder_rows(config: Config) -> list[DoctorRow]:
    from quantdesk.desk import Desk

    folder = Path(config.data_dir)
    if not folder.is_dir():  # noqa: ASYNC240 - one look at a local folder
        return [DoctorRow(part="data", state="ok", detail=f"{folder} will be made")]
    try:
        async with await Desk.open(config, Seam.live(), folder, read_only=True) as desk:
            states = await desk.readiness()
    except DeskError as error:
        return [DoctorRow(part="data", state="wrong", detail=str(error))]
    return [
        DoctorRow(
            part=part, state="ok" if state == "ok" else "down",
            detail=str(folder) if state == "ok" else state,
        )
        for part, state in states.items()
    ]  # fmt: skip


def _kernel_row() -> DoctorRow:
    from quantdesk.departments.trading.ahead import is_compiled

    told = "compiled" if is_compiled() else "the first start compiles it, a minute or two"
    return DoctorRow(part="trading engine", state="ok", detail=told)


def _feed_row(*, reachable: bool) -> DoctorRow:
    if reachable:
        return DoctorRow(part="live feed", state="ok", detail="the public feed answers")
    return DoctorRow(
        part="live feed", state="unreachable", detail="--feed auto uses the simulated exchange"
    )
