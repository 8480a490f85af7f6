"""Reads the [recipe] table: its keys belong to one dataclass or another, and each becomes one of those."""

import difflib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any


def read_settings(settings: Mapping[str, object], *kinds: type) -> tuple[Any, ...]:
    """One object of each kind, a dataclass whose fields all have defaults, from the keys that are its own.

    SystemExit, one sentence, on a key that no kind has (naming the nearest) or a value of another type; a whole
    number passes for a float, and no number may be negative.
    """
    known = {field.name: type(field.default) for kind in kinds for field in fields(kind)}
    for key, value in settings.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.4)
            advice = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}."
            raise SystemExit(f"[recipe] has the unknown key '{key}'; {advice}")
        _check(key, value, known[key])
    typed = {key: known[key](value) for key, value in settings.items()}
    own = ({field.name for field in fields(kind)} & set(typed) for kind in kinds)
    return tuple(kind(**{key: typed[key] for key in keys}) for kind, keys in zip(kinds, own, strict=True))


def _check(key: str, value: object, wanted: type) -> None:
    if wanted is bool:
        right, what = isinstance(value, bool), "true or false"
    else:
        types = (int, float) if wanted is float else (int,)
        right = isinstance(value, types) and not isinstance(value, bool) and value >= 0
        what = "a number from 0 on" if wanted is float else "a whole number from 0 on"
    if not right:
        raise SystemExit(f"[recipe] has {key} = {value!r}; it must be {what}.")
