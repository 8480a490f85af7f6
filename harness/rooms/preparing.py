"""What both rooms do before they start a job: check it, spell its paths, and build its environment from nothing."""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

import harness
from harness.nouns import HarnessError, Job, Limits, Mount, Place

CODE = ("harness", "baseline")
"""Our own packages, which jobs may import. They lie side by side in a checkout and in an installation alike."""

OPEN_FILES = 4096
MEMORY_SLACK = 4 * 2**30
SPARE_TASKS = 1024


def code_root() -> Path:
    """The folder that holds our packages; in a checkout it also holds what no job may see."""
    return Path(harness.__file__).resolve().parent.parent


def all_mounts(job: Job) -> tuple[Mount, ...]:
    """A job's mounts, its output among them, outer ones first. Raises HarnessError for one that is not there."""
    mounts = dict.fromkeys((*job.mounts, job.output))
    for mount in mounts:
        if not mount.host.exists():
            raise HarnessError(f"The job cannot start: {mount.host}, which it sees at {mount.inside}, is missing.")
        if not mount.inside.startswith("/") or ".." in mount.inside.split("/"):
            raise HarnessError(f"The job cannot start: {mount.inside!r} is no absolute path to mount something at.")
    if not job.output.host.is_dir() or not job.output.writable:
        raise HarnessError(f"The job cannot start: its output {job.output.host} must be a writable folder.")
    return tuple(sorted(mounts, key=lambda mount: mount.inside.count("/")))


def spelled(job: Job, base: Callable[[Mount], str]) -> tuple[str, ...]:
    """The job's command with every place as a path; `python` becomes this interpreter.

    Raises HarnessError where the program does not exist.
    """
    words = [word if isinstance(word, str) else path_of(word, job, base) for word in job.command]
    if words and words[0] == "python":
        words[0] = sys.executable
    first = job.command[0] if job.command else ""
    there = _host_path(first).is_file() if isinstance(first, Place) else bool(words and shutil.which(words[0]))
    if not there:
        raise HarnessError(f"The job cannot start: there is no program {words[0] if words else ''!r}; install it.")
    return tuple(words)


def path_of(place: Place, job: Job, base: Callable[[Mount], str]) -> str:
    """One place as a path. Raises HarnessError for a place outside the job's mounts."""
    if place.mount not in (*job.mounts, job.output):
        raise HarnessError(f"The job cannot start: {place.below!r} lies in {place.mount.inside}, which is not mounted.")
    return f"{base(place.mount).rstrip('/')}/{place.below}".rstrip("/") or "/"


def environment(job: Job, home: str, scratch: str, code: Path, passed: Mapping[str, str]) -> dict[str, str]:
    """Every variable a job sees: none is the host's own but those in `passed`, so no key or token of a shell gets in.

    `code` holds our packages as the room shows them; a PYTHONPATH of the job's own is searched before it.
    """
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        str(job.limits.threads),
    )
    python = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0"}
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    place = {"PATH": path, "HOME": home, "TMPDIR": scratch, "LANG": "C.UTF-8", "USER": "room", "LOGNAME": "room"}
    own = {**place, **threads, **python, **passed, **job.environment}
    roads = [road for road in (job.environment.get("PYTHONPATH"), str(code)) if road]
    return {**own, "PYTHONPATH": ":".join(roads)}


def resource_limits(limits: Limits, memory_backstop: bool) -> dict[str, int]:
    """The kernel's own limits, for what happens faster than anyone looks.

    A file may be one page too long, so that a file at its limit is seen to break it. Memory is a far backstop for one
    process, because programs map more than they use, and off where a GPU's driver maps many times more.
    """
    chosen = {"CORE": 0, "FSIZE": limits.output_bytes + 4096, "NOFILE": OPEN_FILES}
    if memory_backstop:
        chosen["DATA"] = 2 * limits.memory_bytes + MEMORY_SLACK
    if tasks := _tasks_of_this_user():
        chosen["NPROC"] = tasks + limits.processes + SPARE_TASKS
    return chosen


def _tasks_of_this_user() -> int:
    """The kernel counts a user's tasks on the whole machine, so the limit starts from those; root has no such limit."""
    me = psutil.Process().uids().real
    if me == 0:
        return 0
    everyone = psutil.process_iter(["uids", "num_threads"])
    mine = [one.info for one in everyone if one.info["uids"] and one.info["uids"].real == me]
    return sum(info["num_threads"] or 1 for info in mine)


def _host_path(place: Place) -> Path:
    return place.mount.host / place.below
