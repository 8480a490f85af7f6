"""A competition's folder: records are added to it, never edited; pictures of validation lines stand beside them."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harness.documents import write_whole
from harness.nouns import InputError, Record
from harness.record import encode, published_name, read_record


def add_record(folder: Path, record: Record) -> Path:
    """Put a record on the shelf, under a name that carries a part of its digest; returns its path."""
    path = folder / "records" / published_name(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_whole(path, encode(record))
    return path


def read_records(folder: Path) -> list[Record]:
    """Every record on the shelf, by name; InputError where one was edited, damaged or renamed."""
    records = []
    for path in sorted((folder / "records").glob("*.json")):
        record = read_record(path)
        if published_name(record) != path.name:
            raise InputError(f"{path}: its name does not fit its content; take the record from its run again.")
        records.append(record)
    return records


def picture_path(folder: Path, line_id: str) -> Path:
    """Where the picture of a validation line stands; ids may hold what file names may not."""
    return folder / "lines" / f"{hashlib.sha256(line_id.encode()).hexdigest()[:16]}.png"


def add_picture(folder: Path, line_id: str, image: NDArray[np.uint8]) -> None:
    """Keep a line's image (height, width) uint8 as PNG, once."""
    path = picture_path(folder, line_id)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image)).save(content, "PNG", optimize=True)
        write_whole(path, content.getvalue())


def read_pictures(folder: Path, records: Sequence[Record]) -> dict[str, bytes]:
    """The pictures of the lines that records show, PNG by line id, where the licence allows them on a page."""
    shown = {reading.id for record in records if record.dataset.licence.public_images for reading in record.readings}
    paths = {line_id: picture_path(folder, line_id) for line_id in sorted(shown)}
    return {line_id: path.read_bytes() for line_id, path in paths.items() if path.is_file()}
