"""A tiny task that is made on the spot (four glyphs of random pixels, sixteen pixels high), and how to train on it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from baseline.networks import Shape, build_model
from baseline.recipe import Recipe
from baseline.schedule import Budget
from baseline.standard import run
from harness.documents import read_noun, write_noun
from harness.lines import read_lines, write_lines
from harness.nouns import Task

ALPHABET = (" ", "a", "b", "c")
HEIGHT = 16
GLYPH = 10
ROOT = Path(__file__).parents[2]
TINY = """
from baseline.networks import Shape, build_model as build
from baseline.standard import main
main(lambda task: build(task, Shape(channels=32, hidden=16)))
"""


def draw(text: str) -> NDArray[np.uint8]:
    """A text as an image: (16, 10 a character) uint8, ink dark on white."""
    glyphs = np.where(np.random.default_rng(7).random((len(ALPHABET), HEIGHT, GLYPH)) < 0.4, 0, 255).astype(np.uint8)
    glyphs[0] = 255
    return np.concatenate([glyphs[ALPHABET.index(character)] for character in text], axis=1)


def texts(count: int, seed: int) -> list[str]:
    """Texts of two to eight characters that begin and end with ink."""
    random = np.random.default_rng(seed)
    inner = ["".join(random.choice(ALPHABET, random.integers(1, 7))) for _ in range(count)]
    return ["a" + " ".join(text.split()) + "c" for text in inner]


def write_data(folder: Path, seconds: float = 60.0, lines: int = 40, alphabet: tuple[str, ...] = ALPHABET) -> Path:
    """A DATA folder as a room shows it."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, count, seed in (("train", lines, 1), ("valid", 8, 2)):
        rows = ((f"{split}-{i}", draw(text), text, "w") for i, text in enumerate(texts(count, seed)))
        write_lines(folder / f"{split}.h5", rows, HEIGHT, {"split": split})
    write_noun(folder / "task.json", Task(alphabet, HEIGHT, seed=1, seconds=seconds, threads=1))
    return folder


def environment() -> dict[str, str]:
    """This process's, with the project where Python finds it."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}


def start(
    data: Path, out: Path, settings: Mapping[str, object], program: str = TINY, folder: Path | None = None
) -> "subprocess.Popen[str]":
    """Start training in a process of its own, in the submission's folder, as a room does."""
    command = [sys.executable, "-c", program, str(data), str(out), json.dumps(settings)]
    return subprocess.Popen(
        command, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder or data
    )


def tiny(task: Task) -> nn.Module:
    """A small version of the baseline's network."""
    return build_model(task, Shape(channels=32, hidden=16))


def run_here(data: Path, out: Path, recipe: Recipe, build: Callable[[Task], Any] = tiny) -> Budget:
    """Train in this process; returns its clock."""
    task = read_noun(data / "task.json", Task)
    budget = Budget(task.seconds, 0)
    run(build, recipe, task, read_lines(data / "train.h5"), read_lines(data / "valid.h5"), out, budget)
    return budget


def rows(out: Path) -> list[dict[str, float]]:
    """The curve that a run left."""
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
