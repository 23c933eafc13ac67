"""Settings: the order of their sources, and refusals that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantdesk.config import CONFIG_BYTES_MAX, load
from quantdesk.kernel import Misconfigured


def settings(folder: Path, text: str) -> Path:
    path = folder / "quantdesk.toml"
    path.write_text(text)
    return path


def test_flags_win_over_the_environment_over_the_file_over_defaults(tmp_path: Path) -> None:
    path = settings(tmp_path, 'feed = "live"\n[http]\nport = 1\nhost = "127.0.0.2"\n')
    environment = {"QUANTDESK__HTTP__PORT": "2", "QUANTDESK__FEED": "simulated"}
    config = load(path, environment, {"http.port": 3, "feed": None})
    assert config.http.port == 3
    assert config.feed == "simulated"
    assert config.http.host == "127.0.0.2"
    assert load(None, {}).http.port == 8080


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[http]\nprt = 1\n", "http.prt"),
        ("[http]\nport = 70000\n", "http.port"),
        ('[http]\nport = "8080"\n', "http.port"),
        ("fed = 1\n", "fed"),
        ("[flows]\nholding_s = 0\n", "flows.holding_s"),
        ("feed = \n", "TOML"),
        ('[paper_funds]\nUSDC = "1e9"\n', "paper_funds"),
        ('[http]\nhost = "0.0.0.0"\n', "http.host"),
    ],
)
def test_a_wrong_setting_names_its_file_and_key(tmp_path: Path, text: str, named: str) -> None:
    path = settings(tmp_path, text)
    with pytest.raises(Misconfigured) as refusal:
        load(path, {})
    assert str(path) in str(refusal.value)
    assert named in str(refusal.value)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such file"):
        load(tmp_path / "absent.toml", {})
    comment = "#" * (CONFIG_BYTES_MAX - 1)
    assert load(settings(tmp_path, comment + "\n"), {}).http.port == 8080
    with pytest.raises(Misconfigured, match="too large"):
        load(settings(tmp_path, comment + "#\n"), {})


def test_an_environment_key_below_a_value_is_refused() -> None:
    with pytest.raises(Misconfigured, match="not a section"):
        load(None, {"QUANTDESK__FEED": "simulated", "QUANTDESK__FEED__NAME": "x"})
