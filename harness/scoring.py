"""Reads lines with a model in a room, and scores the readings on the host, after the room has closed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from harness.datasets.folder import read_test_index, read_truth
from harness.documents import digest, file_digest
from harness.evaluator import identity
from harness.evaluator.files import read_once
from harness.evaluator.gate import admit
from harness.evaluator.predictions import Prediction, read_predictions, write_predictions
from harness.jobs import reading_job
from harness.nouns import (
    Competition,
    Dataset,
    EvaluatorFacts,
    HarnessError,
    InputError,
    Job,
    ModelFacts,
    ModelSummary,
    Outcome,
    Record,
    ScoreSummary,
    SubmissionError,
)
from harness.reading import REFUSED
from harness.record import read_record, record_digest, write_record
from harness.rooms import Room
from harness.runfolder import RunFolder, blame_disk, check_exit, last_words
from harness.summary import summarise

MOST_BYTES = 256 * 2**20
"""Of a predictions file that came out of a room."""


@dataclass(frozen=True)
class Read:
    """What the host measured of a reading pass; `ms_a_line` is the median over the test lines, one thread a line."""

    seconds: float
    ms_a_line: float
    failed_lines: int


def read_in_room(room: Room, job: Job, run: RunFolder, count: Callable[[int], None]) -> Outcome:
    """Run a reading job; `count` hears about once a second how many lines are done.

    A model that the judge refuses, or that dies or exceeds a limit, is SubmissionError; any other end is our fault.
    """
    out = job.output.host
    outcome = room.run(job, lambda _: count(_counted(out / "count")))
    if outcome.exit_code == REFUSED and outcome.ended == "exited":
        raise SubmissionError(_clean(read_once(out / "refusal", 4096, "predict")), "predict")
    reason = check_exit(outcome, job.limits, "reading the test lines")
    if not reason:
        return outcome
    blame_disk(run.path)
    if outcome.ended == "exited" and (outcome.exit_code or 0) > 0:
        raise HarnessError(f"{reason}; the last words of {job.log.name}: {last_words(job.log)}")
    raise SubmissionError(f"{reason}; the model is too slow or too large, or crashes its reader.", "predict")


def _counted(path: Path) -> int:
    try:
        return int(read_once(path, 32, "predict"))
    except (SubmissionError, ValueError):
        return 0


def _clean(content: bytes) -> str:
    return "".join(c if c.isprintable() else " " for c in content.decode("utf-8", "replace")).strip()


def adopt_predictions(room_file: Path, ids: Sequence[str], target: Path) -> Mapping[str, Prediction]:
    """Check a predictions file that came out of a room and keep what it reads.

    The times a line took are given back and not kept, so that the kept file's digest is that of the readings alone.
    """
    predictions = read_predictions(room_file, ids, MOST_BYTES)
    write_predictions(target, (replace(read, seconds=0.0) for read in predictions.values()))
    return predictions


def read_facts(outcome: Outcome, predictions: Mapping[str, Prediction]) -> Read:
    """A reading pass in three figures."""
    ms = 1000 * median([read.seconds for read in predictions.values() if read.failure != "missing"] or [0.0])
    return Read(round(outcome.seconds, 3), round(ms, 3), sum(bool(read.failure) for read in predictions.values()))


def model_summary(facts: ModelFacts, ms_a_line: float) -> ModelSummary:
    """What a record tells of an admitted model."""
    classes = len(facts.alphabet) + (facts.output == "logits")
    return ModelSummary(facts.bytes, facts.parameters, facts.opset, facts.output, classes, facts.digest, ms_a_line)


def score_file(predictions: Path, data: Path, dataset: Dataset) -> ScoreSummary:
    """Score stored predictions of the test split with the judge of today; needs no model and no room."""
    test = read_test_index(data, dataset)
    read = read_predictions(predictions, test.ids, MOST_BYTES)
    texts = {line_id: prediction.text for line_id, prediction in read.items()}
    failed = sum(bool(prediction.failure) for prediction in read.values())
    writers = dict(zip(test.ids, test.writers, strict=True))
    return summarise(read_truth(data, dataset), texts, writers, dataset.groups, failed)


def evaluate(model: Path, competition: Competition, data: Path, dataset: Dataset, room: Room, run: RunFolder,
             count: Callable[[int], None]) -> tuple[ModelSummary, ScoreSummary]:  # fmt: skip
    """Gate, read and score one model.onnx; what comes out of the room stays in `run`."""
    facts = admit(model, competition.max_model_bytes, dataset.height)
    job = reading_job(run, model, facts, {"predictions": data / "public" / "test.h5"}, competition.predict)
    outcome = read_in_room(room, job, run, count)
    test = read_test_index(data, dataset)
    predictions = adopt_predictions(job.output.host / "predictions.jsonl", test.ids, run.predictions)
    read = read_facts(outcome, predictions)
    return model_summary(facts, read.ms_a_line), score_file(run.predictions, data, dataset)


def rescore(run: RunFolder, data: Path, dataset: Dataset) -> tuple[Record, Record]:
    """Score a finished run's stored predictions again; returns its record and the one with today's score.

    A score that changed is written beside the first as `record.<judge>.json`, naming the record that it corrects;
    one that did not changes nothing. InputError where the run has no score, or predictions or data are not its own.
    """
    old = read_record(run.record)
    if old.score is None:
        raise InputError(f"{run.path}: this run has no score to check ({old.fault.reason if old.fault else ''}).")
    if dataset.test.digest != old.dataset.test or dataset.truth_digest != old.dataset.truth:
        its_own = f"{old.dataset.name} {old.dataset.version}"
        raise InputError(f"{data}: not the data that {run.id} was scored on ({its_own}).")
    if file_digest(run.predictions) != old.predictions_digest:
        raise InputError(f"{run.predictions}: not the predictions that the record names; they were changed or damaged.")
    judge = EvaluatorFacts(identity.VERSION, identity.digest())
    new = replace(old, score=score_file(run.predictions, data, dataset), evaluator=judge, corrects=record_digest(old))
    if new.score == old.score and new.evaluator == old.evaluator:
        return old, old
    target = run.path / f"record.{digest(judge.digest.encode())[7:15]}.json"
    if not target.exists():
        write_record(target, new)
    return old, new
