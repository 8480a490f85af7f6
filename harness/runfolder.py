"""Owns one run's folder: what lies where, which phases are done, and how files leave a room.

Each finished phase leaves one file under its final name (`trained.json`, `read.json`, `record.json`),
so a run that was killed goes on after its last finished phase. `record.json` alone means finished.
"""

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.documents import canonical, digest, read_noun, to_json, write_noun, write_whole
from harness.evaluator.files import read_once
from harness.nouns import HarnessError, InputError, Limits, Outcome, RoomName, SubmissionError

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """All that fixes a run's result. `submitted` and `device` tell when and on what, and are no part of its key."""

    competition: str
    name: str
    submission: str
    dataset: str
    train: str
    valid: str
    test: str
    truth: str
    evaluator: str
    room: RoomName
    seed: int
    train_limits: Limits
    predict_limits: Limits
    max_model_bytes: int
    submitted: str
    device: str

    @property
    def key(self) -> str:
        """Eight hexadecimal digits: equal for runs that should end alike."""
        fixed = {key: value for key, value in json.loads(to_json(self)).items() if key not in ("submitted", "device")}
        return digest(canonical(fixed)).removeprefix("sha256:")[:8]


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def submission(self) -> Path:
        return self.path / "submission"

    @property
    def model(self) -> Path:
        return self.path / "model.onnx"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions.jsonl"

    @property
    def validation(self) -> Path:
        return self.path / "validation.jsonl"

    @property
    def record(self) -> Path:
        return self.path / "record.json"

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def data(self) -> Path:
        """What the training room sees as DATA."""
        return self.path / "data"

    @property
    def out(self) -> Path:
        """What the training room sees as OUT."""
        return self.path / "out"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    def fresh(self, name: str) -> Path:
        """An empty folder of this name below the run."""
        folder = self.path / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def once(self, name: str, kind: type[T], make: Callable[[], T]) -> T:
        """The phase's noun from `name`, or made now and remembered."""
        path = self.path / name
        if path.is_file():
            return read_noun(path, kind)
        noun = make()
        write_noun(path, noun)
        return noun

    def sweep(self) -> None:
        """Take away what only running rooms need."""
        for name in ("data", "out", "given", "readings"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("clock", ".sample.h5", "trained.json", "read.json"):
            (self.path / name).unlink(missing_ok=True)


@contextlib.contextmanager
def open_run(runs: Path, plan: Plan, again: bool) -> Iterator[RunFolder]:
    """The run of this plan, locked: the unfinished one of the same key where there is one, else a new one.

    A finished run with a score is given back as it is, unless `again`. InputError where another process is at it.
    """
    runs.mkdir(parents=True, exist_ok=True)
    run = _choose(runs, plan, again)
    run.path.mkdir(exist_ok=True)
    with _locked(run):
        if not run.plan.is_file():
            write_noun(run.plan, plan)
        yield run


def _choose(runs: Path, plan: Plan, again: bool) -> RunFolder:
    attempt = 1
    while True:
        suffix = "" if attempt == 1 else f"-{attempt}"
        run = RunFolder(runs / f"{plan.name}-{plan.key}{suffix}")
        if not run.record.is_file():
            return run
        scored = json.loads(run.record.read_bytes())["score"] is not None
        if scored and not again:
            return run
        attempt += 1


@contextlib.contextmanager
def _locked(run: RunFolder) -> Iterator[None]:
    with open(run.path / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"{run.path}: another htr-harness is at this run; wait for it or end it.") from None
        yield


class Clock:
    """Seconds of training that a run has used, over all its attempts; kept on disk about once a second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.before = float(path.read_text())
        except (OSError, ValueError):
            self.before = 0.0
        self._saved = time.monotonic()

    def tick(self, elapsed: float) -> None:
        """`elapsed`: seconds of this attempt so far."""
        if time.monotonic() - self._saved >= 1:
            write_whole(self.path, f"{self.before + elapsed:.1f}".encode())
            self._saved = time.monotonic()


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name: a hard link, or a copy where the file systems differ."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def adopt(source: Path, target: Path, most: int) -> None:
    """Copy a file that training left: a plain file with one name, at most `most` bytes; SubmissionError otherwise."""
    if not os.path.lexists(source):
        raise SubmissionError(f"training left no {source.name} in OUT; it must export its model there.", "train")
    write_whole(target, read_once(source, most, "train"))


def last_words(log: Path) -> str:
    """The last line that a program printed, fit to be quoted; it explains and is never evidence."""
    try:
        with open(log, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    printable = ("".join(c if c.isprintable() else " " for c in line).strip() for line in reversed(lines))
    return next((line for line in printable if line), "")[:300]


def check_exit(outcome: Outcome, limits: Limits, what: str) -> str:
    """One clause that says why a job failed, or nothing where it ended well."""
    reasons = {
        "seconds": f"{what} took longer than the {limits.seconds:.0f} seconds allowed",
        "memory": f"{what} used more memory than the {limits.memory_bytes / 2**30:.1f} GiB allowed",
        "processes": f"{what} started more than the {limits.processes} processes allowed",
        "output": f"{what} wrote more than the {limits.output_bytes / 2**30:.1f} GiB "
        f"or the {limits.output_files:,} files allowed",
    }
    if outcome.ended != "exited":
        return reasons[outcome.ended]
    if outcome.exit_code:
        how = f"exit code {outcome.exit_code}" if outcome.exit_code > 0 else f"signal {-outcome.exit_code}"
        return f"{what} ended with {how}"
    return ""


def refuse_full_disk(folder: Path, needed: int) -> None:
    """InputError where the disk has less than `needed` bytes free; better before hours of training than after."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{folder}: {free // 10**6} MB are free and a run needs {needed // 10**6} MB; "
            "free some or choose another --runs."
        )


def blame_disk(folder: Path) -> None:
    """HarnessError where the disk is (nearly) full: what failed on it was not the participant's fault."""
    if shutil.disk_usage(folder).free < 8 * 2**20:
        raise HarnessError(f"{folder}: the disk is full; free some space and run the same command again, it goes on.")
