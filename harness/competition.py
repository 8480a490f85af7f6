"""competition.toml -> Competition: on which data, within which limits. Knows nothing of boards and runs."""

import re
from pathlib import Path
from typing import Any

from harness.nouns import Competition, InputError, Limits
from harness.settings import only_known, read_toml, value

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
GIB = 2**30
TRAIN = Limits(seconds=600.0, memory_bytes=8 * GIB)
PREDICT = Limits(seconds=600.0, memory_bytes=4 * GIB, processes=64, output_bytes=GIB // 4, output_files=16)
TOP_KEYS = ("title", "about", "dataset", "seed", "max_model_mb", "official_only", "train", "predict")
LIMIT_KEYS = ("seconds", "memory_gib", "processes", "output_gib", "threads")


def read_competition(folder: Path) -> Competition:
    """The competition whose folder this is; InputError, one sentence, where its file is missing or wrong."""
    path = folder / "competition.toml"
    table = read_toml(path, InputError)
    only_known(table, TOP_KEYS, path, InputError)
    if not NAME.fullmatch(folder.name):
        raise InputError(f"{folder}: a competition's name is small letters, digits, '.', '_' and '-'.")
    return Competition(
        name=folder.name,
        title=value(table, "title", str, path, InputError),
        dataset=value(table, "dataset", str, path, InputError),
        about=value(table, "about", str, path, InputError, ""),
        train=_limits(table, "train", TRAIN, path),
        predict=_limits(table, "predict", PREDICT, path),
        seed=value(table, "seed", int, path, InputError, 1),
        max_model_bytes=int(value(table, "max_model_mb", float, path, InputError, 200.0) * 1e6),
        official_only=value(table, "official_only", bool, path, InputError, False),
    )


def practice(dataset: str) -> Competition:
    """A competition by default limits on any dataset: for practice, with a board of its own."""
    return Competition(f"practice-{dataset}", f"Practice on {dataset}", dataset, TRAIN, PREDICT,
                       about="Runs of one's own, outside any competition.")  # fmt: skip


def _limits(table: dict[str, Any], part: str, default: Limits, path: Path) -> Limits:
    given = value(table, part, dict, path, InputError, {})
    only_known(given, LIMIT_KEYS, path, InputError, part)

    def number(key: str, kind: type, otherwise: float) -> Any:
        got = value(given, key, kind, path, InputError, otherwise)
        if got <= 0:
            raise InputError(f"{path}: '{key}' in [{part}] must be more than 0.")
        return got

    return Limits(
        seconds=float(number("seconds", float, default.seconds)),
        memory_bytes=int(number("memory_gib", float, default.memory_bytes / GIB) * GIB),
        processes=number("processes", int, default.processes),
        output_bytes=int(number("output_gib", float, default.output_bytes / GIB) * GIB),
        output_files=default.output_files,
        threads=number("threads", int, default.threads),
    )
