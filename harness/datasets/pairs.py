"""Fills a line store from pairs: an image and a `.gt.txt` beside it, as Kraken and tesstrain users have them.

Layout: `SOURCE/{train,valid,test}/...` or `SOURCE/...`, below that one folder a writer; or a writers file. Any image
format that Pillow reads. Light ink on dark paper is not turned over: ink must be dark.
"""

import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from harness.datasets.folder import Row
from harness.datasets.pictures import read_picture
from harness.nouns import SPLITS, InputError, Split

ENDING = ".gt.txt"
SHARES: Mapping[Split, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}
AT_ONCE = 256
"""Images read ahead of the writer, to bound memory."""


@dataclass(frozen=True)
class Pair:
    """One line still on disk."""

    id: str
    image: Path
    text: Path
    writer: str


@dataclass(frozen=True)
class Pairs:
    """A source's pairs in three parts; `writers_known` is False for a flat folder without a writers file."""

    parts: Mapping[Split, Sequence[Pair]]
    writers_known: bool
    parts_from: str


def find_pairs(source: Path, writers: Path | None = None, seed: int = 1) -> Pairs:
    """Every pair below `source`, in parts by folder where it has train, valid and test, else drawn by writer.

    Raises InputError, one sentence, where there is nothing, or an image lacks its text or a text its image.
    """
    if not source.is_dir():
        raise InputError(f"{source}: no such folder.")
    given = [split for split in SPLITS if (source / split).is_dir()]
    if given and len(given) < len(SPLITS):
        missing = next(split for split in SPLITS if split not in given)
        raise InputError(f"{source}: has a {given[0]} folder but no {missing} folder; give all three or none.")
    by_writer = _read_writers(writers) if writers else None
    if given:
        parts = {split: _below(source / split, by_writer) for split in SPLITS}
        return Pairs(parts, _known(parts), "folders")
    everything = _below(source, by_writer)
    known = _known({"train": everything})
    return Pairs(_draw(everything, known, seed), known, f"drawn by {'writer' if known else 'line'}, seed {seed}")


def _known(parts: Mapping[Split, Sequence[Pair]]) -> bool:
    return all(pair.writer for pairs in parts.values() for pair in pairs)


def _below(root: Path, by_writer: Mapping[str, str] | None) -> list[Pair]:
    known = Image.registered_extensions()
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    texts = {str(path)[: -len(ENDING)]: path for path in files if path.name.endswith(ENDING)}
    images: dict[str, Path] = {}
    for path in files:
        if path.suffix.lower() in known:
            stem = str(path.with_suffix(""))
            if stem in images:
                raise InputError(f"{path}: {images[stem].name} has the same name; which one belongs to the text?")
            images[stem] = path
    _check_pairs(root, images, texts)
    return [_pair(root, images[stem], texts[stem], by_writer) for stem in sorted(images)]


def _check_pairs(root: Path, images: Mapping[str, Path], texts: Mapping[str, Path]) -> None:
    if not images and not texts:
        raise InputError(f"{root}: no pairs here; an image needs its text beside it, as in line.png and line{ENDING}.")
    for have, want, what in ((images, texts, f"text ({ENDING})"), (texts, images, "image")):
        lone = sorted(have.keys() - want.keys())
        if lone:
            more = f" ({len(lone)} such files)" if len(lone) > 1 else ""
            raise InputError(f"{have[lone[0]]}: has no {what} beside it{more}; add it or take the file away.")


def _pair(root: Path, image: Path, text: Path, by_writer: Mapping[str, str] | None) -> Pair:
    line_id = image.relative_to(root).with_suffix("").as_posix()
    if by_writer is None:
        folder = image.parent.relative_to(root).as_posix()
        return Pair(line_id, image, text, "" if folder == "." else folder)
    writer = by_writer.get(line_id, by_writer.get(image.name, by_writer.get(Path(line_id).name)))
    if writer is None:
        raise InputError(f"{image}: the writers file does not name it; add a line '{image.name},WRITER'.")
    return Pair(line_id, image, text, writer)


def _read_writers(path: Path) -> dict[str, str]:
    """A CSV or TSV of two columns: a line (its path below the source, or its file name), and its writer."""
    try:
        rows = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the writers file cannot be read ({error}).") from None
    table: dict[str, str] = {}
    for number, row in enumerate(csv.reader(rows, delimiter="\t" if "\t" in "".join(rows[:1]) else ","), 1):
        if row and len(row) != 2:
            raise InputError(f"{path}, line {number}: {len(row)} columns; each line is 'IMAGE,WRITER'.")
        if row:
            table[row[0].strip()] = row[1].strip()
    return table


def _draw(pairs: Sequence[Pair], by_writer: bool, seed: int) -> dict[Split, list[Pair]]:
    """Parts drawn from a seed: whole writers where they are known, else single lines."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.writer if by_writer else pair.id, []).append(pair)
    if len(groups) < len(SPLITS):
        what = "writers" if by_writer else "lines"
        raise InputError(f"{len(groups)} {what} cannot make three parts; bring more, or folders train, valid and test.")
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    parts: dict[Split, list[Pair]] = {split: [] for split in SPLITS}
    for split in ("valid", "test"):
        while names and len(parts[split]) < SHARES[split] * len(pairs) and len(names) > 1 + (split == "valid"):
            parts[split] += groups[names.pop()]
    parts["train"] = [pair for name in names for pair in groups[name]]
    return {split: sorted(chosen, key=lambda pair: pair.id) for split, chosen in parts.items()}


def read_pairs(pairs: Sequence[Pair], height: int, threads: int, count: Callable[[int], None]) -> Iterator[Row]:
    """The pairs as rows, in order; images are opened on `threads` threads. `count(1)` after each."""
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(pairs), AT_ONCE):
            some = pairs[start : start + AT_ONCE]
            for pair, image in zip(some, pool.map(lambda pair: read_picture(pair.image, height), some), strict=True):
                yield pair.id, image, _read_text(pair.text), pair.writer
                count(1)


def _read_text(path: Path) -> str:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no UTF-8 text that can be read ({error}).") from None
    if not text.strip():
        raise InputError(f"{path}: its text is empty; write the line's text or take the pair away.")
    return text
