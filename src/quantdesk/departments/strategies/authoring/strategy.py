"""The class that a strategy file subclasses, and the struct of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

import numpy as np
from msgspec import Struct

from quantdesk.departments.trading.engine.compiled import OnEvent
from quantdesk.departments.trading.engine.model import Ints, Rows
from quantdesk.departments.trading.engine.modes import (
    WAKE_EVERY,
    WAKE_NEVER,
    WAKE_REPORTS,
    WAKE_TIMER,
    BatchView,
    Context,
)
from quantdesk.departments.trading.engine.setup import Market
from quantdesk.kernel import InvalidInput

Mode = Literal["callback", "batch", "compiled"]
MODES: tuple[Mode, ...] = ("compiled", "batch", "callback")
"""The cheapest per event first."""
WAKES_ALL = WAKE_REPORTS | WAKE_TIMER | WAKE_EVERY


class Predictor(Protocol):
    """One version of a model, at hand: it answers at once, on this thread."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def known_from_ns(self) -> int:
        """The end of the data that it was trained on, by its card (`trained_until`); else 0."""
        ...

    def predict(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        """One list of numbers per row. Raises `InvalidInput` where the rows do not fit."""
        ...


class Parameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Subclass it with typed fields; bounds are `Annotated[int, Meta(ge=1, le=20)]`, prices and
    sizes are `Price`, `Quantity`, `Amount`. Every field has a default."""


P = TypeVar("P", bound=Parameters)


class Strategy(Generic[P]):
    """One account's orders in the markets that it was given.

    `p` are its parameters, `markets` its instruments in the order of their numbers (each with
    `name`, `tick` and `lot` in units of 1e-8), `predictors` the models that it declared. It keeps
    its state in itself and sees the market through the engine's `Context` only; nothing tells it in
    which stage it runs. Events come in pieces: an index into `context.events` holds until the call
    returns.
    """

    name: ClassVar[str] = ""
    """Without one, the class's name in lower case with dashes."""
    models: ClassVar[Mapping[str, str]] = {}
    """Of the ML service, `{"edge": "book-edge@2"}`: `self.predictors["edge"]` is that version."""
    wake: int = WAKE_EVERY
    """What `on_wake` is called for: a sum of WAKE_REPORTS, WAKE_TIMER, WAKE_EVERY."""
    on_event: ClassVar[OnEvent | None] = None
    """Compiled: `@staticmethod @numba.njit def on_event(st, events, i, memory)`."""

    def __init__(
        self, parameters: P, markets: tuple[Market, ...], predictors: Mapping[str, Predictor]
    ) -> None:
        self.p = parameters
        self.markets = markets
        self.predictors = predictors
        if type(self.wake) is not int or not WAKE_NEVER <= self.wake <= WAKES_ALL:
            raise InvalidInput(
                f"`wake` is {self.wake!r}", advice="Add up WAKE_REPORTS, WAKE_TIMER, WAKE_EVERY."
            )

    def on_start(self, context: Context) -> None:
        """Callback: once, before the first event; orders and a timer may be set."""

    def on_wake(self, context: Context) -> None:
        """Callback: after an event that was asked for."""
        raise NotImplementedError

    def decide(self, view: BatchView) -> Rows:
        """Batch: every order of the run, from the columns alone (`Actions` makes the rows)."""
        raise NotImplementedError

    def memory(self) -> Ints:
        """Compiled: the int64 array that `on_event` works with, parameters included."""
        return np.zeros(16, np.int64)
