"""Reads TOML that people write, and says where it is wrong: the line, the unknown key and the nearest known one."""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

Refusal = type[Exception]
CALLED: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def read_toml(path: Path, refuse: Refusal) -> dict[str, Any]:
    """A TOML file as a table; `refuse(sentence)` where it is missing, no UTF-8 or no TOML (with the line)."""
    text = ""
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text)
    except OSError as error:
        raise refuse(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise refuse(f"{path}: is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        place = f"at line {text.count(chr(10)) + 1}, the end"
        what = str(error).replace("at end of document", place)
        raise refuse(f"{path}: no valid TOML: {what}.") from None


def only_known(table: Mapping[str, Any], known: Collection[str], path: Path, refuse: Refusal, where: str = "") -> None:
    """`refuse(sentence)` for the first key that is not known, with its line and the nearest known key."""
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            advice = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(sorted(known))}."
            place = f"{path}{_line_of(key, path)}"
            raise refuse(f"{place}: unknown key '{key[:60]}'{where and f' in [{where}]'}; {advice}")


def _line_of(key: str, path: Path) -> str:
    pattern = re.compile(rf"""^\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=\].]""")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if pattern.match(line):
            return f", line {number}"
    return ""


def value(table: Mapping[str, Any], key: str, kind: type, path: Path, refuse: Refusal, default: Any = None) -> Any:
    """A table's value of the wanted type (an int passes for a float), or the default; `refuse(sentence)` otherwise."""
    if key not in table:
        if default is None:
            raise refuse(f"{path}: lacks the key '{key}'.")
        return default
    got = table[key]
    fits = isinstance(got, (int, float) if kind is float else kind)
    if not fits or (isinstance(got, bool) and kind is not bool):
        raise refuse(f"{path}{_line_of(key, path)}: '{key}' must be {_called(kind)}, not {_called(type(got))}.")
    return got


def _called(kind: type) -> str:
    return CALLED.get(kind, kind.__name__)
