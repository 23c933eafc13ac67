"""Strategy files: read, run, looked over. Whatever is wrong with one is one error with its line.

A strategy is named by the SHA-256 of its source: the same text is the same version wherever it
came from. It is the desk owner's own program and runs with the desk's rights: it is contained
against mistakes (see `backtests.worker`), not against malice.
"""

from __future__ import annotations

import hashlib
import linecache
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, NoReturn, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from quantdesk.departments.trading.engine.jit import is_jitted
from quantdesk.departments.trading.engine.setup import Market
from quantdesk.kernel import CorruptData, DeskError, InvalidInput, NotFound, convert, to_builtins

from .models import MODELS_MAX, ModelRef, model_ref
from .strategy import MODES, Mode, Parameters, Predictor, Strategy

STRATEGY_BYTES_MAX = 1_048_576
LOADED_MAX = 64
"""Files whose text is kept for tracebacks."""
_HEAD = "quantdesk_strategy_"
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAME_LENGTH_MAX = 64
_ADVICE = "Mend the file and load it again."


class ParameterInfo(Struct, frozen=True, kw_only=True):
    """One declared parameter: its type with bounds as people write it, and its default."""

    name: str
    type: str
    default: str


class LoadedStrategy(Struct, frozen=True, kw_only=True):
    """A strategy file with its parameters settled. `version` is the SHA-256 of the source."""

    name: str
    version: str
    source: bytes
    where: str
    summary: str
    kind: type[Strategy[Any]]
    parameters: Parameters
    modes: tuple[Mode, ...]
    """The cheapest per event first."""
    models: dict[str, ModelRef]

    @property
    def declared(self) -> list[ParameterInfo]:
        """What it can be told with `--param`."""
        return declared_parameters(type(self.parameters))

    @property
    def given(self) -> dict[str, str]:
        """Every parameter as text, as `--param` takes it."""
        shown = to_builtins(self.parameters)
        return {name: _text(shown[name]) for name in self.parameters.__struct_fields__}

    def told(self, params: Mapping[str, str]) -> LoadedStrategy:
        """The same strategy with other parameters. Raises `InvalidInput` for one that is none."""
        return replace(self, parameters=_settled(type(self.parameters), params))

    def make(
        self, markets: tuple[Market, ...], predictors: Mapping[str, Predictor]
    ) -> Strategy[Any]:
        """A fresh one, with no memory. Raises `InvalidInput` naming the line where it raises."""
        try:
            return self.kind(self.parameters, markets, predictors)
        except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
            strategy_failed(error, self.where)

    def mode(self, asked: str | None) -> Mode:
        """The mode asked for, or the cheapest one. Raises `InvalidInput` where it has it not."""
        if asked is None:
            return self.modes[0]
        for mode in self.modes:
            if mode == asked:
                return mode
        raise InvalidInput(
            f"{self.name} has no mode {asked!r}",
            where="--mode",
            advice=f"It has {', '.join(self.modes)}.",
        )


def load_strategy(path: Path, params: Mapping[str, str] | None = None) -> LoadedStrategy:
    """The one strategy of a file. Raises `NotFound`, `CorruptData` or `InvalidInput`."""
    return load_source(read_source(path), str(path), params)


def read_source(path: Path) -> bytes:
    """Raises `NotFound`, or `CorruptData` where it is no source of a strategy."""
    try:
        with path.open("rb") as file:
            source = file.read(STRATEGY_BYTES_MAX + 1)
    except FileNotFoundError:
        raise NotFound(
            "there is no such strategy file", where=str(path), advice="Check the path."
        ) from None
    except OSError as error:
        raise NotFound(f"cannot read the strategy: {error.strerror}", where=str(path)) from None
    return source


def load_source(
    source: bytes, where: str, params: Mapping[str, str] | None = None
) -> LoadedStrategy:
    """As `load_strategy`, of a text that is at hand; `where` names it in errors."""
    if len(source) > STRATEGY_BYTES_MAX:
        raise CorruptData(
            f"the strategy has more than {STRATEGY_BYTES_MAX} bytes", where=where, advice=_ADVICE
        )
    version = hashlib.sha256(source).hexdigest()
    module = _executed(source, version, where)
    kind = _only_strategy(module, where)
    structure = _parameters_of(kind, where)
    name = kind.name or _WORDS.sub("-", kind.__name__).lower()
    if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH_MAX:
        raise _wrong(f"{name[:80]!r} is no name of a strategy", _line(kind, where), "Use a-b-c.")
    return LoadedStrategy(
        name=name,
        version=version,
        source=source,
        where=where,
        summary=((kind.__doc__ or module.__doc__ or "").strip().split("\n", 1)[0]),
        kind=kind,
        parameters=_settled(structure, params or {}),
        modes=_modes_of(kind, where),
        models=_models_of(kind, where),
    )


def strategy_failed(error: BaseException, where: str) -> NoReturn:
    """Raise the one error for what a strategy's own code raised or was refused, with its line."""
    place = _line_of(error, where)
    if isinstance(error, DeskError):
        if error.where is None or not error.where.startswith(where):
            error.where = f"{place}, {error.where}" if error.where else place
        raise error
    raise InvalidInput(
        f"the strategy raised {type(error).__name__}: {error}", where=place, advice=_ADVICE
    ) from error


def _line_of(error: BaseException, where: str) -> str:
    """The last line of the strategy's own file that led to the error."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == where]
    line = lines[-1] if lines else getattr(error, "lineno", None)
    return f"{where}:{line}" if line else where


def declared_parameters(structure: type[Parameters]) -> list[ParameterInfo]:
    """The fields of a parameters struct with their bounds."""
    hints = get_type_hints(structure, include_extras=True)
    defaults = to_builtins(structure())
    return [
        ParameterInfo(name=name, type=_told(hints[name]), default=_text(defaults[name]))
        for name in structure.__struct_fields__
    ]


def _executed(source: bytes, version: str, where: str) -> ModuleType:
    name = f"{_HEAD}{version[:16]}"
    module = ModuleType(name)
    module.__file__ = where
    try:
        code = compile(source, where, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f"{where}:{error.lineno}"
        raise _wrong(f"the strategy is not Python: {error.msg}", place) from None
    except ValueError as error:  # null bytes
        raise _wrong(f"the strategy is not Python: {error}", where) from None
    # Annotations, pickles and compiled functions look their module up by name; tracebacks and
    # numba show its lines.
    sys.modules[name] = module
    _forget_old(name)
    text = source.decode("utf-8", "replace")
    linecache.cache[where] = (len(text), None, text.splitlines(keepends=True), where)
    try:
        exec(code, module.__dict__)  # noqa: S102 - running the owner's strategy is the purpose
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a strategy raises is contained
        sys.modules.pop(name, None)
        strategy_failed(error, where)
    return module


def _forget_old(name: str) -> None:
    """Keep the newest `LOADED_MAX`: strategies at work hold their own module."""
    loaded = [other for other in sys.modules if other.startswith(_HEAD) and other != name]
    for other in loaded[: max(0, len(loaded) - LOADED_MAX + 1)]:
        where = sys.modules.pop(other).__file__
        linecache.cache.pop(where or "", None)


def _only_strategy(module: ModuleType, where: str) -> type[Strategy[Any]]:
    own = [
        value for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
        and value.__module__ == module.__name__
    ]  # fmt: skip
    # A class that another one here builds on is a part of it, not a second strategy.
    last = [kind for kind in own if not any(kind in other.__mro__[1:] for other in own)]
    if len(last) == 1:
        return last[0]
    if not last:
        advice = "Subclass quantdesk.strategy.Strategy."
        raise _wrong("there is no strategy in this file", where, advice)
    names = ", ".join(kind.__name__ for kind in last)
    raise _wrong(f"there are {len(last)} strategies in this file: {names}", where, "Keep one.")


def _parameters_of(kind: type[Strategy[Any]], where: str) -> type[Parameters]:
    for base in kind.__mro__:
        for generic in vars(base).get("__orig_bases__", ()):
            if get_origin(generic) is Strategy:
                found = get_args(generic)[0]
                if isinstance(found, type) and issubclass(found, Parameters):
                    _check_structure(found, where)
                    return found
    return _NoParameters


def _check_structure(structure: type[Parameters], where: str) -> None:
    try:
        defaults = structure()
        convert(to_builtins(defaults), structure)
    except Exception as error:
        place = getattr(error, "where", None) or ""
        said = getattr(error, "message", str(error))
        raise _wrong(
            f"the defaults of {structure.__name__} do not hold: {said} {place}".rstrip(),
            where,
            "Give every field a default within its bounds.",
        ) from error


def _settled(structure: type[Parameters], params: Mapping[str, str]) -> Parameters:
    names = structure.__struct_fields__
    for name in params:
        if name not in names:
            raise InvalidInput(
                f"the strategy has no parameter {name[:80]!r}",
                where=f"--param {name[:80]}",
                advice=f"It has {', '.join(names)}." if names else "It has none.",
            )
    try:
        return convert(dict(params), structure, strings=True)
    except InvalidInput as error:
        name = (error.where or "").strip("/").split("/")[0]
        raise InvalidInput(
            f"{params.get(name, '')[:80]!r} does not fit: {error.message}"
            if name
            else error.message,
            where=f"--param {name}".rstrip(),
            advice=_fits(structure, name),
        ) from None


def _fits(structure: type[Parameters], name: str) -> str:
    for info in declared_parameters(structure):
        if info.name == name:
            return f"It is {info.type}, by default {info.default}."
    return "Correct the parameter."


def _modes_of(kind: type[Strategy[Any]], where: str) -> tuple[Mode, ...]:
    has: dict[Mode, bool] = {
        "compiled": kind.on_event is not None,
        "batch": kind.decide is not Strategy.decide,
        "callback": kind.on_wake is not Strategy.on_wake,
    }
    if has["compiled"] and not is_jitted(kind.on_event):
        raise _wrong(
            "`on_event` is no compiled function", _line(kind, where),
            "Decorate it with @staticmethod and @numba.njit.",
        )  # fmt: skip
    found = tuple(mode for mode in MODES if has[mode])
    if not found:
        raise _wrong(
            f"{kind.__name__} does nothing", _line(kind, where),
            "Give it on_wake, decide or on_event.",
        )  # fmt: skip
    return found


def _models_of(kind: type[Strategy[Any]], where: str) -> dict[str, ModelRef]:
    declared: object = kind.models
    if not isinstance(declared, Mapping) or len(declared) > MODELS_MAX:
        raise _wrong(f"`models` is a dict of at most {MODELS_MAX}", _line(kind, where))
    return {
        str(key): model_ref(str(ref), where=_line(kind, where)) for key, ref in declared.items()
    }


def _line(kind: type[Strategy[Any]], where: str) -> str:
    """Where a class begins."""
    lines = linecache.getlines(where)
    for number, line in enumerate(lines, 1):
        if re.match(rf"\s*class\s+{re.escape(kind.__name__)}\b", line):
            return f"{where}:{number}"
    return where


def _told(hint: Any) -> str:
    """A type as people write it: `int ≥ 1, ≤ 20`."""
    bounds = ""
    if get_origin(hint) is Annotated:
        extras, hint = hint.__metadata__, hint.__origin__
        signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
        bounds = ", ".join(
            f"{sign} {value}"
            for extra in extras
            if isinstance(extra, msgspec.Meta)
            for field, sign in signs.items() if (value := getattr(extra, field)) is not None
        )  # fmt: skip
    name = hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")
    return f"{name} {bounds}".rstrip()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _wrong(message: str, where: str, advice: str = _ADVICE) -> InvalidInput:
    return InvalidInput(message, where=where, advice=advice)


class _NoParameters(Parameters, frozen=True):
    pass
