"""Time and pace: how long this process has run, how far training has come, and the learning rate there."""

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_AGE = 10.0
"""Seconds a process is taken to have run where the system does not tell: imports on a busy machine."""
LATE = 0.5
"""A run of a fixed number of steps looks at the time only after this share of it."""


def process_age() -> float:
    """Seconds since this process started, from Linux's process table; UNKNOWN_AGE where that gives no sense."""
    try:
        started = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        age = float(Path("/proc/uptime").read_text().split()[0]) - started / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return UNKNOWN_AGE
    # In some containers the two clocks start at different times.
    return age if 0 <= age <= 600 else UNKNOWN_AGE


class Budget:
    """The seconds a room allows, counted from the process's start. `earlier` are those of interrupted attempts."""

    def __init__(self, seconds: float, age: float, earlier: float = 0.0) -> None:
        self.seconds, self.earlier = seconds, earlier
        self._start = time.monotonic() - age

    def here(self) -> float:
        """Seconds of this process alone."""
        return time.monotonic() - self._start

    def elapsed(self) -> float:
        """Seconds of all attempts together."""
        return self.earlier + self.here()


@dataclass
class Pace:
    """How far training has come, from 0 to 1.

    begin, end: the first and the last second of training, on the clock of `Budget.elapsed`. steps: the number of
    steps, or 0 to fill the time. A run of fixed steps on a machine too slow for them lets go of their number
    once it is late, and spends what is left of the time on what is left of the schedule: there still is a model.
    """

    steps: int
    begin: float
    end: float
    _late: tuple[float, float] | None = None

    def progress(self, step: int, elapsed: float) -> float:
        """The share done before this step; 1 or more means stop."""
        passed = (elapsed - self.begin) / max(1e-9, self.end - self.begin)
        if not self.steps:
            return passed
        done = step / self.steps
        if self._late is None and passed > LATE and done < passed:
            self._late = passed, done
        if self._late is None:
            return done
        since, then = self._late
        return max(done, then + (1 - then) * (passed - since) / max(1e-9, 1 - since))

    @property
    def late(self) -> bool:
        """Whether the number of steps was given up."""
        return self._late is not None


def learning_rate(progress: float, highest: float, warmup: float) -> float:
    """Up in a straight line over the share `warmup`, then down along half a cosine to a hundredth."""
    if progress < warmup:
        return highest * (0.04 + 0.96 * progress / warmup)
    down = (min(1.0, progress) - warmup) / (1 - warmup)
    return highest * (0.01 + 0.99 * (1 + math.cos(math.pi * down)) / 2)
