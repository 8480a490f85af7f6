"""What machine this is, read from the system's own files; starts no program."""

import os
import platform
import re
from pathlib import Path

import psutil

from harness.nouns import Machine

PROC = Path("/proc")


def this_machine(gpu: bool = True) -> Machine:
    """CPU model, cores, memory in bytes; GPU model and driver where there is one and `gpu` is wanted."""
    name, driver = (_gpu(PROC), _driver(PROC)) if gpu else ("", "")
    return Machine(_cpu(PROC), psutil.cpu_count() or 1, psutil.virtual_memory().total, name, driver)


def _cpu(proc: Path) -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _text(proc / "cpuinfo"), re.MULTILINE)
    return found.group(1).strip() if found else platform.processor() or platform.machine()


def _gpu(proc: Path) -> str:
    for information in sorted((proc / "driver" / "nvidia" / "gpus").glob("*/information")):
        found = re.search(r"^Model:\s*(.+)$", _text(information), re.MULTILINE)
        if found:
            return found.group(1).strip()
    return ""


def _driver(proc: Path) -> str:
    found = re.search(r"Kernel Module[^\d]*([\d.]+)", _text(proc / "driver" / "nvidia" / "version"))
    return found.group(1) if found else ""


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else psutil.cpu_count() or 1
