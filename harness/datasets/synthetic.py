"""Owns the dataset `synthetic`: seeded English lines drawn with handwriting fonts. Nobody wrote a line of it.

By default 3,120 lines (2,400 for training, 240, 480) by 72 writers (48, 8, 16), in 9 fonts and 78 characters.
Parts share no writer and no text, and 4 of the 16 test writers use 2 fonts that training never saw (the group
`unseen fonts`). A writer is a font with a hand and a paper of its own (`pens`); its letters (`glyphs`) are
set, joined and bent (`strokes`), then inked on a sheet (`sheets`). The words are `prose`'s.

How hard it is: rapidocr 3.10.0 as installed (its recogniser alone, PP-OCRv6_rec_small, on whole lines of 64
px) makes 5.2 % character errors on the test part of seed 1, the default; 7.0 % on that of seed 2 and 4.2 % on
that of seed 3, because 16 writers are few. Drawing all lines at 64 px takes about 27 seconds of CPU time, so
half of that on two free cores, and 65 MB a process.

The same seed gives the same bytes with the same Pillow and NumPy; other releases may round differently. A
score on these lines says little about real handwriting: a writer repeats each letter in a few forms, all
fonts but two are known from training, and the sentences come from one small grammar.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.datasets.fonts import SEEN, UNSEEN
from harness.datasets.glyphs import Letters
from harness.datasets.pens import hand_of
from harness.datasets.prose import OPENINGS, line_of
from harness.datasets.sheets import on_paper
from harness.datasets.strokes import OVERSIZE, ink_line
from harness.nouns import SPLITS, InputError, Licence, Split

VERSION = "1"
SIZES: Mapping[Split, int] = {"train": 2400, "valid": 240, "test": 480}
WRITERS: Mapping[Split, int] = {"train": 48, "valid": 8, "test": 16}
LICENCE = Licence("synthetic; its fonts are under OFL 1.1 or Apache 2.0", public_images=True)
Row = tuple[str, NDArray[np.uint8], str, str]


@dataclass(frozen=True)
class _Job:
    """All lines of one writer: what a process needs to draw them."""

    split: Split
    seed: int
    height: int
    writer: int
    lines: int


def part(split: Split, seed: int, height: int, lines: int, processes: int = 1,
         progress: Callable[[int], None] | None = None) -> Iterator[Row]:  # fmt: skip
    """One part, writer by writer: id, image (height, width) uint8 with ink dark on white, text, writer.

    The same arguments give the same bytes, whatever the number of processes. `progress` is told how many
    more lines are done. Raises InputError where a font package is missing.
    """
    if not 24 <= height <= 512:
        raise InputError(f"a height of {height} px cannot be drawn; take one from 24 to 512.")
    writers = min(WRITERS[split], lines)
    jobs = [
        _Job(split, seed, height, writer, lines // writers + (writer < lines % writers)) for writer in range(writers)
    ]
    for rows in _drawn(jobs, processes):
        yield from rows
        if progress:
            progress(len(rows))


def unseen_font_writers(seed: int, lines: int = SIZES["test"]) -> tuple[str, ...]:
    """The test writers, a quarter of them, whose fonts no training writer uses."""
    count = min(WRITERS["test"], lines)
    return tuple(_name("test", w) for w in range(count) if _font("test", seed, w) in UNSEEN)


def _drawn(jobs: list[_Job], processes: int) -> Iterator[list[Row]]:
    if processes <= 1:
        yield from map(_lines_of, jobs)
        return
    # Spawned, because a fork of a process that has threads may hang.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        waiting: deque[Future[list[Row]]] = deque()
        for job in jobs:
            waiting.append(pool.submit(_lines_of, job))
            # Few at a time, so that a slow reader never has a whole part waiting in memory.
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _lines_of(job: _Job) -> list[Row]:
    rng = _random(job.seed, job.split, job.writer)
    hand = hand_of(_font(job.split, job.seed, job.writer), rng)
    letters = Letters(hand, job.height * OVERSIZE, rng)
    return [_line(job, i, letters) for i in range(job.lines)]


def _line(job: _Job, i: int, letters: Letters) -> Row:
    rng = _random(job.seed, job.split, job.writer, i + 1)
    opening = job.split == "train" and i == 0 and job.writer < len(OPENINGS)
    text = OPENINGS[job.writer] if opening else line_of(job.split, rng)
    ink, baseline = ink_line(text, letters, job.height, rng)
    image = on_paper(ink, baseline, letters.hand, rng)
    name = _name(job.split, job.writer)
    return f"{name}-{i:04}", image, text, name


def _font(split: Split, seed: int, writer: int) -> str:
    """Fonts go round, from one that the seed chooses; every fourth test writer has an unseen one."""
    if split == "test" and writer % 4 == 3:
        return UNSEEN[(seed + writer // 4) % len(UNSEEN)]
    return SEEN[(seed + writer) % len(SEEN)]


def _name(split: Split, writer: int) -> str:
    return f"{split}-w{writer:02}"


def _random(seed: int, split: Split, *numbers: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence((seed, SPLITS.index(split), *numbers)))
