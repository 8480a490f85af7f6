"""Owns how numbers and names are written: one place for units, decimals and what stands where there is none."""

import hashlib
import math
import re
import unicodedata
from datetime import UTC, datetime

from harness.nouns import Interval

NONE = "–"
PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")


def percent(rate: float) -> str:
    """0.0588 -> 5.88 (the unit stands beside it or above its column)."""
    return f"{rate * 100:.2f}".replace("-", "−")


def spread(interval: Interval) -> str:
    """An interval of rates as 93.71 to 94.52, in per cent."""
    return f"{percent(interval.low)}–{percent(interval.high)}"


def whole(number: float) -> str:
    """12345.6 -> 12,346."""
    return f"{number:,.0f}"


def short(number: float) -> str:
    """Three figures, no exponent: 0.0123, 1.23, 12.3, 1,234."""
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else NONE
    return f"{number:,.{min(6, max(0, 2 - math.floor(math.log10(abs(number)))))}f}"


def tidy(number: float) -> str:
    """At most two decimals, and none that are noughts: 8, 0.25, 1,024."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def megabytes(size: float) -> str:
    """Bytes as millions of them."""
    return short(size / 1e6)


def seconds(time: float) -> str:
    """Whole seconds from ten on, one decimal below."""
    return whole(time) if time >= 9.95 else f"{time:.1f}"


def day(moment: str) -> str:
    """The date of an ISO 8601 time."""
    return moment[:10]


def minute(moment: str) -> str:
    """An ISO 8601 time to the minute in UTC; text that is no time stays as it is."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return f"{zoned.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def digest_start(digest: str) -> str:
    """The first twelve hexadecimal digits, enough to compare by eye and not enough to prove anything."""
    return digest.rpartition(":")[2][:12] or NONE


def cut(text: str, length: int = 64) -> str:
    """The beginning of a long text, with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def legible(text: str) -> str:
    """Text from strangers without what no page can hold: control characters and halves of surrogate pairs."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


def slug(name: str) -> str:
    """A name as one safe part of a path: plain names stay; any other gets 80 bits of its digest, so none collide.

    A plain name cannot end like a digest, so nobody can take another's address by foresight.
    """
    if PLAIN_NAME.fullmatch(name) and not re.search(r"-[0-9a-f]{20}$", name):
        return name
    letters = unicodedata.normalize("NFKD", name[:200]).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-") or "entry"
    return f"{stem}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
