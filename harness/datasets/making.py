"""Which builder makes or imports which kind of dataset."""

from pathlib import Path
from typing import Protocol

from harness.datasets import synthetic
from harness.datasets.folder import About, build, printable
from harness.datasets.pairs import find_pairs, read_pairs
from harness.machine import usable_cores
from harness.nouns import SPLITS, Dataset, InputError, Licence


class Counter(Protocol):
    """Who shows how far a build is."""

    def counter(self, name: str, total: int) -> "Count": ...


class Count(Protocol):
    """Told how many more lines are done."""

    def __call__(self, more: int, /) -> None: ...


def make_dataset(kind: str, root: Path, name: str, height: int, seed: int, replace: bool,
                 show: Counter) -> tuple[Path, Dataset]:  # fmt: skip
    """Make a dataset that needs no source; today `synthetic`."""
    if kind != "synthetic":
        raise InputError(f"'{kind}': cannot be made; known here: synthetic.")
    folder = _folder(root, name)
    count = show.counter("drawing", sum(synthetic.SIZES.values()))
    about = About(
        name, f"{synthetic.VERSION}-seed{seed}", height, synthetic.LICENCE, synthetic=True,
        groups={"unseen fonts": synthetic.unseen_font_writers(seed)},
        built_with={"builder": "synthetic", "seed": str(seed)},
    )  # fmt: skip
    parts = {
        split: synthetic.part(split, seed, height, synthetic.SIZES[split], usable_cores(), count) for split in SPLITS
    }
    return folder, build(folder, parts, about, replace)


def import_dataset(kind: str, source: Path, root: Path, name: str, height: int, writers: Path | None, seed: int,
                   licence: Licence, replace: bool, show: Counter) -> tuple[Path, Dataset]:  # fmt: skip
    """Import a dataset from a folder; today `pairs`."""
    if kind != "pairs":
        raise InputError(f"'{kind}': cannot be imported; known here: pairs.")
    folder = _folder(root, name)
    pairs = find_pairs(source, writers, seed)
    count = show.counter("reading", sum(map(len, pairs.parts.values())))
    about = About(name, "1", height, licence, writers_known=pairs.writers_known,
                  built_with={"builder": "pairs", "parts": pairs.parts_from})  # fmt: skip
    parts = {split: read_pairs(pairs.parts[split], height, usable_cores(), count) for split in SPLITS}
    return folder, build(folder, parts, about, replace)


def _folder(root: Path, name: str) -> Path:
    if not printable(name) or "/" in name or name.startswith("."):
        raise InputError(f"'{name[:80]}' is no name for a dataset: it must print, without '/' and no '.' in front.")
    return root / name
