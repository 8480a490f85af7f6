"""Who is told how a run goes: someone who looks on, and someone who keeps the curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from harness.nouns import Phase, Reading


class Show(Protocol):
    """Told what happens, for a person to see."""

    def say(self, sentence: str) -> None: ...
    def progress(self, phase: Phase, done: float, total: float, note: str = "") -> None: ...


class Tracker(Protocol):
    """Told a run's settings, its self-reported curves and its results."""

    def start(self, name: str, config: Mapping[str, Any]) -> None: ...
    def curve(self, row: Mapping[str, float]) -> None: ...
    def finish(self, summary: Mapping[str, Any], model: Path | None, readings: Sequence[Reading]) -> None: ...


class Silent:
    """A Show for those who do not look on."""

    def say(self, sentence: str) -> None:
        """Heard by nobody."""

    def progress(self, phase: Phase, done: float, total: float, note: str = "") -> None:
        """Seen by nobody."""


class Untracked:
    """A Tracker for runs that Weights & Biases is not to hear of."""

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Nothing is started."""

    def curve(self, row: Mapping[str, float]) -> None:
        """Nothing is kept."""

    def finish(self, summary: Mapping[str, Any], model: Path | None, readings: Sequence[Reading]) -> None:
        """Nothing is finished."""
