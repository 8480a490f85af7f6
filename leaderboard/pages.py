"""Standings -> a static site. `render` is pure: no clock, no network, nothing written; `write_site` is its one writer.

All text from strangers is autoescaped. What must never be published is left out here and in `downloads`: results of
single hidden lines or of single hidden writers, and pictures or readings whose licence does not allow it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.documents import write_whole
from harness.nouns import Competition, InputError, Reading, Record
from leaderboard import charts, figures
from leaderboard.alignment import Run, align, words
from leaderboard.board import Board, Filed, Group, Row, counted_score, is_official
from leaderboard.downloads import record_json, records_json, shown_groups, standings_csv

HERE = Path(__file__).parent
STATIC = ("board.css", "board.js", "icon.svg")
FILTERS = (
    "percent", "spread", "whole", "short", "tidy", "megabytes", "seconds", "day", "minute", "digest_start", "cut",
    "slug",
)  # fmt: skip
LIST = "site-files.json"
MOST_READINGS = 40
PNG = b"\x89PNG\r\n\x1a\n"
WHOSE = {
    "participant": "the submission’s fault",
    "harness": "the harness’s fault, not the submission’s: it may be run again",
    "policy": "against a rule of the competition",
}
WHEN = {
    "check": "in the checks before the run",
    "train": "in training",
    "gate": "when its model was examined",
    "predict": "while the test lines were read",
    "score": "when it was scored",
}

Pages = dict[str, str | bytes]


@dataclass(frozen=True)
class Version:
    """One of an entry's records as its page lists it; `state` says what became of it, `by` which record corrects it."""

    filed: Filed
    file: str
    state: str
    by: str


@dataclass(frozen=True)
class Line:
    """A validation line: its two rows in pieces, its edits, and where its picture is, with width and height."""

    reading: Reading
    pieces: list[list[Run]]
    edits: int
    picture: str
    size: tuple[int, int]


def render(competition: Competition, board: Board, line_images: Mapping[str, bytes] | None = None) -> Pages:
    """Every file of the site by its relative path.

    line_images: id of a validation line -> its picture as PNG; shown where the record's licence allows it. Raises
    InputError where a record belongs to another competition or a picture is no PNG.
    """
    for filed in _all(board):
        if filed.record.competition != competition.name:
            raise InputError(f"record {filed.record.id}: it is of the competition '{filed.record.competition}', not of "
                             f"'{competition.name}'; take it out of this folder.")  # fmt: skip
    environment = _environment(competition)
    pages: Pages = {f"static/{name}": (HERE / "static" / name).read_bytes() for name in STATIC}
    pages["index.html"] = environment.get_template("index.html").render(root="", board=board, **_plots(board.ranked))
    pages["method.html"] = environment.get_template("method.html").render(root="")
    pages["404.html"] = environment.get_template("404.html").render(root="")
    pages["data/records.json"] = records_json(board.history[name] for name in sorted(board.history))
    pages["data/standings.csv"] = standings_csv(board)
    states = _states(board)
    for name in sorted(board.history):
        pages.update(_entry(environment, board, states, name, line_images or {}))
    return pages


def _all(board: Board) -> list[Filed]:
    return [filed for runs in board.history.values() for filed in runs]


def _environment(competition: Competition) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_legible,
    )  # fmt: skip
    for name in FILTERS:
        environment.filters[name] = getattr(figures, name)
    environment.globals.update(
        competition=competition, NONE=figures.NONE, WHOSE=WHOSE, WHEN=WHEN, is_official=is_official,
        shown_groups=shown_groups, counted_score=counted_score,
    )  # fmt: skip
    return environment


def _legible(value: object) -> object:
    """Every value on its way into a page passes here; markup of our own stays as it is."""
    return figures.legible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _plots(group: Group | None) -> dict[str, object]:
    """The plot of each row by its record's digest, and their common axis."""
    if group is None:
        return {"plots": {}, "axis": ""}
    scale = charts.scale_of([row.score for row in group.rows])
    leader = group.rows[0].score
    plots = {row.filed.digest: charts.interval_plot(row.score, scale, leader) for row in group.rows}
    return {"plots": plots, "axis": charts.axis(scale)}


def _entry(
    environment: Environment, board: Board, states: Mapping[str, str], name: str, line_images: Mapping[str, bytes]
) -> Pages:
    """An entry's page, its records, and the pictures that its page shows."""
    folder = f"e/{figures.slug(name)}"
    group, row = _standing(board, name)
    versions = [
        Version(filed, _file(filed), states[filed.digest], board.corrected.get(filed.digest, ""))
        for filed in board.history[name]
    ]
    shown = row.filed if row else next((v.filed for v in versions if not v.by), versions[0].filed)
    newest = next((filed for filed in board.without_score if filed.record.entry.name == name), None)
    lines = _lines(shown.record, line_images)
    page = environment.get_template("entry.html").render(
        root="../../", shown=shown, group=group, row=row, ranked=group is board.ranked, newest=newest,
        versions=versions, file=_file(shown), lines=lines,
    )  # fmt: skip
    pages: Pages = {f"{folder}/index.html": page}
    pages.update({f"{folder}/{_file(version.filed)}": record_json(version.filed.record) for version in versions})
    pages.update({line.picture: line_images[line.reading.id] for line in lines if line.picture})
    return pages


def _standing(board: Board, name: str) -> tuple[Group | None, Row | None]:
    """The group and the row in which an entry stands: among the ranked if it can."""
    for group in (*((board.ranked,) if board.ranked else ()), *board.apart):
        for row in group.rows:
            if row.record.entry.name == name:
                return group, row
    return None, None


def _states(board: Board) -> dict[str, str]:
    """What became of each record, by digest."""
    states = {filed.digest: "replaced by a newer run" for filed in _all(board)}
    states.update({filed.digest: "no score" for filed in _all(board) if counted_score(filed.record) is None})
    states.update({row.filed.digest: "listed apart" for group in board.apart for row in group.rows})
    states.update({row.filed.digest: "ranked" for row in (board.ranked.rows if board.ranked else ())})
    return {**states, **dict.fromkeys(board.corrected, "corrected")}


def _file(filed: Filed) -> str:
    """The name of a published record; it carries the whole record's digest."""
    return f"{figures.slug(filed.record.id)}.{filed.digest.rpartition(':')[2][:16]}.json"


def _lines(record: Record, line_images: Mapping[str, bytes]) -> list[Line]:
    if not record.dataset.licence.public_images:
        return []
    return [_line(reading, line_images) for reading in record.readings[:MOST_READINGS]]


def _line(reading: Reading, line_images: Mapping[str, bytes]) -> Line:
    cells = align(reading.text, reading.reading)
    picture = line_images.get(reading.id)
    path = f"lines/{figures.slug(reading.id)}.png" if picture else ""
    size = _size(reading.id, picture) if picture else (0, 0)
    return Line(reading, words(cells), sum(cell.wrong for cell in cells), path, size)


def _size(line_id: str, picture: bytes) -> tuple[int, int]:
    """Width and height in pixels, so that a page does not jump while its pictures load."""
    if not picture.startswith(PNG) or len(picture) < 24:
        raise InputError(f"line {line_id}: its picture is no PNG.")
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")


def write_site(pages: Mapping[str, str | bytes], out: Path) -> None:
    """Write the pages to a folder, each whole or not at all, and take away what only an earlier build left there.

    The folder's own list of files says what is ours; a file that is not on it is never written over or removed.
    Raises InputError where the folder holds something and no such list, or another's file stands in the way.
    """
    before = _files_before(out)
    new = {path: text.encode() if isinstance(text, str) else text for path, text in pages.items()}
    for path in new:
        if not _stays_inside(out, path):
            raise InputError(f"{out / path}: outside the site; take away the link that leads there.")
        if path not in before and (out / path).exists():
            raise InputError(f"{out / path}: a file that no build made stands there; move it away.")
    out.mkdir(parents=True, exist_ok=True)
    # The list names old and new files before any is touched, so that a build that was cut off leaves nothing unowned.
    _write_list(out, before | set(new))
    for path, content in new.items():
        _write(out / path, content)
    for path in sorted(before - set(new), reverse=True):
        _remove(out, path)
    _write_list(out, set(new))


def _files_before(out: Path) -> set[str]:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return set()
    try:
        files = json.loads((out / LIST).read_text("utf-8"))["files"]
        return {path for path in files if isinstance(path, str)}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{out}: not empty and no site of ours; name an empty or a new folder.") from None


def _stays_inside(out: Path, path: str) -> bool:
    parts = PurePosixPath(path).parts
    simple = bool(parts) and path == "/".join(parts) and ".." not in parts and not path.startswith("/")
    return simple and (out / path).resolve().is_relative_to(out.resolve())


def _write_list(out: Path, files: set[str]) -> None:
    about = "The files that a build of this site made; the next build may replace or remove them."
    write_whole(out / LIST, json.dumps({"about": about, "files": sorted(files)}, indent=1).encode() + b"\n")


def _write(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)


def _remove(out: Path, path: str) -> None:
    if not _stays_inside(out, path):
        return
    (out / path).unlink(missing_ok=True)
    for folder in (out / path).relative_to(out).parents:
        if folder.parts and (out / folder).is_dir() and not os.listdir(out / folder):
            (out / folder).rmdir()
