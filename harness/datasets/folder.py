"""Owns a dataset's folder: `public/{train,valid,test}.h5`, `private/test-text.json`, `manifest.json`.

A folder is built under a temporary name and renamed when every check has passed, so a folder that exists is whole.
"""

import json
import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.documents import canonical, digest, read_noun, write_noun, write_whole
from harness.evaluator.text import normalise
from harness.lines import Index, Lines, LineWriter, read_index, read_lines
from harness.nouns import SPLITS, Dataset, InputError, Licence, Split, SplitFacts

Row = tuple[str, NDArray[np.uint8], str, str]
"""id, image (height, width) uint8 with ink dark on white, text, writer."""


@dataclass(frozen=True)
class About:
    """What a builder knows of a dataset before it has read a line."""

    name: str
    version: str
    height: int
    licence: Licence
    synthetic: bool = False
    writers_known: bool = True
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    built_with: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Part:
    """What is remembered of a split while it streams past."""

    texts: dict[str, str] = field(default_factory=dict)
    writers: set[str] = field(default_factory=set)
    digest: str = ""


def build(folder: Path, parts: Mapping[Split, Iterable[Row]], about: About, replace: bool = False) -> Dataset:
    """Write a dataset's folder from three streams of rows and return its manifest.

    Texts are stored as the judge sees them (NFC, single spaces). Raises InputError for an empty text, a repeated id,
    a writer in two parts, an empty part, or a folder that is already there (unless `replace`).
    """
    if folder.exists() and not replace:
        raise InputError(f"{folder}: already there; take another --name, or --replace it.")
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        dataset = _fill(temporary, parts, about)
        open_dataset(temporary, whole=True)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return dataset


def _fill(folder: Path, parts: Mapping[Split, Iterable[Row]], about: About) -> Dataset:
    for below in ("public", "private"):
        (folder / below).mkdir(parents=True, exist_ok=True)
    done = {split: _write_part(folder, split, parts[split], about) for split in SPLITS}
    _check_disjoint(done, about.writers_known)
    truth = canonical(done["test"].texts)
    write_whole(folder / "private" / "test-text.json", truth)
    os.chmod(folder / "private", 0o700)
    facts = {split: SplitFacts(len(part.texts), len(part.writers), part.digest) for split, part in done.items()}
    alphabet = tuple(sorted({c for split in ("train", "valid") for text in done[split].texts.values() for c in text}))
    dataset = Dataset(
        about.name, about.version, about.height, alphabet, about.licence, facts["train"], facts["valid"],
        facts["test"], digest(truth), about.synthetic, about.writers_known, about.groups, about.built_with,
    )  # fmt: skip
    write_noun(folder / "manifest.json", dataset)
    return dataset


def _write_part(folder: Path, split: Split, rows: Iterable[Row], about: About) -> _Part:
    part = _Part()
    attributes = {"dataset": about.name, "version": about.version, "split": split,
                  "licence": about.licence.name, "source": about.licence.source}  # fmt: skip
    path = folder / "public" / f"{split}.h5"
    with LineWriter(path, about.height, attributes, with_texts=split != "test") as writer:
        for line_id, image, text, by in rows:
            clean = normalise(text)
            if not clean:
                raise InputError(f"{line_id}: its text is empty; mend the text or leave the line out.")
            if line_id in part.texts:
                raise InputError(f"{line_id}: the id stands twice in the {split} part.")
            writer.add(line_id, image, clean, by)
            part.texts[line_id] = clean
            part.writers.add(by)
    if not part.texts:
        raise InputError(f"the {split} part has no lines; each of train, valid and test needs some.")
    part.digest = writer.digest
    return part


def _check_disjoint(parts: Mapping[Split, _Part], writers_known: bool) -> None:
    for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        shared = parts[one].texts.keys() & parts[other].texts.keys()  # type: ignore[index]
        if shared:
            raise InputError(f"line {min(shared)} stands in both {one} and {other}; a line belongs to one part.")
        both = parts[one].writers & parts[other].writers  # type: ignore[index]
        if writers_known and both:
            raise InputError(f"writer {min(both)} stands in both {one} and {other}; parts must not share writers.")


def open_dataset(folder: Path, whole: bool = False) -> Dataset:
    """A dataset's manifest. `whole` reads every split too and checks it against the manifest.

    Raises InputError, one sentence, where the folder or a part of it is missing, damaged, or not what it says.
    """
    if not (folder / "manifest.json").is_file():
        raise InputError(f"{folder}: no dataset here; `htr-harness data make synthetic` or `data import` makes one.")
    dataset = read_noun(folder / "manifest.json", Dataset)
    if whole:
        for split in SPLITS:
            read_split(folder, dataset, split)
        read_truth(folder, dataset)
    return dataset


def read_split(folder: Path, dataset: Dataset, split: Split) -> Lines:
    """One split, checked against the manifest's digest; the test split must hold no texts."""
    path = folder / "public" / f"{split}.h5"
    lines = read_lines(path)
    facts: SplitFacts = getattr(dataset, split)
    if lines.about["digest"] != facts.digest:
        raise InputError(f"{path}: not the file that manifest.json names; build the dataset again.")
    if (lines.texts is None) != (split == "test"):
        raise InputError(f"{path}: texts belong in train and valid, and never in test.h5; build the dataset again.")
    return lines


def read_test_index(folder: Path, dataset: Dataset) -> Index:
    """Ids and writers of the test lines. The reader in the room checks their pixels; here the digests must agree."""
    path = folder / "public" / "test.h5"
    index = read_index(path)
    if index.digest != dataset.test.digest or len(index.ids) != dataset.test.lines:
        raise InputError(f"{path}: not the file that manifest.json names; build the dataset again.")
    return index


def read_truth(folder: Path, dataset: Dataset) -> dict[str, str]:
    """The test texts by line id, checked against the manifest's digest."""
    path = folder / "private" / "test-text.json"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the test texts cannot be read ({error.strerror}); nothing can be scored.") from None
    if digest(content) != dataset.truth_digest:
        raise InputError(f"{path}: not the texts that manifest.json names; build the dataset again.")
    truth: dict[str, str] = json.loads(content)
    return truth


def described(folder: Path, dataset: Dataset) -> Iterator[str]:
    """What a person wants to know of a dataset, line by line."""
    kind = "synthetic, " if dataset.synthetic else ""
    yield f"{dataset.name} {dataset.version} ({kind}{dataset.height} px high) in {folder}"
    for split in SPLITS:
        facts: SplitFacts = getattr(dataset, split)
        by = f" by {facts.writers:,} writers" if dataset.writers_known else ", writers unknown"
        yield f"  {split:<5} {facts.lines:>7,} lines{by}  {facts.digest[:19]}"
    yield f"  alphabet of {len(dataset.alphabet)}: {''.join(dataset.alphabet)}"
    yield f"  licence: {dataset.licence.name}{dataset.licence.source and f', from {dataset.licence.source}'}"


def printable(name: str) -> bool:
    """Whether a name can stand in a file, a terminal and a page: no control, format or unassigned characters."""
    return bool(name) and not any(unicodedata.category(c)[0] == "C" for c in name)
