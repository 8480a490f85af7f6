"""`evaluate`: a model.onnx or a finished run, read and scored anew; what is kept is what the caller asks for."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.datasets.folder import open_dataset
from harness.nouns import InputError, ModelSummary, Record, ScoreSummary
from harness.record import read_record
from harness.rooms import open_room
from harness.runfolder import RunFolder
from harness.scoring import evaluate
from harness.watchers import Show
from harness.workplace import Workplace, choose


@dataclass(frozen=True)
class Evaluation:
    """A model's score; `compared` is a sentence on the run's record, where a run was evaluated."""

    dataset: str
    synthetic: bool
    model: ModelSummary
    score: ScoreSummary
    compared: str = ""


def evaluate_target(target: Path, place: Workplace, competition: str, data: str, room: str, show: Show,
                    keep: Path | None) -> Evaluation:  # fmt: skip
    """Gate, read and score. A run brings its own competition and data, unless others are named."""
    record = read_record(target / "record.json") if target.is_dir() else None
    model = target / "model.onnx" if record else target
    if not model.is_file():
        raise InputError(f"{model}: no such file; give a model.onnx or the folder of a finished run.")
    if record and not competition and not data:
        data = record.dataset.name
    chosen = choose(place, competition, data, 0.0)
    folder = place.dataset(data or chosen.dataset)
    dataset = open_dataset(folder)
    with tempfile.TemporaryDirectory(prefix="htr-evaluate-") as scratch:
        run = RunFolder(Path(scratch))

        def count(done: int) -> None:
            show.progress("predict", done, dataset.test.lines)

        summary, score = evaluate(model, chosen, folder, dataset, open_room(room), run, count)
        if keep:
            shutil.copyfile(run.predictions, keep)
    return Evaluation(dataset.name, dataset.synthetic, summary, score, _compared(record, score) if record else "")


def _compared(record: Record, score: ScoreSummary) -> str:
    if record.score is None:
        return "the run's record has no score"
    if record.score == score:
        return "the same as in the run's record"
    was = 100 * record.score.character_accuracy
    return f"the run's record says {was:.2f} % (on {record.dataset.name} {record.dataset.version})"
