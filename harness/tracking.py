"""Weights & Biases: sole user of wandb and sole reader of its key. A failing W&B never fails a run.

Everything it stages lies in one folder of the run, so that an offline run can be synced later (`wandb sync`). It logs
only what the host read and checked itself; no file of a participant's is synced.
"""

import netrc
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import wandb

from harness.nouns import InputError, Reading
from harness.watchers import Tracker, Untracked

PROJECT = "htr-harness"


class WandbTracker:
    """One W&B run per submission; offline where there is no key or the server cannot be reached.

    `where` is the folder for everything W&B writes; `complain` is told, once, when W&B failed.
    """

    def __init__(self, where: Path, complain: Callable[[str], None], offline: bool = False) -> None:
        self.where, self.complain = where, complain
        self.offline = offline or not has_key()
        self._run: Any = None

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Begin a W&B run of this name."""
        self._safely(lambda: self._begin(name, config))

    def _begin(self, name: str, config: Mapping[str, Any]) -> None:
        self.where.mkdir(parents=True, exist_ok=True)
        for variable in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"):
            os.environ[variable] = str(self.where)
        os.environ["WANDB_ERROR_REPORTING"] = "false"
        try:
            self._run = self._init(name, config, "offline" if self.offline else "online")
        except wandb.errors.Error:
            if self.offline:
                raise
            self.complain("W&B could not be reached; the run is kept offline.")
            self._run = self._init(name, config, "offline")

    def _init(self, name: str, config: Mapping[str, Any], mode: Any) -> Any:
        settings = wandb.Settings(init_timeout=10, finish_timeout=60, silent=True, x_disable_stats=True,
                                  console="off", disable_code=True)  # fmt: skip
        return wandb.init(project=os.environ.get("WANDB_PROJECT", PROJECT), name=name, config=dict(config), mode=mode,
                          dir=str(self.where), settings=settings, reinit="finish_previous")  # fmt: skip

    def curve(self, row: Mapping[str, float]) -> None:
        """One row of a training curve, as the participant's program reports it."""
        if self._run is not None:
            self._safely(lambda: self._run.log({f"self-reported/{key}": value for key, value in row.items()}))

    def finish(self, summary: Mapping[str, Any], model: Path | None, readings: Sequence[Reading]) -> None:
        """The final figures, the model as an artifact, and a table of validation lines with their readings."""
        if self._run is not None:
            self._safely(lambda: self._end(summary, model, readings))
            self._run = None

    def _end(self, summary: Mapping[str, Any], model: Path | None, readings: Sequence[Reading]) -> None:
        self._run.summary.update(dict(summary))
        if model is not None:
            artifact = wandb.Artifact(f"model-{self._run.id}", type="model")
            artifact.add_file(str(model), name="model.onnx")
            self._run.log_artifact(artifact)
        if readings:
            rows = [[reading.id, reading.text, reading.reading] for reading in readings]
            self._run.log({"validation lines": wandb.Table(["line", "text", "reading"], rows)})
        self._run.finish(exit_code=0 if "character_accuracy" in summary else 1)

    def _safely(self, step: Callable[[], None]) -> None:
        # W&B can fail in any way, down to its own service dying; the run must not.
        try:
            step()
        except Exception as error:
            self._run = None
            self.complain(f"W&B failed ({type(error).__name__}: {str(error)[:200]}); the run goes on without it.")


def tracker_of(wish: str, complain: Callable[[str], None]) -> Callable[[Path], Tracker]:
    """What makes a run's tracker, given the folder for it: `auto`, `offline` or `off`."""
    if wish not in ("auto", "offline", "off"):
        raise InputError(f"--wandb {wish}: give auto, offline or off.")
    if wish == "off":
        return lambda _: Untracked()
    return lambda where: WandbTracker(where, complain, offline=wish == "offline")


def has_key() -> bool:
    """Whether W&B would find a key, in WANDB_API_KEY or in a netrc file; the key itself goes nowhere."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    server = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(server) is not None
    except (OSError, netrc.NetrcParseError):
        return False
