"""Owns OUT/keep/checkpoint.pt: what a run needs to go on after it was cut off, whole or absent.

It is the run's own file, read back by the same program; nothing else opens it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

PLACE = Path("keep", "checkpoint.pt")
INTERVAL = 20.0
"""Seconds between two checkpoints."""


def save(out: Path, state: Mapping[str, Any]) -> None:
    """Replace the checkpoint below `out`; a kill at any moment leaves the old or the new one."""
    path = out / PLACE
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    with open(temporary, "wb") as file:
        torch.save(dict(state), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def load(out: Path, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """The checkpoint below `out`, on the CPU, or None.

    about: what the run is (settings, seed, data, network). SystemExit where the checkpoint is of another run, or
    damaged.
    """
    path = out / PLACE
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch has no common class for what a damaged file raises
        cause = " ".join(str(error).split())[:120]
        raise SystemExit(f"{path} cannot be read ({cause}); delete it to start over.") from None
    differing = [key for key, value in about.items() if state.get("about", {}).get(key) != value]
    if differing:
        changed = ", ".join(differing)
        raise SystemExit(f"{path} is of a run with another {changed}; delete it to start over, or put that back.")
    return state
