"""A strategies department on the real database and model service, and files to register."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from quantdesk.departments.strategies import (
    Gates,
    RegisterStrategy,
    Strategies,
    StrategiesConfig,
    StrategyVersion,
    strategies,
)
from quantdesk.departments.strategies.department import StrategiesDepartment
from quantdesk.kernel import Caller, CallerKind, Seam
from quantdesk.policies import ROLES, Authorise, SteppingUp
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.ml.onnx import OnnxModels

QUIET = '''"""Does nothing."""
from quantdesk.strategy import Context, Parameters, Strategy


class Settings(Parameters):
    size: int = 1


class Quiet(Strategy[Settings]):
    """Watches, and does nothing{more}."""

    def on_wake(self, context: Context) -> None:
        pass
'''


def quiet(more: str = "") -> str:
    """The text of a strategy; `more` makes it another version."""
    return QUIET.replace("{more}", more)


@dataclass
class Room:
    """The department behind its authorisation."""

    department: StrategiesDepartment
    database: SqliteDatabase
    ml: OnnxModels
    seam: Seam
    folder: Path

    def door(self, name: str = "ann", role: str = "admin", *, proven: bool = True) -> Strategies:
        who = Caller(
            caller_id=name, kind=CallerKind.PERSON, permissions=ROLES[role], account=name,
            roles=frozenset({role}), stepped_up_ns=self.seam.now_ns() if proven else None,
        )  # fmt: skip
        policies = [Authorise(), SteppingUp(self.seam)]
        return strategies.serve(self.department, policies).open(who)

    def put(self, text: str, name: str = "quiet.py") -> None:
        (self.folder / name).write_text(text, "utf-8")

    async def register(
        self, text: str, name: str = "quiet.py", gates: Gates | None = None
    ) -> StrategyVersion:
        self.put(text, name)
        return await self.door().register_strategy(RegisterStrategy(file=name, gates=gates))

    async def close(self) -> None:
        await self.department.close()
        await self.ml.close()
        await self.database.close()


async def open_room(data: Path, seam: Seam) -> Room:
    """Opening it again is a restart."""
    database = SqliteDatabase(data / "desk.sqlite3", seam)
    await database.start()
    ml = OnnxModels(database, seam)
    await ml.start()
    department = StrategiesDepartment(database, ml, seam, config=StrategiesConfig(), data=data)
    await department.start()
    (data / "strategies").mkdir(exist_ok=True)
    return Room(department, database, ml, seam, data / "strategies")
