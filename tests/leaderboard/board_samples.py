"""Fabricated records and a realistic board for the tests of the site. No figure here was measured."""

import struct
import zlib
from dataclasses import replace

from harness.nouns import (
    Competition,
    DatasetFacts,
    Entry,
    EvaluatorFacts,
    Fault,
    GroupScore,
    Interval,
    Licence,
    Limits,
    Machine,
    ModelSummary,
    Reading,
    Record,
    RoomFacts,
    ScoreSummary,
    Seconds,
    WriterCounts,
)

CHARACTERS = 10_000
LIMITS = Limits(seconds=240.0, memory_bytes=8 * 2**30)
COMPETITION = Competition("demo", "Synthetic lines", "synthetic", LIMITS, LIMITS,
                          about="Four minutes of training on lines that a program drew. A place to try the harness, "
                          "not a measure of handwriting.", max_model_bytes=50_000_000)  # fmt: skip
OPEN = Licence("CC0", public_images=True)
CLOSED = Licence("research only", "https://example.org/lines", public_images=False)
DATA = DatasetFacts("synthetic", "1", 64, True, OPEN, "sha256:" + "1" * 64, "sha256:" + "2" * 64,
                    "sha256:" + "3" * 64, "sha256:" + "4" * 64)  # fmt: skip
DOCKER = RoomFacts("docker", True, "sha256:" + "5" * 64, "sha256:" + "6" * 64)
PROCESS = RoomFacts("process", False, "sha256:" + "7" * 64)
JUDGE = EvaluatorFacts(1, "sha256:" + "8" * 64)
THEIRS = Fault("participant", "train", "train.py ended with exit code 1: KeyError: 'alphabet'; see train.log, line 12.")
OURS = Fault("harness", "predict", "The machine ran out of disk while the room was reading; nothing was counted.")


def score(edits: int) -> ScoreSummary:
    """A score of this many edits in 10,000 characters."""
    rate = edits / CHARACTERS
    low, high = 1 - rate * 1.14 - 0.001, min(1.0, 1 - rate * 0.88)
    return ScoreSummary(
        1 - rate, rate, min(1.0, rate * 3.1), max(0.0, 0.6 - rate), 1 - rate * 1.08, 250, CHARACTERS, edits, 1850,
        edits // 2, edits - edits // 2, edits // 5, edits // 2 - edits // 5, 0,
        Interval(low, high, 0.95, "percentile bootstrap by writer, 2000 resamples, seed 0"),
        (WriterCounts("hidden-writer-a", 125, 5_000, edits // 2), WriterCounts("hidden-writer-b", 125, 5_000, 1)),
        (GroupScore("hands never seen", 125, 7, 1 - rate * 1.4), GroupScore("one hidden hand", 11, 1, 0.123456)),
    )  # fmt: skip


def run(name: str = "alice", edits: int | None = 500, day: int = 1, **changes: object) -> Record:
    """A record of one run, submitted on this day of March; without a score where `edits` is None."""
    record = Record(
        1, f"{day:02}-{abs(hash_of(name)):08x}", "demo", Entry(name, name.capitalize(), ("A. Author",)),
        f"2026-03-{day:02}T09:30:00+00:00", DATA, JUDGE, "sha256:" + "9" * 64, 1, LIMITS,
        Machine("Example CPU 3.0 GHz", 8, 32 * 2**30), DOCKER, Seconds(184.2, 0.4, 11.3, 0.2), "0.1.0",
        train_peak_memory_bytes=2**30,
    )  # fmt: skip
    if edits is None:
        record = replace(record, fault=THEIRS)
    else:
        model = ModelSummary(4_200_000, 1_048_576, 17, "logits", 80, "sha256:" + "a" * 64, 3.42)
        record = replace(record, score=score(edits), model=model, predictions_digest="sha256:" + "b" * 64)
    return replace(record, **changes)  # type: ignore[arg-type]


def hash_of(name: str) -> int:
    """A number that is the same in every process, which `hash` is not."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))


READINGS = (
    Reading("v-0001", "A milk cart for St. Marigold from Haverbrook", "A nilk cart for St Marigold fromm Haverbrook"),
    Reading("v-0002", "any more purple hens are to be counted", "any more purple hens are to be counted"),
    Reading("v-0003", "at a picnic of twelve gardeners tomorrow.", "ata picnic ot twelwe gandeners tomorow."),
    Reading("v-0004", "put the ladder and the bucket away", ""),
)


def picture(width: int = 620, height: int = 64) -> bytes:
    """A grey PNG with a wavy line, written by hand so that no picture library is needed."""
    rows = b"".join(
        b"\0" + bytes(30 if abs(y - 32 - (x * 7 % 23 - 11)) < 2 else 250 for x in range(width)) for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PICTURES = {"v-0001": picture(), "v-0003": picture(900), "never-read": picture(10)}


def _entered(name: str, title: str, *authors: str, about: str = "") -> Entry:
    return Entry(name, title, authors, about)


def realistic() -> list[Record]:
    """Twelve entries: a tie, faults, a correction, a practice room, other data, blanks and hostile names."""
    base = run(
        "baseline",
        588,
        1,
        readings=READINGS,
        entry=_entered(
            "baseline", "Reference baseline", "The harness", about="Seven convolutions and two recurrent layers, CTC."
        ),
    )
    slow = ModelSummary(48_600_000, 12_100_000, 17, "ids", 80, "sha256:" + "c" * 64, 61.5)
    old = run("vertical-attention", 402, 3, entry=_entered("vertical-attention", "Vertical attention", "D. Coq"))
    unmeasured = replace(old, id="05-rescored", submitted="2026-03-05T10:00:00+00:00", corrects=old.id,
                         score=score(411), model=None)  # fmt: skip
    return [
        base,
        run("ink-and-ocean", 214, 9, model=slow, readings=READINGS, entry=_entered(
            "ink-and-ocean", "Ink & Ocean: a small transformer", "María-José Fernández de la Vega", "Þór Ægisson")),
        run("gru-small", 588, 2, entry=_entered("gru-small", "Two GRU layers", "B. Writer")),
        run("conv-only", 733, 6, room=PROCESS, entry=_entered("conv-only", "Convolutions only", "C. Reader")),
        old,
        unmeasured,
        run("long", 1290, 7, entry=_entered(
            "long", "An ensemble of nine recognisers with a language model and a name that goes on and on", *(
                f"Author Number {i}" for i in range(12)))),
        run("tiny", 2150, 8, entry=_entered("tiny", "Forty kilobytes", "E. Small")),
        run("floor", 9874, 8, entry=_entered("floor", "Always reads 'e'", "F. Floor")),
        run("<script>alert(1)</script>", 830, 4, entry=_entered(
            "<script>alert(1)</script>", "\u202eesrever <img src=x onerror=alert(1)>", "=cmd|' /C calc'!A1")),
        run("ocean-two", None, 10, entry=_entered("ocean-two", "Ocean, second attempt", "Þór Ægisson")),
        run("unlucky", None, 9, fault=OURS, entry=_entered("unlucky", "Unlucky", "G. Bad")),
        run("tiny", None, 9, entry=_entered("tiny", "Forty kilobytes", "E. Small")),
        run("elsewhere", 301, 2, evaluator=EvaluatorFacts(0, "sha256:" + "d" * 64), entry=_entered(
            "elsewhere", "Judged by the first judge", "H. Old")),
    ]  # fmt: skip
