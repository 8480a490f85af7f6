"""Counts what a protobuf message holds before anything parses it, so that a small file cannot fill the memory.

Two bytes on the wire can become an object of 150: parsed unseen, a 200 MB file of empty nodes takes some 15 GB.
"""

from google.protobuf.descriptor import Descriptor, FieldDescriptor  # type: ignore[import-untyped]

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """These bytes are no message of this kind, or hold more fields than the limit."""


def check_fields(data: bytes, message: Descriptor, limit: int) -> None:
    """Walk the wire format of `data`, descending into known messages; Malformed beyond `limit` fields in all.

    It reads tags and lengths only, so weights cost nothing; the time is bounded by the limit, not by the file.
    What it accepts may still be refused by the parser.
    """
    left, stack = limit, [(0, len(data), message)]
    while stack:
        at, end, kind = stack.pop()
        while at < end:
            left -= 1
            if left < 0:
                raise Malformed(f"it holds more than {limit} fields")
            tag, at = _varint(data, at, end)
            start, at = _extent(data, at, end, tag & 7)
            field = kind.fields_by_number.get(tag >> 3)
            if tag & 7 == DELIMITED and field is not None and field.type == FieldDescriptor.TYPE_MESSAGE:
                stack.append((start, at, field.message_type))


def _extent(data: bytes, at: int, end: int, wire: int) -> tuple[int, int]:
    """Where a field's value begins and where it ends."""
    start = at
    if wire == VARINT:
        at = _varint(data, at, end)[1]
    elif wire == DELIMITED:
        size, start = _varint(data, at, end)
        at = start + size
    elif wire in (FIXED64, FIXED32):
        at += 8 if wire == FIXED64 else 4
    else:
        raise Malformed("it holds a field of unknown form")
    if at > end:
        raise Malformed("it is cut short")
    return start, at


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The whole number at `at`, and where the next thing begins."""
    value = 0
    for i, byte in enumerate(data[at : min(at + 10, end)]):
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, at + i + 1
    raise Malformed("it is cut short")
