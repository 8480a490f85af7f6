"""The standard recipe: from a network and lines to trained weights. It reads from top to bottom.

AdamW on one cycle, CTC in float32, everything else in bfloat16 where the device has it; the weights that are kept
are a moving average. Bounded by the time allowed, or by a number of steps, which makes a run on one CPU reproducible
to the byte.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baseline import checkpoint
from baseline.augment import augment
from baseline.batches import Batch, Order, Pages
from baseline.curve import Curve
from baseline.reader import frames_of, half_precision, ink_of, validate
from baseline.schedule import Budget, Pace, learning_rate
from harness.nouns import Task

Row = dict[str, float | int | None]
VALID_LINES = 200
"""Lines of a validation during training; the last one takes all."""


@dataclass(frozen=True)
class Recipe:
    """The settings of the recipe, the keys of [recipe] in submission.toml.

    steps: batches to train on; 0 fills the time allowed. batch_size: lines. learning_rate: the highest of the cycle.
    warmup: share of the run until then. weight_decay: AdamW's. clip: longest gradient. shortcut: weight of a second
    output in training, if the network has one. average: how much of the moving average stays at each step.
    augmentation: strength of the distortions, 0 for none, 1 for the usual. validations: how often to look at the
    validation lines on the way.
    """

    steps: int = 0
    batch_size: int = 16
    learning_rate: float = 3e-3
    warmup: float = 0.05
    weight_decay: float = 0.01
    clip: float = 2.0
    shortcut: float = 0.2
    average: float = 0.998
    augmentation: float = 0.5
    validations: int = 8

    def __post_init__(self) -> None:
        if not self.batch_size or not 0 <= self.warmup < 1 or not 0 <= self.average < 1:
            raise SystemExit("[recipe] needs a batch_size of 1 or more, a warmup below 1 and an average below 1.")


@dataclass(frozen=True)
class Work:
    """What is trained on. valid_texts: one text a validation line. about: what makes this run this run."""

    train: Pages
    valid: Pages
    valid_texts: tuple[str, ...]
    task: Task
    about: Mapping[str, Any]


def train(network: nn.Module, work: Work, recipe: Recipe, budget: Budget, reserve: float, out: Path) -> nn.Module:
    """Train until the steps are done or only `reserve` seconds of the budget are left; returns the averaged network.

    Goes on from OUT/keep/checkpoint.pt where it exists. SystemExit where the loss is no finite number any more.
    """
    network = network.to(work.train.device, memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    run = _resume(Run(network, average, optimiser), work, budget, out)
    pace = Pace(recipe.steps, run.begin, budget.seconds - reserve)
    order = Order(work.train.widths, recipe.batch_size, work.task.seed)
    curve, meter = Curve(out), Meter(budget.elapsed())
    stage = _stage(pace, run.step, budget, recipe)

    while (progress := pace.progress(run.step, budget.elapsed())) < 1:
        rate = learning_rate(progress, recipe.learning_rate, recipe.warmup)
        batch = work.train.assemble(order.at(run.step))
        loss = _learn(run, batch, recipe, rate, work.task.seed)
        if not math.isfinite(loss):
            raise SystemExit(f"The loss is {loss} at step {run.step}; lower learning_rate (now {rate:.2g} there).")
        _follow(average, network, min(recipe.average, run.step / (run.step + 10)))
        row = meter.row(run.step, recipe.steps, budget.elapsed(), loss, rate, len(batch))
        if stage < (stage := _stage(pace, run.step, budget, recipe)) <= recipe.validations:
            row |= validation(average, work, VALID_LINES)
        if curve.due(budget.elapsed()) or "valid_cer" in row or run.step == recipe.steps:
            curve.add(row)
        if budget.elapsed() - run.saved > checkpoint.INTERVAL:
            _save(run, work, budget, out)
    if not run.step:
        spent = math.ceil(budget.elapsed() + reserve)
        raise SystemExit(f"{budget.seconds:g} seconds are too few: starting and exporting alone take {spent} here.")
    _save(run, work, budget, out)
    curve.close()
    return average


@dataclass
class Run:
    """What changes while training goes on, and what a checkpoint keeps of it. Seconds are on the budget's clock."""

    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    step: int = 0
    begin: float = 0.0
    saved: float = 0.0


class Meter:
    """Makes the rows of the curve; the rate of lines is a mean over this attempt."""

    def __init__(self, since: float) -> None:
        self._since, self._lines = since, 0

    def row(self, step: int, steps: int, seconds: float, loss: float, rate: float, lines: int) -> Row:
        self._lines += lines
        a_second = self._lines / max(1e-3, seconds - self._since)
        return {
            "step": step, "steps": steps or None, "seconds": round(seconds, 2), "loss": round(loss, 5),
            "learning_rate": round(rate, 8), "lines_per_second": round(a_second, 1),
        }  # fmt: skip


def _learn(run: Run, batch: Batch, recipe: Recipe, rate: float, seed: int) -> float:
    """One step on one batch; returns its loss, edits in nats a character, before the step."""
    run.network.train()
    # Its own generator for each step: what a batch looks like depends on nothing that came before it.
    generator = torch.Generator().manual_seed(seed * 1_000_003 + run.step)
    ink, widths = augment(ink_of(batch.images), batch.widths, generator, recipe.augmentation)
    with half_precision(ink.device):
        outputs = run.network(ink.contiguous(memory_format=torch.channels_last))
    first, *others = outputs if isinstance(outputs, tuple) else (outputs,)
    loss = _ctc(first, batch, widths, ink.shape[3])
    for other in others:
        loss = loss + recipe.shortcut * _ctc(other, batch, widths, ink.shape[3])
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    run.optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(run.network.parameters(), recipe.clip)
    run.optimiser.step()
    run.step += 1
    return float(loss.detach())


def _ctc(logits: Tensor, batch: Batch, widths: Tensor, padded: int) -> Tensor:
    """The loss a character. Padded int64 targets keep CUDA off cuDNN's CTC, which ignores zero_infinity."""
    frames = frames_of(widths, padded, logits.shape[1])
    log_probabilities = logits.float().log_softmax(2).transpose(0, 1)
    losses = F.ctc_loss(log_probabilities, batch.targets, frames, batch.lengths, reduction="sum", zero_infinity=True)
    return losses / batch.lengths.sum().clamp_min(1)


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move the averaged weights and statistics a little towards the network's."""
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        kept.lerp_(new, 1 - keep) if kept.is_floating_point() else kept.copy_(new)


def _stage(pace: Pace, step: int, budget: Budget, recipe: Recipe) -> int:
    """In which part of the run this step is; each change of part asks for a validation."""
    return int(pace.progress(step, budget.elapsed()) * (recipe.validations + 1))


def validation(network: nn.Module, work: Work, most: int | None = None) -> Row:
    """The judge's figures on validation lines, as part of a row."""
    found = validate(network, work.valid, work.valid_texts, work.task.alphabet, most)
    return {"valid_cer": round(found.cer, 5), "valid_mean_line_accuracy": round(found.mean_line_accuracy, 5)}


def _save(run: Run, work: Work, budget: Budget, out: Path) -> None:
    run.saved = budget.elapsed()
    random = {"cpu": torch.get_rng_state()}
    if work.train.device.type == "cuda":
        random["cuda"] = torch.cuda.get_rng_state()
    parts = {"network": run.network, "average": run.average, "optimiser": run.optimiser}
    state = {name: part.state_dict() for name, part in parts.items()}
    clock = {"step": run.step, "begin": run.begin, "seconds": run.saved}
    checkpoint.save(out, {"about": dict(work.about), "random": random, **clock, **state})


def _resume(run: Run, work: Work, budget: Budget, out: Path) -> Run:
    """The run as its checkpoint left it; without one, as it is, begun now."""
    state = checkpoint.load(out, work.about)
    if state is None:
        run.begin = run.saved = budget.elapsed()
        return run
    for name in ("network", "average", "optimiser"):
        getattr(run, name).load_state_dict(state[name])
    torch.set_rng_state(state["random"]["cpu"])
    if "cuda" in state["random"] and work.train.device.type == "cuda":
        torch.cuda.set_rng_state(state["random"]["cuda"])
    budget.earlier = max(budget.earlier, state["seconds"])
    run.step, run.begin, run.saved = state["step"], state["begin"], budget.elapsed()
    return run
