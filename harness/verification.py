"""Checks a record against what lies beside it and what this machine has; changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.datasets.folder import open_dataset
from harness.documents import file_digest
from harness.evaluator import identity
from harness.nouns import InputError, Record
from harness.record import read_record
from harness.runfolder import RunFolder
from harness.scoring import score_file
from harness.submission import digest_folder


@dataclass(frozen=True)
class Check:
    """One thing verified. `holds` is None where this machine lacks what it would take."""

    what: str
    holds: bool | None
    says: str


def verify(path: Path, data_root: Path) -> Iterator[Check]:
    """Every check of a record file, or of a run's folder. InputError where it is no record in canonical form."""
    path = path / "record.json" if path.is_dir() else path
    record = read_record(path)
    yield Check("record", True, f"{record.id}: canonical JSON of format {record.format}")
    yield from _name(path)
    same = record.evaluator.digest == identity.digest()
    yield Check("judge", same or None, "the judge of this installation" if same else "another judge than this one's")
    run = RunFolder(path.parent)
    yield from _files(run, record)
    yield from _score(run, record, data_root / record.dataset.name, same)


def _name(path: Path) -> Iterator[Check]:
    """A published record carries a part of its digest in its name, so that one changed byte shows."""
    parts = path.name.split(".")
    if path.parent.name == "records" and len(parts) >= 3:
        fits = file_digest(path).removeprefix("sha256:").startswith(parts[-2])
        yield Check("name", fits, "fits the content" if fits else "does not fit the content: the record was changed")


def _files(run: RunFolder, record: Record) -> Iterator[Check]:
    if run.submission.is_dir():
        yield _equal("submission", digest_folder(run.submission), record.submission_digest)
    if record.model and run.model.is_file():
        yield _equal("model", file_digest(run.model), record.model.digest)
    if record.predictions_digest and run.predictions.is_file():
        yield _equal("predictions", file_digest(run.predictions), record.predictions_digest)


def _equal(what: str, found: str, wanted: str) -> Check:
    return Check(what, found == wanted, "as recorded" if found == wanted else f"is {found}, recorded was {wanted}")


def _score(run: RunFolder, record: Record, data: Path, same_judge: bool) -> Iterator[Check]:
    if record.score is None:
        return
    if not run.predictions.is_file() or not same_judge:
        yield Check("score", None, "needs the run's folder and the judge that scored it")
        return
    try:
        dataset = open_dataset(data)
    except InputError:
        yield Check("score", None, f"needs the dataset {record.dataset.name} {record.dataset.version}")
        return
    if (dataset.test.digest, dataset.truth_digest) != (record.dataset.test, record.dataset.truth):
        yield Check("score", None, f"the dataset here is not {record.dataset.name} {record.dataset.version} as it was")
        return
    again = score_file(run.predictions, data, dataset)
    yield Check("score", again == record.score, "the same, scored again" if again == record.score else "differs")
