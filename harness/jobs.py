"""What the rooms are asked to do: the jobs of training and of reading, with exactly the files each may see."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from harness.documents import canonical, write_noun, write_whole
from harness.lines import Lines, LineWriter, subset
from harness.nouns import Job, Limits, ModelFacts, Mount, Place, Submission, Task
from harness.runfolder import RunFolder, link_or_copy

STANDARD = "from model import build_model; from baseline.standard import main; main(build_model)"
"""The program that trains a model.py: it runs in the room, by the submission's own folder, and nowhere else."""


def training_job(run: RunFolder, submission: Submission, public: Path, task: Task, limits: Limits) -> Job:
    """Training sees the submission, train and valid with their texts, the task, and one folder to write in."""
    data = run.fresh("data")
    for split in ("train", "valid"):
        link_or_copy(public / f"{split}.h5", data / f"{split}.h5")
    write_noun(data / "task.json", task)
    run.out.mkdir(exist_ok=True)
    folder, given, out = Mount(run.submission, "/submission"), Mount(data, "/data"), Mount(run.out, "/out", True)
    program: tuple[str | Place, ...] = (folder.at("train.py"),)
    extra: tuple[str, ...] = ()
    if submission.kind == "model":
        program, extra = ("-c", STANDARD), (canonical(dict(submission.recipe)).decode().strip(),)
    command = ("python", *program, given.at(), out.at(), *extra)
    return Job(command, (folder, given, out), limits, run.path / "train.log", out, folder.at())


def reading_job(run: RunFolder, model: Path, facts: ModelFacts, stores: Mapping[str, Path], limits: Limits) -> Job:
    """Reading sees the model, its alphabet and line images; no text, and nothing of the submission."""
    given = run.fresh("given")
    # A copy: the gate refuses a model that has a second name, and a killed run would leave this one behind.
    shutil.copyfile(model, given / "model.onnx")
    write_whole(given / "alphabet.json", canonical(list(facts.alphabet)))
    for name, store in stores.items():
        link_or_copy(store, given / f"{name}.h5")
    seen, out = Mount(given, "/given"), Mount(run.fresh("readings"), "/readings", True)
    names = [word for name in stores for word in (seen.at(f"{name}.h5"), name)]
    how = (facts.output, str(limits.threads))
    command = ("python", "-m", "harness.reading", seen.at("model.onnx"), *how, out.at(), *names)
    return Job(command, (seen, out), limits, run.path / "predict.log", out, out.at())


def spread(total: int, most: int) -> range:
    """At most `most` of `total` indices, evenly spread."""
    return range(0, total, max(1, -(-total // most)))


def sample_without_texts(lines: Lines, most: int, target: Path) -> None:
    """Write lines spread evenly over a split, their texts left out, to a line store."""
    with LineWriter(target, lines.height, {"split": "validation sample"}, with_texts=False) as writer:
        for line_id, image, _, by in subset(lines, spread(len(lines), most)):
            writer.add(line_id, image, "", by)
