"""Rooms to try, and a stage that runs small programs in them and looks for what they leave alive."""

import os
import textwrap
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from harness.nouns import Job, Limits, Mount, Outcome
from harness.rooms import Room
from harness.rooms.bubblewrap import BubblewrapRoom
from harness.rooms.process import ProcessRoom

MIB = 2**20


def quiet(elapsed: float) -> None:
    """A watcher that has nothing to say."""


@dataclass
class Stage:
    """A folder to write in, a log, and a mark on the command line by which a program's processes are found."""

    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def job(self, program: str, *mounts: Mount, **limits: int | float) -> Job:
        """A job for a Python program that finds OUT in sys.argv[1] and the mounts after the mark."""
        self.out.mkdir(exist_ok=True)
        out = Mount(self.out, "/out", True)
        words = (out.at(), self.mark, *(mount.at() for mount in mounts))
        allowed = Limits(**{"seconds": 60, "memory_bytes": 1024 * MIB, "log_bytes": 20_000} | limits)
        return Job(("python", "-c", textwrap.dedent(program), *words), (*mounts, out), allowed, self.log, out)

    def run(
        self, room: Room, program: str, *mounts: Mount, watch: Callable[[float], None] = quiet, **limits: int | float
    ) -> Outcome:
        """Run a program; whatever it does, nothing of it may be alive afterwards."""
        try:
            return room.run(self.job(program, *mounts, **limits), watch)
        finally:
            assert self.living() == []

    def living(self) -> list[int]:
        """The processes that carry the mark and are not dead."""
        everyone = psutil.process_iter(["cmdline", "status"])
        marked = [one for one in everyone if self.mark in (one.info["cmdline"] or ())]
        return [one.pid for one in marked if one.info["status"] != psutil.STATUS_ZOMBIE]

    def said(self) -> str:
        """What the program printed."""
        return self.log.read_text()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A fresh stage."""
    return Stage(tmp_path)


@pytest.fixture(scope="session")
def bubblewrap() -> Room:
    """The bubblewrap room, where it works; HTR_REQUIRE=all makes its absence a failure."""
    room = BubblewrapRoom()
    if reason := room.usable():
        (pytest.fail if os.environ.get("HTR_REQUIRE") == "all" else pytest.skip)(f"no bubblewrap room: {reason}")
    return room


@pytest.fixture(params=["process", "bubblewrap"])
def room(request: pytest.FixtureRequest) -> Room:
    """Each room in turn."""
    return ProcessRoom() if request.param == "process" else request.getfixturevalue("bubblewrap")
