"""Record <-> canonical JSON, and its published schema. A record is written once and never edited."""

from pathlib import Path
from typing import Any

from harness.documents import canonical, digest, from_json, plain, schema_of, write_whole
from harness.nouns import InputError, Record

FORMAT = 1


def encode(record: Record) -> bytes:
    """The canonical JSON of a record."""
    return canonical(plain(record))


def record_digest(record: Record) -> str:
    """The digest of a record's canonical JSON; a correction names the record it corrects by it."""
    return digest(encode(record))


def read_record(path: Path) -> Record:
    """A record from its file; InputError where it is missing, of another format, or not canonical (edited by hand)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the record cannot be read ({error.strerror}).") from None
    record = from_json(content, Record, str(path))
    if record.format != FORMAT:
        raise InputError(f"{path}: a record of format {record.format}; this version reads format {FORMAT}.")
    if encode(record) != content:
        raise InputError(f"{path}: not in canonical form, so it was edited or damaged; take it from the run again.")
    return record


def write_record(path: Path, record: Record) -> None:
    """Write a new record; a file that is already there is never written over."""
    if path.exists():
        raise InputError(f"{path}: there is a record already, and a record is never edited.")
    write_whole(path, encode(record))


def published_name(record: Record) -> str:
    """The file name under which a board keeps a record; it carries a part of the digest, so an edit shows."""
    return f"{record.id}.{record_digest(record).removeprefix('sha256:')[:16]}.json"


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(Record)}
