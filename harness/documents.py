"""Owns files that are whole or absent, and canonical JSON: one byte string for one value.

Canonical: UTF-8, keys sorted, no spaces, no NaN or Infinity, one newline at the end.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from harness.nouns import InputError

T = TypeVar("T")

# Making an adapter takes milliseconds, and a board reads thousands of records.
_adapters: dict[Any, TypeAdapter[Any]] = {}


def canonical(value: object) -> bytes:
    """The canonical JSON of plain values (dict, list, str, int, float, bool, None); ValueError for NaN."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def digest(content: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str:
    """The digest of a file's bytes, read in pieces."""
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write under a temporary name, fsync, rename: whoever finds `path` finds all of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def plain(noun: object) -> Any:
    """A noun as plain values that `canonical` takes."""
    return _adapter(type(noun)).dump_python(noun, mode="json")


def to_json(noun: object) -> bytes:
    """A noun's canonical JSON."""
    return canonical(plain(noun))


def from_json(content: bytes, kind: type[T], where: str) -> T:
    """A noun from its JSON; InputError, one sentence that names `where` and the first thing wrong."""
    try:
        noun: T = _adapter(kind).validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{where}: {place}: {first['msg'].lower()}.") from None
    return noun


def read_noun(path: Path, kind: type[T]) -> T:
    """A noun from a file; InputError where it is missing or not what `kind` says."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
    return from_json(content, kind, str(path))


def write_noun(path: Path, noun: object) -> None:
    """Write a noun as canonical JSON, whole or not at all."""
    write_whole(path, to_json(noun))


def schema_of(kind: type) -> dict[str, Any]:
    """The JSON Schema of a noun."""
    return _adapter(kind).json_schema()
