"""A room runs one command with given mounts and limits; nothing but files comes out of it.

`official` rooms may make records that rank. What each room does not protect against stands in its own module.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from harness.nouns import InputError, Job, Outcome, RoomName
from harness.rooms.bubblewrap import BubblewrapRoom
from harness.rooms.process import ProcessRoom

KNOWN = ("best", "bubblewrap", "process")


class Room(Protocol):
    """The seam between the harness and whatever runs a stranger's program."""

    @property
    def name(self) -> RoomName:
        """Which kind of room this is."""
        ...

    @property
    def official(self) -> bool:
        """Whether records made in it may rank."""
        ...

    def profile(self) -> Mapping[str, object]:
        """The effective settings, for JSON and for a digest; no path of the host stands in them."""
        ...

    def run(self, job: Job, watch: Callable[[float], None]) -> Outcome:
        """Run a job to its end, or to the limit it broke; nothing it started is alive afterwards.

        `watch` is called about once a second, and once at the end, with the seconds so far. Whatever it raises kills
        the job and is raised again. Raises HarnessError where the job cannot be run at all.
        """
        ...


def best_room(gpus: bool = False) -> Room:
    """The most closed room that works here: bubblewrap, else process."""
    room = BubblewrapRoom(gpus=gpus)
    return room if not room.usable() else ProcessRoom()


def open_room(name: str, gpus: bool = False) -> Room:
    """The room of that name. Raises InputError for an unknown name and for a room that does not work here."""
    if name not in KNOWN:
        raise InputError(f"There is no room called {name!r}; choose one of {', '.join(KNOWN)}.")
    if sys.platform == "win32":
        raise InputError("Rooms need Linux or macOS; on Windows use the Windows Subsystem for Linux.")
    if name == "best":
        return best_room(gpus)
    if name == "process":
        return ProcessRoom()
    room = BubblewrapRoom(gpus=gpus)
    if reason := room.usable():
        raise InputError(f"The bubblewrap room does not work here: {reason}")
    return room
