"""The settings of a desk: defaults < quantdesk.toml < QUANTDESK__SECTION__KEY < flags.

Unknown keys are refused. Secrets do not stand here: they come as environment variables.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from quantdesk.departments.ai import AIConfig
from quantdesk.departments.chain import ChainConfig
from quantdesk.departments.identity import IdentityConfig
from quantdesk.departments.oracle import OracleConfig
from quantdesk.departments.strategies import StrategiesConfig
from quantdesk.departments.trading import FeeSchedule, PaperModel, RiskLimits, VenueConfig
from quantdesk.kernel import Amount, InvalidInput, Misconfigured, convert

ENV_PREFIX = "QUANTDESK__"
CONFIG_BYTES_MAX = 1_048_576
DEFAULT_CONFIG = Path("quantdesk.toml")


class HttpConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the desk listens. Beyond loopback only with TLS: `certificate` and `key` are
    references, `file:PATH` of PEM files, of which the key is for this user only (0600).

    `mcp` adds the tools for agents at `/mcp`; it needs the extra `quantdesk[mcp]`. `hosts` are
    names the desk answers to beside `host` and the loopback ones; `proxies` are addresses or
    networks whose X-Forwarded-For is believed; pages of `origins` may ask from a browser.
    `shared_limits` counts calls in a file, for several processes on one folder. `workers`
    processes do the faces' work beside the desk's own; 0: there are none.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    mcp: bool = False
    hosts: Annotated[tuple[str, ...], Meta(max_length=64)] = ()
    proxies: Annotated[tuple[str, ...], Meta(max_length=64)] = ()
    origins: Annotated[tuple[str, ...], Meta(max_length=64)] = ()
    shared_limits: bool = False
    workers: Annotated[int, Meta(ge=0, le=64)] = 0
    certificate: str | None = None
    key: str | None = None


class FlowsConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often MIKEY decides per instrument, and how long a proposed position is held."""

    decide_every_s: Annotated[float, Meta(ge=0.1, le=86_400)] = 1.0
    holding_s: Annotated[float, Meta(ge=0.1, le=86_400)] = 5.0


class AuditConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the audit trail gets a signed checkpoint: after so many entries, and after so much
    activity. `checkpoint_copy` is a second file for them, on another machine's disk, say."""

    checkpoint_entries: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000
    checkpoint_s: Annotated[float, Meta(ge=1, le=86_400)] = 300.0
    checkpoint_copy: str | None = None


class ElsewhereConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gateway that other processes serve: unix:PATH, tcp://127.0.0.1:PORT, tls://HOST:PORT."""

    urls: Annotated[tuple[str, ...], Meta(min_length=1, max_length=64)]


class LinksConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Links to and from other processes. `listen` are addresses where this desk offers the
    services in `serve` to its instances. `secret` is a reference, `file:PATH` (0600), by default
    links.secret in the data folder, which a desk makes; `authority`, `file:PATH` of PEM
    certificates, says whom to believe behind tls:// addresses."""

    listen: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    serve: Annotated[tuple[str, ...], Meta(max_length=16)] = ("database",)
    secret: str | None = None
    authority: str | None = None


class TelemetryConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`otlp_endpoint` is where an OpenTelemetry collector takes traces by HTTP, such as
    `http://127.0.0.1:4318`; it needs the extra `quantdesk[otel]`. `sample` is the share of
    requests that are traced, of those that do not bring a decision with them. `log_format` is for
    people (`console`) or machines (`json`)."""

    otlp_endpoint: Annotated[str, Meta(pattern=r"\Ahttps?://\S+\Z")] | None = None
    sample: Annotated[float, Meta(ge=0, le=1)] = 0.01
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


def _paper_funds() -> dict[str, Amount]:
    funds = {"USDC": 1_000_000, "USDT": 1_000_000, "SOL": 1_000, "BTC": 10, "ETH": 100}
    return {asset: Amount(value) for asset, value in (funds | {"BTCPERP": 10}).items()}


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole desk. `paper_funds` is what each new paper account starts with; `departments` and
    `services` by name, where they are served by other processes."""

    data_dir: str = "quantdesk-data"
    feed: str = "auto"
    http: HttpConfig = HttpConfig()
    identity: IdentityConfig = IdentityConfig()
    flows: FlowsConfig = FlowsConfig()
    limits: RiskLimits = RiskLimits()
    fees: FeeSchedule = FeeSchedule()
    paper: PaperModel = PaperModel()
    oracle: OracleConfig = OracleConfig()
    chain: ChainConfig = ChainConfig()
    ai: AIConfig = AIConfig()
    strategies: StrategiesConfig = StrategiesConfig()
    audit: AuditConfig = AuditConfig()
    links: LinksConfig = LinksConfig()
    departments: dict[str, ElsewhereConfig] = {}
    services: dict[str, ElsewhereConfig] = {}
    telemetry: TelemetryConfig = TelemetryConfig()
    paper_funds: dict[str, Amount] = {}
    venues: dict[str, VenueConfig] = {}

    @property
    def funding(self) -> dict[str, int]:
        """Paper funds per account, in units of 1e-8."""
        funds = self.paper_funds or _paper_funds()
        return {asset: amount.to_units() for asset, amount in funds.items()}

    @property
    def signing_in(self) -> IdentityConfig:
        """Where people sign in: as set, or this desk's own port on localhost."""
        scheme = "http" if self.http.certificate is None else "https"
        local = f"{scheme}://localhost:{self.http.port}"
        return replace(self.identity, origin=self.identity.origin or local)


def load(
    path: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any] | None = None
) -> Config:
    """Read the settings. Raises `Misconfigured` naming the file and the key."""
    settings: dict[str, Any] = {}
    if path is not None:
        settings = _read(path)
    for name, text in sorted(environment.items()):
        if name.startswith(ENV_PREFIX):
            _put(settings, name.removeprefix(ENV_PREFIX).lower().split("__"), _literal(text))
    for name, value in (flags or {}).items():
        if value is not None:
            _put(settings, name.split("."), value)
    try:
        config = convert(settings, Config)
    except InvalidInput as error:
        key = (error.where or "").strip("/").replace("/", ".")
        raise Misconfigured(
            error.message, where=f"{path or 'settings'}: {key or 'top level'}"
        ) from None
    http = config.http
    if (http.certificate is None) != (http.key is None):
        raise Misconfigured(
            "TLS needs a certificate and its key, and one of them is missing",
            where=f"{path or 'settings'}: http.{'certificate' if http.key else 'key'}",
            advice="Set both, or neither.",
        )
    if http.certificate is None and not _is_loopback(http.host):
        raise Misconfigured(
            f"http.host {http.host!r} is not a loopback address",
            where=f"{path or 'settings'}: http.host",
            advice="Set http.certificate and http.key, or keep 127.0.0.1.",
        )
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > CONFIG_BYTES_MAX:
            raise Misconfigured("the file is too large for settings", where=str(path))
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Misconfigured(
            "there is no such file", where=str(path), advice="Check --config."
        ) from None
    except OSError as error:
        raise Misconfigured(f"cannot read it: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"not valid TOML: {error}", where=str(path)) from None


def _put(settings: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        inner = settings.setdefault(key, {})
        if not isinstance(inner, dict):
            raise Misconfigured(f"{key} is not a section", where=".".join(keys))
        settings = inner
    settings[keys[-1]] = value


def _literal(text: str) -> Any:
    """An environment value as TOML reads it, or the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
