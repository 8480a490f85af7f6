"""What the harness talks about: frozen dataclasses and the three errors. It imports nothing of ours.

Lengths of time are seconds, sizes are bytes, rates are fractions (0.05 is 5 %) unless a name says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
RoomName = Literal["docker", "bubblewrap", "process"]
Owner = Literal["participant", "harness", "policy"]
Phase = Literal["check", "train", "gate", "predict", "score"]


class SubmissionError(Exception):
    """The submission's fault: recorded with its reason, a sentence to the participant (exit code 1)."""

    def __init__(self, reason: str, phase: Phase = "check", whose: Owner = "participant") -> None:
        super().__init__(reason)
        self.reason, self.phase, self.whose = reason, phase, whose


class InputError(Exception):
    """What the caller typed or brought cannot be used: a sentence to the caller (exit code 2)."""


class HarnessError(Exception):
    """Our fault or the machine's: loud, never a zero, safe to retry (exit code 3)."""


@dataclass(frozen=True)
class Licence:
    """Under what terms the lines may be used, and what may stand on a page."""

    name: str
    source: str = ""
    public_images: bool = False


@dataclass(frozen=True)
class SplitFacts:
    """What the manifest says of one split; `digest` is the content digest of its line store."""

    lines: int
    writers: int
    digest: str


@dataclass(frozen=True)
class Dataset:
    """A dataset's manifest. `groups` names sets of test writers that are also scored apart."""

    name: str
    version: str
    height: int
    alphabet: tuple[str, ...]
    licence: Licence
    train: SplitFacts
    valid: SplitFacts
    test: SplitFacts
    truth_digest: str
    synthetic: bool = False
    writers_known: bool = True
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    built_with: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """What a training program is told, as DATA/task.json: the alphabet without the blank, and its budget.

    `seconds` is the whole budget; `seconds_used` of it went into earlier attempts that were interrupted.
    """

    alphabet: tuple[str, ...]
    height: int
    seed: int
    seconds: float
    seconds_used: float = 0.0
    device: str = "cpu"
    threads: int = 2


@dataclass(frozen=True)
class Limits:
    """What a room allows: wall clock, memory of all its processes together, how many of them, what they may leave."""

    seconds: float
    memory_bytes: int
    processes: int = 256
    output_bytes: int = 4 * 2**30
    output_files: int = 10_000
    log_bytes: int = 2**20
    threads: int = 2


@dataclass(frozen=True)
class Mount:
    """A host file or folder shown inside a room at an absolute path such as `/data`."""

    host: Path
    inside: str
    writable: bool = False

    def at(self, *below: str) -> "Place":
        """A path below this mount, to be spelled by the room that runs the job."""
        return Place(self, "/".join(below))


@dataclass(frozen=True)
class Place:
    """A path below a mount: `inside/below` where the room has a file system of its own, else `host/below`."""

    mount: Mount
    below: str = ""


@dataclass(frozen=True)
class Job:
    """One command for a room. A first word `python` means the room's own interpreter.

    `log` is the host's file for what the job prints, capped at `limits.log_bytes`; it is never evidence.
    `output` is the one writable mount, whose size and number of files are capped.
    """

    command: tuple[str | Place, ...]
    mounts: tuple[Mount, ...]
    limits: Limits
    log: Path
    output: Mount
    directory: Place | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a job ended: by itself (`exited`), or killed for the limit named; a signal is a negative exit code."""

    ended: Literal["exited", "seconds", "memory", "processes", "output"]
    exit_code: int | None
    seconds: float
    peak_memory_bytes: int


@dataclass(frozen=True)
class LineScore:
    """One line's edits against its reference, both in code points after normalisation."""

    id: str
    edits: int
    characters: int
    word_edits: int
    words: int


@dataclass(frozen=True)
class Score:
    """The judge's figures over one split (design, section 5); `lines` is in the truth's order."""

    character_accuracy: float
    cer: float
    wer: float
    exact_lines: float
    mean_line_accuracy: float
    edits: int
    characters: int
    word_edits: int
    words: int
    lines: tuple[LineScore, ...]


@dataclass(frozen=True)
class EditCounts:
    """Edits by kind along one cheapest alignment a line; their sum is the edit distance."""

    substitutions: int
    insertions: int
    deletions: int


@dataclass(frozen=True)
class ModelFacts:
    """What the gate read off a model.onnx it admitted."""

    bytes: int
    parameters: int
    opset: int
    output: Literal["logits", "ids"]
    alphabet: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Interval:
    """A confidence interval of `character_accuracy`, and how it was made."""

    low: float
    high: float
    level: float
    method: str


@dataclass(frozen=True)
class WriterCounts:
    """One writer's part of the test split."""

    writer: str
    lines: int
    characters: int
    edits: int


@dataclass(frozen=True)
class GroupScore:
    """A named group of test writers scored apart."""

    name: str
    lines: int
    writers: int
    character_accuracy: float


@dataclass(frozen=True)
class ScoreSummary:
    """What a record tells of a score on the test split."""

    character_accuracy: float
    cer: float
    wer: float
    exact_lines: float
    mean_line_accuracy: float
    lines: int
    characters: int
    edits: int
    words: int
    word_edits: int
    substitutions: int
    insertions: int
    deletions: int
    failed_lines: int
    interval: Interval
    writers: tuple[WriterCounts, ...]
    groups: tuple[GroupScore, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One validation line as the model read it, beside its text; shown on pages where the licence allows it."""

    id: str
    text: str
    reading: str


@dataclass(frozen=True)
class Entry:
    """Who entered what: from submission.toml. `name` is the folder's name and the entry's identity on a board."""

    name: str
    title: str
    authors: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True)
class Fault:
    """Why a run has no score: whose fault, in which phase, and one sentence."""

    whose: Owner
    phase: Phase
    reason: str


@dataclass(frozen=True)
class Machine:
    """The machine that ran the rooms. `gpu` and `driver` are empty where none was used."""

    cpu: str
    cores: int
    memory_bytes: int
    gpu: str = ""
    driver: str = ""


@dataclass(frozen=True)
class RoomFacts:
    """Which room a run was in; only `docker` is official. `profile` is the digest of its effective settings."""

    name: RoomName
    official: bool
    profile: str
    image: str = ""


@dataclass(frozen=True)
class DatasetFacts:
    """Which data a run was on, by digest; `truth` is the digest of the test texts."""

    name: str
    version: str
    height: int
    synthetic: bool
    licence: Licence
    train: str
    valid: str
    test: str
    truth: str


@dataclass(frozen=True)
class EvaluatorFacts:
    """Which judge scored a run."""

    version: int
    digest: str


@dataclass(frozen=True)
class Seconds:
    """Wall time of each phase; a phase that was not reached is 0."""

    train: float = 0.0
    gate: float = 0.0
    predict: float = 0.0
    score: float = 0.0


@dataclass(frozen=True)
class ModelSummary:
    """What a record tells of a model; `ms_a_line` is the median time of one test line on one CPU thread."""

    bytes: int
    parameters: int
    opset: int
    output: Literal["logits", "ids"]
    classes: int
    digest: str
    ms_a_line: float


@dataclass(frozen=True)
class Record:
    """The one noun that the harness makes and the leaderboard shows (design, section 6)."""

    format: int
    id: str
    competition: str
    entry: Entry
    submitted: str
    dataset: DatasetFacts
    evaluator: EvaluatorFacts
    submission_digest: str
    seed: int
    limits: Limits
    machine: Machine
    room: RoomFacts
    seconds: Seconds
    harness_version: str
    train_peak_memory_bytes: int = 0
    model: ModelSummary | None = None
    predictions_digest: str = ""
    score: ScoreSummary | None = None
    fault: Fault | None = None
    readings: tuple[Reading, ...] = ()
    corrects: str = ""


@dataclass(frozen=True)
class Submission:
    """A folder that passed the static checks. `kind` says which program trains it."""

    folder: Path
    entry: Entry
    kind: Literal["model", "train"]
    recipe: Mapping[str, float | int | str | bool]
    digest: str


@dataclass(frozen=True)
class Competition:
    """What a competition.toml says: on which data, within which limits."""

    name: str
    title: str
    dataset: str
    train: Limits
    predict: Limits
    about: str = ""
    seed: int = 1
    max_model_bytes: int = 200_000_000
    official_only: bool = False
