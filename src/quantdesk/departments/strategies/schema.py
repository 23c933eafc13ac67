"""The tables of the department."""

from __future__ import annotations

STEPS = (
    """
CREATE TABLE strategies_versions (
    sequence INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE, strategy TEXT NOT NULL,
    source BLOB NOT NULL, body BLOB NOT NULL, registered_by TEXT NOT NULL,
    registered_ns BIGINT NOT NULL
);
CREATE INDEX strategies_versions_by_strategy ON strategies_versions (strategy, sequence);
CREATE TABLE strategies_gates (
    strategy TEXT NOT NULL PRIMARY KEY, body BLOB NOT NULL, set_by TEXT NOT NULL,
    set_ns BIGINT NOT NULL
);
CREATE TABLE strategies_runs (
    sequence INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, strategy TEXT NOT NULL,
    account TEXT NOT NULL, stage TEXT NOT NULL, state TEXT NOT NULL, body BLOB NOT NULL,
    started_ns BIGINT NOT NULL, ended_ns BIGINT
);
CREATE UNIQUE INDEX strategies_runs_of_stage ON strategies_runs (strategy, account, stage)
    WHERE state = 'running';
CREATE INDEX strategies_runs_at_work ON strategies_runs (sequence) WHERE state <> 'closed';
CREATE TABLE strategies_decisions (
    sequence INTEGER PRIMARY KEY, strategy TEXT NOT NULL, account TEXT NOT NULL,
    decided_ns BIGINT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX strategies_decisions_by_account
    ON strategies_decisions (account, strategy, sequence);
CREATE TABLE strategies_changes (
    sequence INTEGER PRIMARY KEY, strategy TEXT NOT NULL, account TEXT NOT NULL,
    changed_ns BIGINT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX strategies_changes_by_account ON strategies_changes (account, strategy, sequence);
CREATE TABLE strategies_equity (
    run_id TEXT NOT NULL, at_ns BIGINT NOT NULL, equity BIGINT NOT NULL,
    PRIMARY KEY (run_id, at_ns)
);
CREATE TABLE strategies_backtests (
    sequence INTEGER PRIMARY KEY, backtest_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
    strategy TEXT NOT NULL, version TEXT NOT NULL, state TEXT NOT NULL, request BLOB NOT NULL,
    evidence BLOB, result BLOB, problem TEXT, attempts BIGINT NOT NULL,
    created_ns BIGINT NOT NULL, updated_ns BIGINT NOT NULL
);
CREATE INDEX strategies_backtests_by_account ON strategies_backtests (account, sequence);
CREATE INDEX strategies_backtests_by_version
    ON strategies_backtests (strategy, account, version, sequence);
""",
)
