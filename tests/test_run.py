"""The main job, with a room that starts no process: what a run leaves, however it ends or is cut off."""

import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.competition import practice
from harness.datasets.folder import open_dataset
from harness.documents import plain
from harness.nouns import Competition, HarnessError, InputError, Outcome, Record
from harness.record import read_record
from harness.run import submit
from harness.runfolder import RunFolder
from harness.scoring import rescore
from harness.watchers import Silent, Untracked
from harness.workplace import Setting
from tests.fabricated import PlainRoom, bar_model, leave_model, make_submission

NOW = "2026-11-23T12:00:00Z"
Train = Callable[[Path, Path], None]


def setting(tmp_path: Path, data: Path, train: Train | None = None, **changes: Any) -> Setting:
    """A setting with a plain room."""
    outcome = changes.pop("outcome", Outcome("exited", 0, 1.0, 2**20))
    room = PlainRoom(train or leave_model(), outcome)
    competition = replace(practice("small"), **changes)
    return Setting(competition, data, tmp_path / "runs", room, seed=1)


def go(folder: Path, where: Setting, again: bool = False) -> tuple[RunFolder, Record]:
    """Submit without a tracker or a terminal."""
    return submit(folder, where, lambda _: Untracked(), Silent(), NOW, again)


def test_a_run_ends_in_a_record_with_every_part(tmp_path: Path, small_data: Path) -> None:
    """A model that reads every bar scores one; its run's folder holds what scoring again takes."""
    run, record = go(make_submission(tmp_path), setting(tmp_path, small_data))
    assert record.fault is None
    assert record.score is not None
    assert record.model is not None
    assert (record.score.character_accuracy, record.score.edits, record.score.lines) == (1.0, 0, 12)
    assert sum(writer.lines for writer in record.score.writers) == 12
    assert (record.entry.name, record.room.name, record.room.official) == ("alice", "process", False)
    assert record.readings
    assert all(reading.text == reading.reading for reading in record.readings)
    kept = {path.name for path in run.path.iterdir()} - {".lock"}
    assert kept == {
        "submission", "model.onnx", "metrics.jsonl", "predictions.jsonl", "validation.jsonl", "plan.json", "record.json",
    }  # fmt: skip
    assert read_record(run.record) == record


def test_rooms_see_what_they_may_and_no_more(tmp_path: Path, small_data: Path) -> None:
    """Training sees no test line; reading sees no text and nothing of the submission."""
    seen: list[set[str]] = []

    class Looking(PlainRoom):
        def run(self, job: Any, watch: Any) -> Outcome:
            mounted = [path for mount in job.mounts for path in mount.host.rglob("*")]
            seen.append({path.name for path in mounted})
            for path in mounted:
                assert "private" not in path.parts
                if "harness.reading" in job.command and path.is_file():
                    assert b"train-writer" not in path.read_bytes()
            return super().run(job, watch)

    where = replace(setting(tmp_path, small_data), room=Looking(leave_model()))
    go(make_submission(tmp_path), where)
    training, reading = seen
    assert training == {"model.py", "submission.toml", "train.h5", "valid.h5", "task.json"}
    assert reading == {"model.onnx", "alphabet.json", "predictions.h5", "validation.h5"}


def test_a_worse_model_scores_what_its_errors_cost(tmp_path: Path, small_data: Path) -> None:
    """Every 'b' read as 'a': the accuracy is one minus the share of b."""
    _, record = go(make_submission(tmp_path), setting(tmp_path, small_data, leave_model(bar_model(wrong_every=2))))
    truth = json.loads((small_data / "private" / "test-text.json").read_text()).values()
    wrong, characters = sum(text.count("b") for text in truth), sum(map(len, truth))
    assert record.score is not None
    assert wrong > 0
    assert record.score.character_accuracy == 1 - wrong / characters
    assert record.score.substitutions == wrong
    assert record.score.interval.low < record.score.character_accuracy < 1


def test_the_same_submission_is_not_run_twice(tmp_path: Path, small_data: Path) -> None:
    """Unless it is asked for; then it is a run of its own."""
    where, folder = setting(tmp_path, small_data), make_submission(tmp_path)
    first, record = go(folder, where)
    second, same = go(folder, where)
    assert (second, same) == (first, record)
    assert len(where.room.jobs) == 2  # type: ignore[attr-defined]
    third, other = go(folder, where, again=True)
    assert third.path.name == first.path.name + "-2"
    assert _timeless(other) == _timeless(record)


@pytest.mark.parametrize("change", ["seed", "model", "seconds"])
def test_another_seed_submission_or_limit_is_another_run(tmp_path: Path, small_data: Path, change: str) -> None:
    """What could change the result is in the run's key."""
    where, folder = setting(tmp_path, small_data), make_submission(tmp_path)
    first, _ = go(folder, where)
    if change == "seed":
        where = replace(where, seed=2)
    elif change == "model":
        (folder / "model.py").write_text("def build_model(task):\n    return 1\n")
    else:
        limits = replace(where.competition.train, seconds=7.0)
        where = replace(where, competition=replace(where.competition, train=limits))
    assert go(folder, where)[0] != first


def _no_model(data: Path, out: Path) -> None:
    """A training that leaves nothing."""


def _leave(make: Callable[[Path], object]) -> Train:
    return lambda data, out: (make(out / "model.onnx"), None)[1]


@pytest.mark.parametrize(
    ("train", "changes", "phase", "sentence"),
    [
        (_no_model, {}, "train", "left no model.onnx"),
        (leave_model(), {"outcome": Outcome("exited", 1, 2.0, 9)}, "train", "training ended with exit code 1"),
        (leave_model(), {"outcome": Outcome("exited", -11, 2.0, 9)}, "train", "training ended with signal 11"),
        (leave_model(), {"outcome": Outcome("seconds", None, 2.0, 9)}, "train", "longer than the 600 seconds allowed"),
        (leave_model(), {"outcome": Outcome("memory", None, 2.0, 9)}, "train", "more memory than the 8.0 GiB allowed"),
        (leave_model(), {"outcome": Outcome("processes", None, 2.0, 9)}, "train", "more than the 256 processes"),
        (leave_model(), {"outcome": Outcome("output", None, 2.0, 9)}, "train", "wrote more than"),
        (leave_model(), {"max_model_bytes": 100}, "train", "model.onnx"),
        (_leave(lambda path: path.symlink_to("/etc/passwd")), {}, "train", "model.onnx"),
        (_leave(lambda path: path.mkdir()), {}, "train", "model.onnx"),
        (_leave(os.mkfifo), {}, "train", "model.onnx"),
        (leave_model(b"hello"), {}, "gate", "model.onnx"),
        (leave_model(bar_model(("a", "b"))), {}, "predict", "crashed"),
    ],
)  # fmt: skip
def test_a_fault_of_the_submission_is_recorded_with_its_reason(
    tmp_path: Path, small_data: Path, train: Train, changes: dict[str, Any], phase: str, sentence: str
) -> None:
    """Whose fault, in which phase, in one sentence; and no score."""
    run, record = go(make_submission(tmp_path), setting(tmp_path, small_data, train, **changes))
    if sentence == "crashed":  # an alphabet too short for its own table: each line fails, and counts in full
        assert record.score is not None
        assert record.score.failed_lines == 12
        assert record.score.character_accuracy == 0
        return
    assert record.score is None
    assert record.fault is not None
    assert (record.fault.whose, record.fault.phase) == ("participant", phase)
    assert sentence in record.fault.reason
    assert "\n" not in record.fault.reason
    assert str(tmp_path) not in record.fault.reason
    assert read_record(run.record) == record


def test_a_failed_submission_may_be_run_again(tmp_path: Path, small_data: Path) -> None:
    """A fault is kept; the next try is a run of its own."""
    folder = make_submission(tmp_path)
    first, failed = go(folder, setting(tmp_path, small_data, _no_model))
    second, record = go(folder, setting(tmp_path, small_data))
    assert failed.fault is not None
    assert record.score is not None
    assert second.path.name == first.path.name + "-2"
    assert read_record(first.record) == failed


class _Breaking(PlainRoom):
    def run(self, job: Any, watch: Any) -> Outcome:
        if "harness.reading" in job.command:
            raise HarnessError("the machine broke")
        return super().run(job, watch)


def test_a_fault_of_ours_leaves_no_record_and_the_run_goes_on(tmp_path: Path, small_data: Path) -> None:
    """Never a zero: training is kept, and the next call reads on."""
    folder, where = make_submission(tmp_path), setting(tmp_path, small_data)
    with pytest.raises(HarnessError, match="broke"):
        go(folder, replace(where, room=_Breaking(leave_model())))
    assert list((tmp_path / "runs").glob("*/record.json")) == []
    room = PlainRoom(_no_model)
    _, record = go(folder, replace(where, room=room))
    assert record.score is not None
    assert len(room.jobs) == 1


def test_an_official_competition_takes_no_other_room(tmp_path: Path, small_data: Path) -> None:
    """Said before anything is run."""
    where = setting(tmp_path, small_data, official_only=True)
    with pytest.raises(InputError, match="official runs only"):
        go(make_submission(tmp_path), where)
    assert not where.runs.exists()


def test_two_at_the_same_run_do_not_mix(tmp_path: Path, small_data: Path) -> None:
    """The second is told so."""
    folder = make_submission(tmp_path)
    where = setting(tmp_path, small_data)

    def train(data: Path, out: Path) -> None:
        with pytest.raises(InputError, match="another htr-harness is at this run"):
            go(folder, where)
        leave_model()(data, out)

    assert go(folder, replace(where, room=PlainRoom(train)))[1].score is not None


def _timeless(record: Record) -> dict[str, Any]:
    """A record without what the clock put into it."""
    facts = dict(plain(record))
    for key in ("id", "submitted", "seconds", "train_peak_memory_bytes"):
        del facts[key]
    if facts["model"]:
        facts["model"] = {key: value for key, value in facts["model"].items() if key != "ms_a_line"}
    return facts


CALLS = ("replace", "link", "mkdir", "unlink")


def _dying(calls: list[int], fatal: int) -> Mapping[str, Callable[..., Any]]:
    """os functions that kill this process instead of doing their fatal-th call."""

    def wrap(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            calls[0] += 1
            if calls[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    return {name: wrap(name) for name in CALLS}


def _in_child(work: Callable[[], None]) -> int:
    """Run in a forked child; returns how it ended."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_killed_at_any_moment_a_run_loses_nothing_and_ends_alike(tmp_path: Path, small_data: Path) -> None:
    """SIGKILL at every single change of the file system: no record that is not whole, and the same one in the end."""
    folder = make_submission(tmp_path)
    _, unbroken = go(folder, setting(tmp_path / "unbroken", small_data))
    fatal, killed = 0, -signal.SIGKILL
    while killed == -signal.SIGKILL:
        fatal += 1
        where = setting(tmp_path / str(fatal), small_data)

        def work(where: Setting = where, fatal: int = fatal) -> None:
            for name, call in _dying([0], fatal).items():
                setattr(os, name, call)
            go(folder, where)

        killed = _in_child(work)
        assert killed in (0, -signal.SIGKILL)
        for path in where.runs.glob("*/record.json"):
            assert _timeless(read_record(path)) == _timeless(unbroken)
        _, record = go(folder, where)
        assert _timeless(record) == _timeless(unbroken)
        assert len(list(where.runs.glob("*/record.json"))) == 1
    assert fatal > 15


def test_interrupted_training_keeps_its_checkpoints_and_its_clock(tmp_path: Path, small_data: Path) -> None:
    """What was used of the time stays used; OUT/keep is there again; a stale model is not."""
    folder, where = make_submission(tmp_path), setting(tmp_path, small_data)

    class Cut(PlainRoom):
        def run(self, job: Any, watch: Any) -> Outcome:
            (job.output.host / "keep").mkdir()
            (job.output.host / "keep" / "checkpoint").write_text("half way")
            (job.output.host / "model.onnx").write_text("half written")
            (job.output.host.parent / "clock").write_text("250.0")
            raise HarnessError("power cut")

    with pytest.raises(HarnessError):
        go(folder, replace(where, room=Cut(leave_model())))
    seen: dict[str, Any] = {}

    def train(data: Path, out: Path) -> None:
        seen["kept"] = (out / "keep" / "checkpoint").read_text()
        seen["model"] = (out / "model.onnx").exists()
        seen["task"] = json.loads((data / "task.json").read_text())
        leave_model()(data, out)

    room = PlainRoom(train)
    _, record = go(folder, replace(where, room=room))
    assert (seen["kept"], seen["model"]) == ("half way", False)
    assert (seen["task"]["seconds"], seen["task"]["seconds_used"]) == (600.0, 250.0)
    assert room.jobs[0].limits.seconds == 350.0
    assert record.seconds.train == 251.0


def test_rescoring_gives_the_same_and_changes_nothing(tmp_path: Path, small_data: Path) -> None:
    """From stored predictions alone; another judge's score stands beside the first and names it."""
    run, record = go(make_submission(tmp_path), setting(tmp_path, small_data))
    run.model.unlink()
    before = sorted(path.name for path in run.path.iterdir())
    assert rescore(run, small_data, open_dataset(small_data)) == (record, record)
    assert sorted(path.name for path in run.path.iterdir()) == before


def test_rescoring_refuses_changed_predictions(tmp_path: Path, small_data: Path) -> None:
    """They are held against the record's digest."""
    run, _ = go(make_submission(tmp_path), setting(tmp_path, small_data))
    run.predictions.write_bytes(run.predictions.read_bytes().replace(b"a", b"b"))
    with pytest.raises(InputError, match="not the predictions"):
        rescore(run, small_data, open_dataset(small_data))


def test_a_full_disk_is_said_before_training(tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Better than after it."""
    usage = type("Usage", (), {"free": 5_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(InputError, match="5 MB are free and a run needs 500 MB"):
        go(make_submission(tmp_path), setting(tmp_path, small_data))


def test_a_disk_that_fills_up_meanwhile_is_not_the_participants_fault(
    tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their program then fails for our reason, and the run can go on."""

    def train(data: Path, out: Path) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100}))

    where = setting(tmp_path, small_data, train, outcome=Outcome("exited", 1, 1.0, 9))
    with pytest.raises(HarnessError, match="disk is full"):
        go(make_submission(tmp_path), where)
    assert list(where.runs.glob("*/record.json")) == []


def test_competition_noun_is_used(tmp_path: Path, small_data: Path) -> None:
    """A record names its competition."""
    assert isinstance(practice("small"), Competition)
    assert go(make_submission(tmp_path), setting(tmp_path, small_data))[1].competition == "practice-small"
