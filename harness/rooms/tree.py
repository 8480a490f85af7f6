"""Every process below a launcher, found again even after it left its parent.

On Linux the launcher is a subreaper, so orphans stay below it. What was seen once is also remembered by process id and
start time, for systems without subreapers and for a launcher that was killed. A process that leaves its parent
between two looks on such a system is not found.
"""

import contextlib
import time

import psutil


class Tree:
    """The processes below `root`, which itself is not counted. `wrappers` of them are the room's own."""

    def __init__(self, root: psutil.Process, wrappers: int = 0) -> None:
        self._root, self._wrappers = root, wrappers
        self._seen: set[psutil.Process] = set()

    def look(self) -> list[psutil.Process]:
        """The processes that exist now, dead ones that nobody buried included."""
        now = _below(self._root)
        for stray in self._seen.difference(now):
            if stray.is_running():
                now |= {stray} | _below(stray)
        self._seen = now
        return list(now)

    def crowded(self, processes: list[psutil.Process], most: int) -> bool:
        """Whether the job itself has more than `most` processes and threads: what an engine's limit on pids counts."""
        allowed = most + self._wrappers
        return len(processes) > allowed or sum(map(_threads, processes)) > allowed

    def terminate(self) -> None:
        """Ask everything to end, except the room's own processes, whose end would be everybody's at once."""
        spared = _below(self._root, recursive=False) if self._wrappers else set()
        for process in set(self.look()) - spared:
            with contextlib.suppress(psutil.Error):
                process.terminate()

    def kill(self, patience: float = 10.0) -> bool:
        """Kill in rounds until nothing lives, for at most `patience` seconds; whether nothing does."""
        until = time.monotonic() + patience
        for process in _below(self._root, recursive=False) if self._wrappers else ():
            with contextlib.suppress(psutil.Error):
                process.kill()  # the room's own process takes all its namespace along, however fast that grows
        while living := [process for process in self.look() if _lives(process)]:
            if time.monotonic() > until:
                return False
            for process in living:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            time.sleep(0.002)
        return True


def memory(processes: list[psutil.Process], limit: int) -> int:
    """Bytes that processes hold together.

    Resident sizes are cheap to read but count a page once for each process that shares it. Where their sum is above the
    limit, shares are counted instead (PSS), which is exact and slow; a process that hides its own counts in full.
    """
    quick = sum(map(_resident, processes))
    return quick if quick <= limit else sum(map(_share, processes))


def _below(process: psutil.Process, recursive: bool = True) -> set[psutil.Process]:
    try:
        return set(process.children(recursive=recursive))
    except psutil.Error:
        return set()


def _threads(process: psutil.Process) -> int:
    try:
        return int(process.num_threads())
    except psutil.Error:
        return 1


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _share(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.uss))
    except psutil.Error:
        return _resident(process)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
