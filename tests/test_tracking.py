"""Weights & Biases: what an offline run holds, and that no failure of it fails a run."""

import json
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb
from wandb.proto import wandb_internal_pb2

from harness.nouns import InputError, Reading
from harness.tracking import WandbTracker, has_key, tracker_of
from harness.watchers import Untracked

BLOCK, HEAD = 32_768, 7


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key and no netrc of whoever runs the tests, and its variables as they were afterwards."""
    for name in ("WANDB_API_KEY", "WANDB_BASE_URL", "WANDB_MODE", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_ERROR_REPORTING"):
        monkeypatch.setenv(name, os.environ.get(name, str(tmp_path)))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def rows(path: Path) -> Iterator[Any]:
    """The records of a .wandb file: LevelDB's log, blocks of 32 KiB, heads of 7 bytes with a CRC-32."""
    content, at, parts = path.read_bytes(), HEAD, b""
    while at + HEAD <= len(content):
        if BLOCK - at % BLOCK < HEAD:
            at += BLOCK - at % BLOCK
            continue
        crc, size, kind = content[at : at + 4], int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        part = content[at + HEAD : at + HEAD + size]
        assert zlib.crc32(bytes([kind]) + part) == int.from_bytes(crc, "little")
        parts += part
        if kind in (1, 4):
            yield wandb_internal_pb2.Record.FromString(parts)
            parts = b""
        at += HEAD + size


def whole(log: Path) -> list[Any]:
    """All records of a finished run; W&B's service writes the last of them a moment after finish() returns."""
    for _ in range(100):
        found = list(rows(log))
        if any(row.HasField("exit") for row in found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{log} has no end")


def run_once(where: Path, complaints: list[str], offline: bool = False) -> None:
    """One small run: a setting, two rows, a result, a model and a reading."""
    where.mkdir(parents=True, exist_ok=True)
    (where / "model.onnx").write_bytes(b"model")
    tracker = WandbTracker(where / "wandb", complaints.append, offline)
    tracker.start("alice-1", {"seed": 7})
    tracker.curve({"step": 1.0, "loss": 3.5})
    tracker.curve({"step": 2.0, "loss": 2.5})
    tracker.finish({"character_accuracy": 0.5}, where / "model.onnx", [Reading("l1", "truth", "reading")])


def test_without_a_key_a_run_is_kept_offline_and_whole(tmp_path: Path) -> None:
    """Config, curves, result, the model and the table of lines are all in the run's own folder."""
    complaints: list[str] = []
    run_once(tmp_path, complaints)
    assert complaints == []
    (log,) = (tmp_path / "wandb").rglob("*.wandb")
    assert log.parent.name.startswith("offline-run-")
    found = whole(log)
    config = {item.key: item.value_json for row in found for item in row.run.config.update}
    assert config["seed"] == "7"
    losses = [json.loads(item.value_json) for row in found for item in row.history.item
              if (item.key or "/".join(item.nested_key)) == "self-reported/loss"]  # fmt: skip
    assert losses == [3.5, 2.5]
    summary = {item.key: item.value_json for row in found for item in row.summary.update}
    assert summary["character_accuracy"] == "0.5"
    assert "model" in {row.artifact.type for row in found}
    staged = [path for path in (tmp_path / "wandb").rglob("*") if path.is_file() and path.read_bytes() == b"model"]
    assert staged
    tables = [json.loads(path.read_text()) for path in (tmp_path / "wandb").rglob("*.table.json")]
    assert tables[0]["data"] == [["l1", "truth", "reading"]]


@pytest.mark.slow
def test_an_unreachable_server_leaves_an_offline_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key and no server the run is kept, and one sentence says so."""
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    complaints: list[str] = []
    run_once(tmp_path, complaints)
    assert len(complaints) == 1
    assert "offline" in complaints[0]
    assert [log.parent.name[:12] for log in (tmp_path / "wandb").rglob("offline-run*/*.wandb")] == ["offline-run-"]


def test_a_breaking_wandb_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises is said once, and then it is left alone."""

    def broken(**_: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(wandb, "init", broken)
    complaints: list[str] = []
    run_once(tmp_path, complaints, offline=True)
    assert complaints == ["W&B failed (RuntimeError: no); the run goes on without it."]


def test_a_key_is_found_where_wandb_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, or in a netrc file for the server in use."""
    assert not has_key()
    (tmp_path / ".netrc").write_text("machine api.wandb.ai login user password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert has_key()
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert not has_key()
    monkeypatch.setenv("WANDB_API_KEY", "secret")
    assert has_key()


def test_tracking_is_chosen_by_name(tmp_path: Path) -> None:
    """off tracks nothing; an unknown name is one sentence."""
    assert isinstance(tracker_of("off", print)(tmp_path), Untracked)
    assert tracker_of("offline", print)(tmp_path).offline is True  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="auto, offline or off"):
        tracker_of("sometimes", print)
