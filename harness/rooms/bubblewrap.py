"""A room of Linux namespaces, by bubblewrap: where there is no container engine, and weaker than one.

The job sees the system's programs, this Python and our two packages, all read-only, and its mounts. It has no network,
no capabilities, nobody else's processes, and none of the host's variables. It does not protect against holes in the
kernel, most of whose calls are open to it, and it has no control groups: memory and processes are watched from outside
(see watching.py), and files in its /tmp and /dev/shm cost memory up to the size of those.
"""

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from harness.nouns import HarnessError, Job, Limits, Mount, Outcome, RoomName
from harness.rooms import seccomp
from harness.rooms.preparing import all_mounts, environment, path_of, resource_limits, spelled
from harness.rooms.walls import CODE_INSIDE, HOME, SCRATCH, devices, doors, profile, walls
from harness.rooms.watching import Start, supervise

PASSWD = b"room:x:1000:1000:room:/tmp/home:/bin/sh\n"
OLDEST = (0, 8)  # the first that can forbid user namespaces inside its own
WRAPPERS = 2  # bubblewrap itself, and the first process inside


class BubblewrapRoom:
    """Runs a job inside namespaces. A place is spelled by its path inside. `gpus` lets NVIDIA's devices in."""

    name: RoomName = "bubblewrap"
    official = False

    def __init__(self, gpus: bool = False) -> None:
        self._gpus = gpus

    def profile(self) -> Mapping[str, object]:
        """Every setting that makes the walls; the same on every machine that makes the same walls."""
        refused = sorted((*seccomp.REFUSED, *seccomp.ABSENT))
        return {"room": self.name, **profile(), "refused_calls": refused, "gpus": self._gpus}

    def usable(self) -> str:
        """Why this room does not work here, and what to do; empty where it works, as seen by running Python in it."""
        if sys.platform != "linux" or platform.machine() not in seccomp.MACHINES:
            return "it needs Linux on x86-64 or ARM64; use the process room for your own code."
        if not shutil.which("bwrap"):
            return "bwrap is not installed; install the package bubblewrap."
        if _version() < OLDEST:
            return "its bwrap is older than 0.8; install a newer bubblewrap."
        with tempfile.TemporaryDirectory(prefix="room-") as folder:
            return self._trial(Path(folder))

    def run(self, job: Job, watch: Callable[[float], None]) -> Outcome:
        """Run a job; see Room. Raises HarnessError where it cannot be run.

        An exit code of 128 + n is told as signal n: that is how bubblewrap passes a signal on.
        """
        with contextlib.ExitStack() as opened:
            status, tell = opened.enter_context(_pipe())
            rules = opened.enter_context(_filled(seccomp.program(platform.machine())))
            passwd = opened.enter_context(_filled(PASSWD))
            nodes = opened.enter_context(devices(self._gpus))
            fixed = walls(job.limits.memory_bytes, nodes, passwd)
            told = ("--json-status-fd", str(tell), "--seccomp", str(rules))
            outcome = supervise(self._start(job, fixed + told, (tell, rules, passwd)), job, watch)
            if outcome.ended == "exited" and "exit-code" not in _told(status):
                raise HarnessError(f"bubblewrap could not start the job: {_last_line(job.log)}")
        return replace(outcome, exit_code=_as_signal(outcome.exit_code))

    def _start(self, job: Job, fixed: tuple[str, ...], handed: tuple[int, ...]) -> Start:
        mounts, words = all_mounts(job), spelled(job, _inside)
        assigned = os.environ.get("CUDA_VISIBLE_DEVICES")
        passed = {"CUDA_VISIBLE_DEVICES": assigned} if self._gpus and assigned is not None else {}
        variables = environment(job, HOME, SCRATCH, Path(CODE_INSIDE), passed)
        setting = tuple(word for name, value in variables.items() for word in ("--setenv", name, value))
        directory = path_of(job.directory, job, _inside) if job.directory else SCRATCH
        inside = (*doors(mounts), "--remount-ro", "/", *setting, "--chdir", directory, "--")
        resources = resource_limits(job.limits, memory_backstop=not self._gpus)
        command = (_program(), *fixed, *inside, *words)
        return Start(command, {"PATH": os.defpath}, Path("/"), resources, WRAPPERS, handed)

    def _trial(self, folder: Path) -> str:
        out = folder / "out"
        out.mkdir()
        limits = Limits(seconds=60, memory_bytes=2**30)
        mount = Mount(out, "/out", True)
        job = Job(("python", "-c", "import harness.nouns"), (mount,), limits, folder / "log", mount)
        try:
            outcome = self.run(job, lambda _: None)
        except HarnessError as error:
            return f"{error} Allow user namespaces to ordinary users, or use the process room for your own code."
        return "" if outcome.exit_code == 0 else f"this Python does not run in it: {_last_line(job.log)}"


def _inside(mount: Mount) -> str:
    return mount.inside


def _program() -> str:
    return shutil.which("bwrap") or "bwrap"


def _version() -> tuple[int, ...]:
    told = subprocess.run((_program(), "--version"), capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in re.findall(r"\d+", told)[:2])


def _as_signal(code: int | None) -> int | None:
    return 128 - code if code is not None and 128 < code <= 128 + 64 else code


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    said = [line for line in lines if line.strip()]
    return said[-1].strip() if said else "it printed nothing."


def _told(status: int) -> str:
    """What bubblewrap wrote about its job; a job that never started has no exit code in it."""
    with contextlib.suppress(BlockingIOError):
        return os.read(status, 2**16).decode()
    return ""


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)


@contextlib.contextmanager
def _filled(data: bytes) -> Iterator[int]:
    """A descriptor to read these few bytes from."""
    reader, writer = os.pipe()
    try:
        os.write(writer, data)
        os.close(writer)
        yield reader
    finally:
        os.close(reader)
