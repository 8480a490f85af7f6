"""The one supervisor that the rooms share: starts a job through the launcher, watches it, and ends all of it.

It looks about ten times a second, so a job can be over its memory or its number of processes for that long; the
kernel's resource limits are the backstop. Memory that belongs to no process (files in memory that nobody maps) is not
seen. GPU memory is not limited.
"""

import contextlib
import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from harness.nouns import HarnessError, Job, Outcome
from harness.rooms.joblog import JobLog
from harness.rooms.output import overfull
from harness.rooms.tree import Tree, memory

LAUNCHER = Path(__file__).with_name("launcher.py")
Ended = Literal["exited", "seconds", "memory", "processes", "output"]

BEAT = 0.1  # seconds between looks at processes
OUTPUT_BEAT = 0.5
WATCH_BEAT = 1.0
EFFORT = 0.1  # at most this share of the time goes into looking, however slow the machine is to answer
GRACE = 2.0  # seconds between SIGTERM and SIGKILL once the wall clock is over


@dataclass(frozen=True)
class Start:
    """What to start: a command in the host's own terms; `wrappers` of its processes are the room's own."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    resources: Mapping[str, int]
    wrappers: int = 0
    handed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Report:
    """What the launcher told: the command's exit code, and the bytes of its largest process."""

    status: int | None = None
    peak: int = 0


class Beat:
    """When something is due next: every `interval` seconds, or more rarely if doing it takes long."""

    def __init__(self, interval: float) -> None:
        self._interval, self._due = interval, 0.0

    @contextlib.contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether it is due; the time spent inside sets the next turn."""
        began = time.monotonic()
        due = began >= self._due
        yield due
        if due:
            spent = time.monotonic() - began
            self._due = began + max(self._interval, spent / EFFORT)


class Supervision:
    """One job under way. Its state is what was seen so far; it ends when `follow` returns or raises."""

    def __init__(self, job: Job, tree: Tree, control: socket.socket, log: JobLog) -> None:
        self._job, self._tree, self._control, self._log = job, tree, control, log
        self._began = time.monotonic()
        self._looks, self._walks, self._calls = Beat(BEAT), Beat(OUTPUT_BEAT), Beat(WATCH_BEAT)
        self.peak = 0

    def elapsed(self) -> float:
        """Seconds since the job was started."""
        return time.monotonic() - self._began

    def follow(self, watch: Callable[[float], None]) -> Ended:
        """Wait for the command's end or for the first limit it breaks."""
        asked: float | None = None
        while not self._spoke(BEAT):
            if broken := self._broken():
                return broken
            if asked is None and self.elapsed() > self._job.limits.seconds:
                self._tree.terminate()
                asked = self.elapsed()
            if asked is not None and self.elapsed() > asked + GRACE:
                return "seconds"
            if self._log.failure:
                raise HarnessError(_unwritable(self._job.log, self._log.failure))
            with self._calls.turn() as due:
                if due:
                    watch(self.elapsed())
        return "exited" if asked is None else "seconds"

    def overfull(self) -> bool:
        """Whether the job's output breaks its limits now."""
        limits = self._job.limits
        return overfull(self._job.output.host, limits.output_bytes, limits.output_files)

    def report(self, needed: bool) -> Report:
        """What the launcher said, or an empty report where none is `needed` and none comes.

        Raises HarnessError where the command never started, or the launcher is gone.
        """
        told = self._control.recv(4096) if self._spoke(GRACE) else b""
        words = json.loads(told.split(b"\n")[0] or "{}")
        if words.get("started"):
            return Report(words["status"], words["peak"])
        if not needed:
            return Report()
        reason = words.get("reason", "its launcher is gone")
        raise HarnessError(f"The job could not be run to its end: {reason}; its log is {self._job.log}.")

    def _spoke(self, patience: float) -> bool:
        return bool(select.select([self._control], [], [], patience)[0])

    def _broken(self) -> Ended | None:
        limits = self._job.limits
        with self._looks.turn() as due:
            if due:
                processes = self._tree.look()
                if self._tree.crowded(processes, limits.processes):
                    return "processes"
                held = memory(processes, limits.memory_bytes)
                self.peak = max(self.peak, held)
                if held > limits.memory_bytes:
                    return "memory"
        with self._walks.turn() as due:
            if due and self.overfull():
                return "output"
        return None


def supervise(start: Start, job: Job, watch: Callable[[float], None]) -> Outcome:
    """Run a job to its end; whatever happens, nothing of it is alive when this returns or raises."""
    with _opened_log(job) as log:
        with _running(start, log) as (tree, control):
            seen = Supervision(job, tree, control, log)
            ended = seen.follow(watch)
            tree.kill()
            report = seen.report(needed=ended == "exited")
        seconds = seen.elapsed()
    if log.failure:
        raise HarnessError(_unwritable(job.log, log.failure))
    if ended == "exited" and seen.overfull():
        ended = "output"
    watch(seconds)
    return Outcome(ended, report.status, seconds, max(seen.peak, report.peak))


def _opened_log(job: Job) -> JobLog:
    try:
        return JobLog(job.log, job.limits.log_bytes)
    except OSError as error:
        raise HarnessError(_unwritable(job.log, error)) from error


def _unwritable(log: Path, error: OSError) -> str:
    return f"The job was stopped: its log {log} cannot be written ({error.strerror}); mend that and run it again."


@contextlib.contextmanager
def _running(start: Start, log: JobLog) -> Iterator[tuple[Tree, socket.socket]]:
    """The processes of a started command, and the line to its launcher; afterwards none of them is alive."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            launcher = _launched(start, theirs, log)
        tree = Tree(psutil.Process(launcher.pid), start.wrappers)
        try:
            yield tree, ours
        finally:
            ended = tree.kill()
            ours.close()  # the launcher now kills what is left, and ends
            _bury(launcher)
    if not ended:
        raise HarnessError("Some of the job's processes could not be killed; look for them before running it again.")


def _launched(start: Start, control: socket.socket, log: JobLog) -> subprocess.Popen[bytes]:
    options = json.dumps({"control": control.fileno(), "limits": dict(start.resources)})
    try:
        return subprocess.Popen(
            (sys.executable, "-I", "-S", str(LAUNCHER), options, *start.command),
            cwd=start.directory,
            env=dict(start.environment),
            stdin=subprocess.DEVNULL,
            stdout=log.writer,
            stderr=log.writer,
            pass_fds=(control.fileno(), *start.handed),
            start_new_session=True,  # a Ctrl-C at the terminal reaches the harness alone, which then ends the job
        )
    except OSError as error:
        raise HarnessError(f"The job cannot start: {error}.") from error
    finally:
        log.let_go()


def _bury(launcher: subprocess.Popen[bytes]) -> None:
    try:
        launcher.wait(timeout=10)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()
