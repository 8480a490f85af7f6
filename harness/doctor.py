"""Looks at the machine and says what is missing and what to do about it. Changes nothing."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from harness.datasets.folder import open_dataset
from harness.machine import this_machine, usable_cores
from harness.nouns import InputError
from harness.rooms import open_room
from harness.tracking import has_key
from harness.workplace import Workplace

GIB = 2**30
NEEDED_DISK = 5 * GIB
NEEDED_MEMORY = 6 * GIB


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `fine` is False where the harness cannot do its main job; `advice` says what to do."""

    what: str
    fine: bool
    says: str
    advice: str = ""


def examine(place: Workplace) -> Iterator[Finding]:
    """Every finding, in the order of use."""
    yield _python()
    yield _cores()
    yield _memory()
    yield _disk(place)
    yield _torch()
    yield _gpu()
    yield _bubblewrap()
    yield _wandb()
    yield from _datasets(place)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    fine = (3, 11) <= sys.version_info[:2] <= (3, 12)
    return Finding("python", fine, found, "" if fine else "use Python 3.11 or 3.12")


def _cores() -> Finding:
    return Finding("cpu", True, f"{usable_cores()} cores, {this_machine().cpu}")


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    fine = free >= NEEDED_MEMORY
    advice = "" if fine else "end other programs: training needs 6 GiB"
    return Finding("memory", fine, f"{free / GIB:.1f} GiB free", advice)


def _disk(place: Workplace) -> Finding:
    folder = place.runs if place.runs.exists() else place.runs.absolute().parent
    free = shutil.disk_usage(folder if folder.exists() else ".").free
    fine = free >= NEEDED_DISK
    return Finding("disk", fine, f"{free / GIB:.1f} GiB free", "" if fine else "free some, or give another --runs")


def _torch() -> Finding:
    # Looked for and not imported: that takes seconds, and a broken torch would break the doctor.
    if importlib.util.find_spec("torch"):
        return Finding("torch", True, "installed, so this machine can train")
    return Finding("torch", False, "not installed", "pip install 'htr-harness[train]', or only `evaluate` here")


def _gpu() -> Finding:
    machine = this_machine()
    if machine.gpu:
        return Finding("gpu", True, f"{machine.gpu}, driver {machine.driver or 'unknown'}")
    return Finding("gpu", True, "none seen; training runs on the CPU")


def _bubblewrap() -> Finding:
    try:
        open_room("bubblewrap")
    except InputError as error:
        return Finding("room", True, f"process only, which isolates nothing: {error}", "install bubblewrap (Linux)")
    return Finding("room", True, "bubblewrap works; it isolates, but is not official")


def _wandb() -> Finding:
    if has_key():
        return Finding("wandb", True, "a key is set, so runs go online")
    return Finding("wandb", True, "no key, so runs are kept offline", "`wandb login` once, to see them online")


def _datasets(place: Workplace) -> Iterator[Finding]:
    folders = sorted(path.parent for path in place.data.glob("*/manifest.json"))
    if not folders:
        advice = "`htr-harness data make synthetic` makes one"
        yield Finding("data", False, f"no dataset in {place.data}{os.sep}", advice)
    for folder in folders:
        try:
            dataset = open_dataset(folder)
        except InputError as error:
            yield Finding("data", False, str(error), "make or import it again")
        else:
            sizes = f"{dataset.train.lines:,} / {dataset.valid.lines:,} / {dataset.test.lines:,} lines"
            yield Finding("data", True, f"{dataset.name} {dataset.version}: {sizes}")
