"""The `quantdesk` command."""

from __future__ import annotations

from quantdesk.commands import Commands
from quantdesk.faces.cli import build, run


def main() -> None:
    """Run the command line and exit with its code."""
    run(build(Commands()))


if __name__ == "__main__":
    main()
