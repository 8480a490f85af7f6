"""The one place where the steps meet: check, train, gate, read, score, record.

Each step's result is remembered in the run's folder, so a killed run goes on after its last finished step. The room
with the model has no answers; the answers are read here, after the room has closed.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.datasets.folder import open_dataset, read_split, read_test_index
from harness.documents import canonical, digest, file_digest, plain, write_whole
from harness.evaluator import identity
from harness.evaluator.gate import admit
from harness.evaluator.predictions import read_predictions
from harness.jobs import reading_job, sample_without_texts, spread, training_job
from harness.machine import this_machine
from harness.metrics import MetricsTail
from harness.metrics import Row as MetricsRow
from harness.nouns import (
    Dataset,
    DatasetFacts,
    EvaluatorFacts,
    Fault,
    InputError,
    Limits,
    ModelFacts,
    Outcome,
    Reading,
    Record,
    RoomFacts,
    Seconds,
    Submission,
    SubmissionError,
    Task,
)
from harness.record import FORMAT, read_record, write_record
from harness.runfolder import (
    Clock,
    Plan,
    RunFolder,
    adopt,
    blame_disk,
    check_exit,
    last_words,
    open_run,
    refuse_full_disk,
)
from harness.scoring import MOST_BYTES, Read, adopt_predictions, model_summary, read_facts, read_in_room, score_file
from harness.submission import check, copy_submission
from harness.watchers import Show, Tracker
from harness.workplace import Setting

ROOM_ON_DISK = 500_000_000
"""Bytes that must be free before a run begins."""
VALIDATION_LINES = 64
SHOWN_LINES = 12


@dataclass(frozen=True)
class Trained:
    """What the host measured of a training: wall seconds over all attempts, peak memory of the last."""

    seconds: float
    peak_memory_bytes: int


def submit(folder: Path, setting: Setting, track: Callable[[Path], Tracker], show: Show, now: str,
           again: bool = False) -> tuple[RunFolder, Record]:  # fmt: skip
    """From a submission's folder to a record.

    track: makes a tracker for a folder; now: ISO 8601 time in UTC. Gives back the finished run of the same submission,
    data, seed and limits where there is one, unless `again`. A fault of the submission in a room ends in a record
    that says so; before that it raises SubmissionError and leaves nothing. HarnessError leaves a run that goes on.
    """
    submission = check(folder)
    dataset = open_dataset(setting.data)
    if setting.competition.official_only and not setting.room.official:
        name = setting.competition.name
        raise InputError(f"{name} takes official runs only, and a run in the {setting.room.name} room is not.")
    refuse_full_disk(setting.runs, ROOM_ON_DISK)
    with open_run(setting.runs, _plan(submission, dataset, setting, now), again) as run:
        if run.record.is_file():
            return run, read_record(run.record)
        if not run.submission.is_dir():
            copy_submission(folder, run.submission)
        return run, _Course(run, submission, dataset, setting, track(run.path / "wandb"), show).take()


def _plan(submission: Submission, dataset: Dataset, setting: Setting, now: str) -> Plan:
    competition = setting.competition
    return Plan(
        competition.name, submission.entry.name, submission.digest, dataset.name, dataset.train.digest,
        dataset.valid.digest, dataset.test.digest, dataset.truth_digest, identity.digest(), setting.room.name,
        setting.seed, competition.train, competition.predict, competition.max_model_bytes, now, setting.device,
    )  # fmt: skip


class _Course:
    """One run on its way: the steps in order, and what they have found so far."""

    def __init__(self, run: RunFolder, submission: Submission, dataset: Dataset, setting: Setting,
                 tracker: Tracker, show: Show) -> None:  # fmt: skip
        self.run, self.submission, self.dataset, self.setting = run, submission, dataset, setting
        self.tracker, self.show = tracker, show
        self.plan = json.loads(run.plan.read_bytes())
        self.record = self._blank()

    def take(self) -> Record:
        """All steps, and the record, whichever way they end."""
        self.tracker.start(self.run.id, _facts(self.record))
        readings: tuple[Reading, ...] = ()
        try:
            readings = self._steps()
        except SubmissionError as error:
            self.record = replace(self.record, fault=Fault(error.whose, error.phase, error.reason))
        write_record(self.run.record, self.record)
        model = self.run.model if self.record.score else None
        self.tracker.finish(_facts(self.record), model, readings)
        self.run.sweep()
        return self.record

    def _steps(self) -> tuple[Reading, ...]:
        trained = self.run.once("trained.json", Trained, self._train)
        self._add(seconds=Seconds(train=trained.seconds), train_peak_memory_bytes=trained.peak_memory_bytes)
        started = time.monotonic()
        facts = admit(self.run.model, self.setting.competition.max_model_bytes, self.dataset.height)
        self._add(seconds=replace(self.record.seconds, gate=_since(started)))
        stores = {"predictions": self.setting.data / "public" / "test.h5", "validation": self.run.path / ".sample.h5"}
        read = self.run.once("read.json", Read, lambda: self._read(facts, stores))
        self._add(
            model=model_summary(facts, read.ms_a_line),
            seconds=replace(self.record.seconds, predict=read.seconds),
            predictions_digest=file_digest(self.run.predictions),
        )
        started = time.monotonic()
        self._add(score=score_file(self.run.predictions, self.setting.data, self.dataset))
        self._add(seconds=replace(self.record.seconds, score=_since(started)))
        return self._readings()

    def _add(self, **found: object) -> None:
        self.record = replace(self.record, **found)  # type: ignore[arg-type]

    def _train(self) -> Trained:
        clock = Clock(self.run.path / "clock")
        allowed = self.setting.competition.train
        left = replace(allowed, seconds=max(1.0, allowed.seconds - clock.before))
        task = Task(self.dataset.alphabet, self.dataset.height, self.setting.seed, allowed.seconds, clock.before,
                    self.setting.device, allowed.threads)  # fmt: skip
        job = training_job(self.run, self.submission, self.setting.data / "public", task, left)
        (self.run.out / "model.onnx").unlink(missing_ok=True)
        tail, rows = MetricsTail(self.run.out / "metrics.jsonl"), list[MetricsRow]()

        def watch(elapsed: float) -> None:
            clock.tick(elapsed)
            rows.extend(self._follow(tail))
            self.show.progress("train", clock.before + elapsed, allowed.seconds, _curve_note(rows))

        outcome = self.setting.room.run(job, watch)
        rows.extend(self._follow(tail))
        write_whole(self.run.metrics, b"".join(canonical(row) for row in rows))
        self._check_training(outcome, left)
        adopt(self.run.out / "model.onnx", self.run.model, self.setting.competition.max_model_bytes)
        return Trained(round(clock.before + outcome.seconds, 1), outcome.peak_memory_bytes)

    def _follow(self, tail: MetricsTail) -> list[MetricsRow]:
        rows = tail.new_rows()
        for row in rows:
            self.tracker.curve(row)
        return rows

    def _check_training(self, outcome: Outcome, limits: Limits) -> None:
        reason = check_exit(outcome, limits, "training")
        if reason:
            blame_disk(self.run.path)
            words = last_words(self.run.path / "train.log")
            raise SubmissionError(f"{reason}{words and f'; its last words: {words}'}", "train")

    def _read(self, facts: ModelFacts, stores: dict[str, Path]) -> Read:
        valid = read_split(self.setting.data, self.dataset, "valid")
        test = read_test_index(self.setting.data, self.dataset)
        sample_without_texts(valid, VALIDATION_LINES, stores["validation"])
        sampled = [valid.ids[i] for i in spread(len(valid), VALIDATION_LINES)]
        total = len(test.ids) + len(sampled)
        job = reading_job(self.run, self.run.model, facts, stores, self.setting.competition.predict)
        outcome = read_in_room(
            self.setting.room, job, self.run, lambda done: self.show.progress("predict", done, total, "lines")
        )
        out = job.output.host
        predictions = adopt_predictions(out / "predictions.jsonl", test.ids, self.run.predictions)
        adopt_predictions(out / "validation.jsonl", sampled, self.run.validation)
        return read_facts(outcome, predictions)

    def _readings(self) -> tuple[Reading, ...]:
        """Validation lines beside their texts, for W&B; a few of them go into the record if their licence allows it."""
        valid = read_split(self.setting.data, self.dataset, "valid")
        texts = dict(zip(valid.ids, valid.texts or (), strict=True))
        sampled = [valid.ids[i] for i in spread(len(valid), VALIDATION_LINES)]
        predictions = read_predictions(self.run.validation, sampled, MOST_BYTES)
        readings = tuple(Reading(i, texts[i], read.text) for i, read in predictions.items())
        if self.dataset.licence.public_images:
            step = max(1, len(readings) // SHOWN_LINES)
            self._add(readings=readings[::step][:SHOWN_LINES])
        return readings

    def _blank(self) -> Record:
        competition, room = self.setting.competition, self.setting.room
        return Record(
            format=FORMAT,
            id=self.run.id,
            competition=competition.name,
            entry=self.submission.entry,
            submitted=self.plan["submitted"],
            dataset=_dataset_facts(self.dataset),
            evaluator=EvaluatorFacts(identity.VERSION, identity.digest()),
            submission_digest=self.submission.digest,
            seed=self.setting.seed,
            limits=competition.train,
            machine=this_machine(gpu=self.setting.device != "cpu"),
            room=RoomFacts(room.name, room.official, digest(canonical(room.profile()))),
            seconds=Seconds(),
            harness_version=version("htr-harness"),
        )


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _dataset_facts(dataset: Dataset) -> DatasetFacts:
    return DatasetFacts(
        dataset.name, dataset.version, dataset.height, dataset.synthetic, dataset.licence, dataset.train.digest,
        dataset.valid.digest, dataset.test.digest, dataset.truth_digest,
    )  # fmt: skip


def _curve_note(rows: list[MetricsRow]) -> str:
    """What the training says of itself, in a few words for a progress line."""
    last: MetricsRow = {}
    for row in rows[-50:]:
        last |= row
    said = [f"{key.replace('_', ' ')} {last[key]:.4g}" for key in ("step", "loss", "valid_cer") if key in last]
    return ", ".join(said)


def _facts(record: Record) -> dict[str, Any]:
    """A record as W&B is told it: flat where it matters, without the long tables."""
    facts = {key: value for key, value in plain(record).items() if key not in ("readings", "score")}
    if record.score is None:
        return facts
    score = {key: value for key, value in plain(record.score).items() if key not in ("writers", "groups")}
    groups = {f"character_accuracy/{group.name}": group.character_accuracy for group in record.score.groups}
    return facts | score | groups
