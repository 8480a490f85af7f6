"""Owns what can be taken away from the site: records as JSON, standings as CSV.

A published record leaves out what would tell of single writers of the hidden test split, and readings of lines whose
licence does not let them be shown. It therefore has another digest than the whole record, which is named beside it.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.documents import canonical, plain
from harness.nouns import GroupScore, Record, ScoreSummary
from harness.record import encode
from leaderboard.board import Board, Filed, Group, is_official
from leaderboard.figures import legible

FEWEST_WRITERS = 2
COLUMNS = (
    "status", "rank", "entry", "title", "authors", "character_accuracy", "interval_low", "interval_high",
    "interval_level", "cer", "wer", "exact_lines", "mean_line_accuracy", "lines", "characters", "edits", "failed_lines",
    "groups", "model_bytes", "parameters", "ms_a_line", "train_seconds", "submitted", "room", "official", "seed",
    "dataset", "dataset_version", "synthetic", "evaluator_version", "evaluator", "test", "truth", "submission", "model",
    "predictions", "record_id", "record", "whose_fault", "reason",
)  # fmt: skip


def published(record: Record) -> Record:
    """A record without per-writer counts, groups of fewer than two writers, and readings that must not be shown."""
    readings = record.readings if record.dataset.licence.public_images else ()
    score = record.score and replace(record.score, writers=(), groups=tuple(shown_groups(record.score)))
    return replace(record, score=score, readings=readings)


def shown_groups(score: ScoreSummary) -> Iterator[GroupScore]:
    """The groups that may be shown: a group of one writer would be that writer's own result."""
    return (group for group in score.groups if group.writers >= FEWEST_WRITERS)


def record_json(record: Record) -> bytes:
    """A published record as canonical JSON."""
    return encode(published(record))


def records_json(history: Iterable[tuple[Filed, ...]]) -> bytes:
    """Every published record beside the digest of the whole one, newest first within an entry."""
    return canonical([
        {"digest": filed.digest, "record": plain(published(filed.record))} for runs in history for filed in runs
    ])  # fmt: skip


def standings_csv(board: Board) -> str:
    """The standings with every figure unrounded: ranked rows, then rows scored apart, then runs without a score."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    if board.ranked:
        writer.writerows(_rows(board.ranked, "ranked"))
    for group in board.apart:
        writer.writerows(_rows(group, "practice" if group.basis.practice else "apart"))
    for filed in board.without_score:
        fault = filed.record.fault
        why = {"whose_fault": fault.whose, "reason": _cell(fault.reason)} if fault else {}
        writer.writerow({"status": "no score", **_run(filed), **why})
    return out.getvalue()


def _rows(group: Group, status: str) -> Iterator[dict[str, object]]:
    for row in group.rows:
        rank = {"rank": row.rank} if status == "ranked" else {}
        yield {"status": status, **rank, **_run(row.filed), **_figures(row.score)}


def _run(filed: Filed) -> dict[str, object]:
    record, model = filed.record, filed.record.model
    known = {"model_bytes": model.bytes, "parameters": model.parameters, "ms_a_line": model.ms_a_line,
             "model": model.digest} if model else {}  # fmt: skip
    return {
        **known,
        "entry": _cell(record.entry.name),
        "title": _cell(record.entry.title),
        "authors": _cell("; ".join(record.entry.authors)),
        "train_seconds": record.seconds.train or "",
        "submitted": _cell(record.submitted),
        "room": record.room.name,
        "official": _yes(is_official(record)),
        "seed": record.seed,
        "dataset": _cell(record.dataset.name),
        "dataset_version": _cell(record.dataset.version),
        "synthetic": _yes(record.dataset.synthetic),
        "evaluator_version": record.evaluator.version,
        "evaluator": record.evaluator.digest,
        "test": record.dataset.test,
        "truth": record.dataset.truth,
        "submission": record.submission_digest,
        "predictions": record.predictions_digest,
        "record_id": _cell(record.id),
        "record": filed.digest,
    }


def _figures(score: ScoreSummary) -> dict[str, object]:
    same = ("character_accuracy", "cer", "wer", "exact_lines", "mean_line_accuracy", "lines", "characters", "edits",
            "failed_lines")  # fmt: skip
    groups = "; ".join(f"{group.name}={group.character_accuracy}" for group in shown_groups(score))
    return {
        **{name: getattr(score, name) for name in same},
        "interval_low": score.interval.low,
        "interval_high": score.interval.high,
        "interval_level": score.interval.level,
        "groups": _cell(groups),
    }


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _cell(text: str) -> str:
    """Strangers' text on one line; an apostrophe before what a spreadsheet would run as a formula."""
    line = " ".join(legible(text).split())
    return "'" + line if line.startswith(("=", "+", "-", "@")) else line
