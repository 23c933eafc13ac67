"""What a desk says of its own beginning and end: to whoever started it, and in its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from quantdesk import __version__
from quantdesk.config import Config
from quantdesk.desk.logs import set_up
from quantdesk.kernel import Seam

if TYPE_CHECKING:
    from quantdesk.departments.ingestion.sources import Source
    from quantdesk.desk import Desk


class Announcer:
    """Sets up the log of this process."""

    def __init__(self, config: Config, seam: Seam) -> None:
        settings = config.telemetry
        set_up(seam, log_format=settings.log_format, level=settings.log_level)
        self._log = structlog.get_logger("quantdesk")
        # Which settings are not the defaults; not what they are, which the file says.
        self._settings = [
            name
            for name in config.__struct_fields__
            if getattr(config, name) != getattr(Config(), name)
        ]

    def up(self, address: str, desk: Desk, source: Source) -> None:
        """The desk answers at `address`. The first password is for the eyes of who started it:
        it is not logged."""
        label = {"simulated": "SIMULATED market", "replay": "REPLAYED recording"}.get(
            source.kind, "live market data"
        )
        lines = [
            f"QuantDesk {__version__} is up at {address}",
            f"  feed    {source.name} ({label}); orders are on paper",
            f"  data    {desk.folder.resolve()}; audit key {desk.audit_key}",
            f"  docs    {address}/docs",
        ]
        if desk.first_password is not None:
            lines.append(f"  admin   {desk.first_password}   (shown this once; user name: admin)")
        print(*lines, "Ctrl-C stops it; starting it again carries on.", sep="\n", flush=True)  # noqa: T201 - the command's answer
        self._log.info(
            "the desk is up", version=__version__, address=address, feed=source.name,
            audit_key=desk.audit_key, changed=self._settings,
        )  # fmt: skip

    def stopping(self) -> None:
        self._log.info("the desk is stopping")
