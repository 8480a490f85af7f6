"""Owns the line store: one HDF5 file is one split of one dataset (design, section 2). Sole user of h5py.

It protects against damage (every read checks the content digest), not against a file made to deceive: whoever
can write the file can write its digest too.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from harness.nouns import InputError

T = TypeVar("T")

FORMAT = 1
CHUNK_COLUMNS = 8192
BUFFER_COLUMNS = 64 * CHUNK_COLUMNS


@dataclass(frozen=True)
class Lines:
    """One split in memory: all lines side by side in one array, so that a line is a view and never a copy.

    strip: (height, sum of widths) uint8, ink dark on white. offset: (lines + 1,) int64; line i is
    `strip[:, offset[i]:offset[i + 1]]`. ids, writers and texts have one entry a line; `texts` is None where the file
    holds none. A writer is the empty string where the source does not know its writers.
    """

    strip: NDArray[np.uint8]
    offset: NDArray[np.int64]
    ids: tuple[str, ...]
    writers: tuple[str, ...]
    texts: tuple[str, ...] | None
    about: dict[str, str]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def height(self) -> int:
        return int(self.strip.shape[0])

    @property
    def widths(self) -> NDArray[np.int64]:
        """(lines,) int64, in pixels."""
        return np.diff(self.offset)

    def image(self, i: int) -> NDArray[np.uint8]:
        """Line i as a view of the strip: (height, width) uint8."""
        return self.strip[:, self.offset[i] : self.offset[i + 1]]

    def images(self) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        """Every line's id and image, in the file's order."""
        for i, line_id in enumerate(self.ids):
            yield line_id, self.image(i)


class LineWriter:
    """Writes one split as a stream, under a temporary name; leaving the `with` block without an error makes it real.

    about: free attributes (dataset, version, split, licence, source). with_texts: False makes a file that a room
    with a model may see.
    """

    def __init__(self, path: Path, height: int, about: dict[str, str], with_texts: bool = True) -> None:
        self.path, self.height, self.about, self.with_texts = path, height, about, with_texts
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._columns: list[NDArray[np.uint8]] = []
        self._buffered = 0
        self._offset = [0]
        self._rows: list[tuple[str, str, str]] = []
        self._digest = _ContentDigest(height, with_texts)
        self.digest = ""

    def __enter__(self) -> "LineWriter":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = h5py.File(self._temporary, "w")
        self._strip = self._file.create_dataset(
            "strip", (self.height, 0), "u1", maxshape=(self.height, None),
            chunks=(self.height, CHUNK_COLUMNS), compression="gzip", compression_opts=4,
        )  # fmt: skip
        return self

    def add(self, line_id: str, image: NDArray[np.uint8], text: str, writer: str) -> None:
        """Append one line: image (height, width) uint8, ink dark on white."""
        if image.dtype != np.uint8 or image.ndim != 2 or image.shape[0] != self.height or not image.shape[1]:
            raise ValueError(f"line {line_id}: {image.dtype} {image.shape} is no uint8 ({self.height}, width)")
        self._digest.add(line_id, image, text, writer)
        self._rows.append((line_id, text, writer))
        self._offset.append(self._offset[-1] + image.shape[1])
        self._columns.append(image)
        self._buffered += image.shape[1]
        if self._buffered >= BUFFER_COLUMNS:
            self._flush()

    def _flush(self) -> None:
        if self._columns:
            start = self._strip.shape[1]
            self._strip.resize(start + self._buffered, axis=1)
            self._strip[:, start:] = np.concatenate(self._columns, axis=1)
            self._columns, self._buffered = [], 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._close()
            self._temporary.unlink(missing_ok=True)

    def _finish(self) -> None:
        self._flush()
        ids, texts, writers = zip(*self._rows, strict=True) if self._rows else ((), (), ())
        self._file["offset"] = np.asarray(self._offset, np.int64)
        for name, values in (("id", ids), ("text", texts), ("writer", writers)):
            if name != "text" or self.with_texts:
                self._file.create_dataset(name, data=list(values), dtype=h5py.string_dtype("utf-8"))
        self.digest = self._digest.hexdigest()
        self._file.attrs.update({**self.about, "format": FORMAT, "height": self.height, "digest": self.digest})
        self._file.close()
        with open(self._temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(self._temporary, self.path)

    def _close(self) -> None:
        # A full disk can make HDF5's own close fail a second time; the first error is the one to tell.
        try:
            self._file.close()
        except (OSError, RuntimeError):
            self._file.id.close() if self._file.id.valid else None


class _ContentDigest:
    """sha256 over the height and every line's id, writer, text, width and pixels, in order."""

    def __init__(self, height: int, with_texts: bool) -> None:
        self._hash = hashlib.sha256(f"lines {FORMAT} {height} {int(with_texts)}\n".encode())
        self._with_texts = with_texts

    def add(self, line_id: str, image: NDArray[np.uint8], text: str, writer: str) -> None:
        for part in (line_id, writer, *((text,) if self._with_texts else ())):
            encoded = part.encode()
            self._hash.update(len(encoded).to_bytes(8, "little") + encoded)
        self._hash.update(image.shape[1].to_bytes(8, "little"))
        self._hash.update(np.ascontiguousarray(image).data)

    def hexdigest(self) -> str:
        return "sha256:" + self._hash.hexdigest()


def digest_of(lines: Lines) -> str:
    """The content digest of lines in memory; equals `about["digest"]` of an undamaged file."""
    digest = _ContentDigest(lines.height, lines.texts is not None)
    for i, line_id in enumerate(lines.ids):
        digest.add(line_id, lines.image(i), lines.texts[i] if lines.texts else "", lines.writers[i])
    return digest.hexdigest()


def read_lines(path: Path) -> Lines:
    """Read a whole split in one sequential read and check its content digest.

    Raises InputError, one sentence with the file's name, where it is missing, damaged, truncated or of another format.
    """
    lines = _opened(path, _read)
    if digest_of(lines) != lines.about.get("digest"):
        raise InputError(f"{path}: its content does not match its digest, so it is damaged; build or copy it again.")
    return lines


@dataclass(frozen=True)
class Index:
    """Whose lines a store holds, without their pixels; `digest` is what the file says of itself, not checked."""

    ids: tuple[str, ...]
    writers: tuple[str, ...]
    digest: str


def read_index(path: Path) -> Index:
    """Ids and writers alone, in a moment; where the pixels are read and checked elsewhere. Errors as `read_lines`."""
    return _opened(path, lambda file: Index(_strings(file["id"]), _strings(file["writer"]), str(file.attrs["digest"])))


def _opened(path: Path, read: Callable[[Any], T]) -> T:
    if not path.is_file():
        raise InputError(f"{path}: no such line store.")
    try:
        with h5py.File(path, "r") as file:
            return read(file)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{path}: damaged or no line store ({reason}); build or copy it again.") from error


def _read(file: Any) -> Lines:
    if int(file.attrs.get("format", -1)) != FORMAT:
        raise InputError(f"no line store of format {FORMAT}.")
    offset = file["offset"][:].astype(np.int64)
    strip = file["strip"][:]
    ids, writers = _strings(file["id"]), _strings(file["writer"])
    texts = _strings(file["text"]) if "text" in file else None
    if strip.dtype != np.uint8 or strip.ndim != 2 or strip.shape[0] != int(file.attrs["height"]):
        raise InputError("its strip is no uint8 array of the stated height.")
    lengths = {len(offset) - 1, len(ids), len(writers), *([len(texts)] if texts is not None else [])}
    if len(lengths) != 1 or offset[0] != 0 or offset[-1] != strip.shape[1] or (np.diff(offset) <= 0).any():
        raise InputError("its tables disagree about the number or the widths of its lines.")
    about = {key: str(value) for key, value in file.attrs.items()}
    return Lines(strip, offset, ids, writers, texts, about)


def _strings(table: Any) -> tuple[str, ...]:
    return tuple(value.decode("utf-8") for value in table[:])


def write_lines(path: Path, lines: Iterable[tuple[str, NDArray[np.uint8], str, str]], height: int,
                about: dict[str, str], with_texts: bool = True) -> str:  # fmt: skip
    """Write (id, image, text, writer) rows as one split; returns its content digest."""
    with LineWriter(path, height, about, with_texts) as writer:
        for row in lines:
            writer.add(*row)
    return writer.digest


def subset(lines: Lines, chosen: Iterable[int]) -> Iterator[tuple[str, NDArray[np.uint8], str, str]]:
    """Rows for `write_lines` of the lines with these indices."""
    for i in chosen:
        yield lines.ids[i], lines.image(i), lines.texts[i] if lines.texts else "", lines.writers[i]
