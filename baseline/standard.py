"""The room's training program: task and data in, a trained and exported model out.

`main(build_model)` reads sys.argv[1:]: DATA, OUT and, optionally, the submission's [recipe] as a JSON object. The
module contract: `build_model(task)` returns an nn.Module that takes float images (batch, 1, height, width), ink 1 on
paper 0, with paper after each line, and returns logits (batch, time, classes): the blank, then the alphabet's entries.
In training it may return a tuple of such logits; those after the first are weighted by the recipe's `shortcut`.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import nn

from baseline.batches import Pages
from baseline.curve import Curve
from baseline.export import Image, export
from baseline.labels import encode_all, learnable
from baseline.reader import read, steps_of
from baseline.recipe import Recipe, Work, train, validation
from baseline.schedule import Budget, process_age
from baseline.settings import read_settings
from harness.documents import read_noun
from harness.lines import Lines, read_lines
from harness.nouns import InputError, Task

BuildModel = Callable[[Task], nn.Module]
CHECKED_LINES = 64
"""Validation lines on which the exported file must read like the network."""
REHEARSED_LINES = 64
SAFETY = 3.0
"""The export at the end is given so many times what it took in the rehearsal, and the share SPARE of all seconds more.

A machine can slow down under a run: 6 of 240 seconds were seen to be too few, and then there is no model.
"""
SPARE = 0.02


def main(build_model: BuildModel, recipe: Recipe | None = None) -> None:
    """Train and export; see the module's docstring. recipe: where the program knows it itself."""
    age = process_age()
    data, out, given = _arguments(sys.argv[1:])
    if recipe is None:
        (recipe,) = read_settings(given, Recipe)
    try:
        task = read_noun(data / "task.json", Task)
        splits = read_lines(data / "train.h5"), read_lines(data / "valid.h5")
    except InputError as error:
        raise SystemExit(str(error)) from None
    run(build_model, recipe, task, *splits, out, Budget(task.seconds, age, task.seconds_used))


def _arguments(words: Sequence[str]) -> tuple[Path, Path, Mapping[str, object]]:
    if len(words) not in (2, 3):
        raise SystemExit("Needs the arguments DATA and OUT, and takes a JSON object with the recipe's settings.")
    try:
        given = json.loads(words[2]) if len(words) == 3 else {}
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise SystemExit('The third argument is no JSON object with the recipe\'s settings, such as {"steps": 500}.')
    return Path(words[0]), Path(words[1]), given


def run(
    build_model: BuildModel,
    recipe: Recipe,
    task: Task,
    train_lines: Lines,
    valid_lines: Lines,
    out: Path,
    budget: Budget,
) -> None:
    """Everything between the data and OUT/model.onnx, within the budget."""
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    device = _device(task)
    out.mkdir(parents=True, exist_ok=True)
    network = _build(build_model, task)
    work = prepare(network, recipe, task, train_lines, valid_lines, device)
    samples = _samples(valid_lines if len(valid_lines) else train_lines)
    reserve, reading = rehearse(network, work, samples, out)
    print(f"{len(work.train)} lines on {device}; {reserve:.0f} s kept back for the end.", flush=True)
    average = train(network, work, recipe, budget, reserve, out)
    export(average, task.alphabet, samples, out / "model.onnx")
    if len(valid_lines) and budget.seconds - budget.elapsed() > SPARE * budget.seconds + reading:
        average = average.to(device)
        final = validation(average, work)
        print(f"validation: {final}; {budget.here():.0f} s in all.", flush=True)
        curve = Curve(out)
        curve.add({"seconds": round(budget.elapsed(), 2), **final})
        curve.close()


def _device(task: Task) -> torch.device:
    if task.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("The task asks for the device cuda, but this torch sees none here; ask for cpu.")
    return torch.device(task.device)


def _build(build_model: BuildModel, task: Task) -> nn.Module:
    network = build_model(task)
    if not isinstance(network, nn.Module):
        raise SystemExit(f"build_model(task) returns a {type(network).__name__}; it must return a torch.nn.Module.")
    return network


def prepare(
    network: nn.Module, recipe: Recipe, task: Task, train_lines: Lines, valid_lines: Lines, device: torch.device
) -> Work:
    """Check data and network against each other, and put the lines where they are used."""
    if not len(train_lines) or train_lines.texts is None:
        raise SystemExit("train.h5 holds no lines with texts, so there is nothing to learn from.")
    targets = encode_all(train_lines.texts, train_lines.ids, task.alphabet)
    classes, widest = len(task.alphabet) + 1, int(train_lines.widths.max())
    steps = steps_of(network, task.height, widest, classes)
    given = (train_lines.widths * steps + widest - 1) // widest
    chosen, note = learnable(targets, given, train_lines.ids)
    if note:
        print(note, flush=True)
    train_pages = _pages(train_lines, chosen, [targets[i] for i in chosen], device)
    every = np.arange(len(valid_lines))
    valid_pages = _pages(valid_lines, every, [np.zeros(0, np.int64)] * len(every), device)
    about = {"recipe": asdict(recipe), "seed": task.seed, "data": train_lines.about["digest"]}
    about["network"] = [list(value.shape) for value in network.state_dict().values()]
    return Work(train_pages, valid_pages, valid_lines.texts or ("",) * len(every), task, about)


def _pages(lines: Lines, chosen: np.ndarray, targets: Sequence[np.ndarray], device: torch.device) -> Pages:
    return Pages(lines.strip, lines.offset[:-1][chosen], lines.widths[chosen], targets, device)


def _samples(lines: Lines) -> list[Image]:
    """Lines of all widths, at most CHECKED_LINES, among them the narrowest and the widest."""
    by_width = np.argsort(lines.widths, kind="stable")
    chosen = np.unique(np.linspace(0, len(by_width) - 1, CHECKED_LINES).round().astype(int))
    return [np.ascontiguousarray(lines.image(int(i))) for i in by_width[chosen]]


def rehearse(network: nn.Module, work: Work, samples: Sequence[Image], out: Path) -> tuple[float, float]:
    """Export and validate the untrained network, so that what cannot be exported fails now and not at the end.

    Returns the seconds to keep back for the end of the run, and those of the last validation among them.
    """
    device = work.train.device
    start = time.monotonic()
    export(network, work.task.alphabet, samples, out / "rehearsal.onnx", trained=False)
    (out / "rehearsal.onnx").unlink()
    exported = time.monotonic()
    network.to(device)
    reading = 0.0
    if len(work.valid):
        read(network, work.valid, work.task.alphabet, 2)  # the first lines pay for what is set up once
        begun = time.monotonic()
        lines = len(read(network, work.valid, work.task.alphabet, REHEARSED_LINES))
        reading = (time.monotonic() - begun) * len(work.valid) / lines
    return SPARE * work.task.seconds + SAFETY * (exported - start) + reading, reading
