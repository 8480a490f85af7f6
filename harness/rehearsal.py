"""The dry run: the same path as `submit` on a few lines, and what it foretells of the full run."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.datasets.folder import About, Row, build, open_dataset, read_split, read_truth
from harness.lines import subset
from harness.nouns import SPLITS, Dataset, HarnessError, Split, SubmissionError
from harness.run import submit
from harness.watchers import Show, Untracked
from harness.workplace import Setting

LINES = {"train": 96, "valid": 16, "test": 24}
SECONDS = 60.0


@dataclass(frozen=True)
class Forecast:
    """What the full run should take. `bounded` is True where training says of itself how many steps it plans."""

    train_seconds: float
    predict_seconds: float
    memory_bytes: int
    bounded: bool


def rehearse(folder: Path, setting: Setting, show: Show, now: str) -> Forecast:
    """Train, gate, read and score on a few lines within a minute; SubmissionError where any step fails."""
    dataset = open_dataset(setting.data)
    with tempfile.TemporaryDirectory(prefix="htr-dry-run-") as scratch:
        few = Path(scratch) / dataset.name
        build(few, {split: _few(setting.data, dataset, split) for split in SPLITS}, _about(dataset))
        limits = replace(setting.competition.train, seconds=min(SECONDS, setting.competition.train.seconds))
        small = replace(setting, data=few, runs=Path(scratch) / "runs",
                        competition=replace(setting.competition, train=limits))  # fmt: skip
        run, record = submit(folder, small, lambda _: Untracked(), show, now)
        if record.fault:
            raise SubmissionError(record.fault.reason, record.fault.phase, record.fault.whose)
        pace, done, steps = _pace(run.metrics)
        more_pixels = _pixels(setting.data, dataset) - _pixels(few, open_dataset(few))
    if record.model is None:
        raise HarnessError("the dry run ended without a model and without a fault; please report this.")
    allowed = setting.competition.train.seconds
    reading = dataset.test.lines * record.model.ms_a_line / 1000 / setting.competition.predict.threads
    return Forecast(
        train_seconds=min(allowed, record.seconds.train + pace * (steps - done)) if steps else allowed,
        predict_seconds=record.seconds.predict + reading,
        memory_bytes=record.train_peak_memory_bytes + more_pixels,
        bounded=bool(steps),
    )


def _few(data: Path, dataset: Dataset, split: Split) -> Iterator[Row]:
    """Lines spread evenly over a split, so that their widths are like those of all."""
    lines = read_split(data, dataset, split)
    truth = read_truth(data, dataset) if split == "test" else {}
    chosen = range(0, len(lines), max(1, len(lines) // LINES[split]))
    for line_id, image, text, writer in subset(lines, list(chosen)[: LINES[split]]):
        yield line_id, image, text or truth[line_id], writer


def _about(dataset: Dataset) -> About:
    name = dataset.name
    return About(name, dataset.version, dataset.height, dataset.licence, dataset.synthetic, dataset.writers_known)


def _pace(metrics: Path) -> tuple[float, float, float]:
    """From the curve that training reports of itself: seconds a step, steps done, steps planned (0: not said)."""
    rows = [json.loads(line) for line in metrics.read_bytes().splitlines()]
    steps = [row for row in rows if {"step", "steps", "seconds"} <= row.keys()]
    if len(steps) < 2 or steps[-1]["step"] == steps[0]["step"]:
        return 0.0, 0.0, 0.0
    first, last = steps[0], steps[-1]
    return (last["seconds"] - first["seconds"]) / (last["step"] - first["step"]), last["step"], last["steps"]


def _pixels(folder: Path, dataset: Dataset) -> int:
    """Bytes of the lines that training holds in memory."""
    return sum(read_split(folder, dataset, split).strip.nbytes for split in SPLITS[:2])
