"""Cuts an epoch into batches of lines of like width, and copies a batch straight from the strip.

The order is a pure function of the widths, the batch size, the seed and the step: a resumed run sees the same batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

POOL_BATCHES = 24
"""So many batches' lines are sorted by width together: enough for little padding, few enough for a mixed order."""
WIDTH_STEP = 32
"""Padded widths are multiples of this: each new shape costs the device time to prepare and memory to remember."""

PAPER = 32
"""Columns of paper to the right of the widest line: where a layer that reads backwards gets under way.

Without it, lines read alone began cold where lines in a batch did not: their last characters cost a point of accuracy.
"""


def padded_width(width: int) -> int:
    """The next multiple of WIDTH_STEP, in pixels."""
    return -(-width // WIDTH_STEP) * WIDTH_STEP


@dataclass(frozen=True)
class Batch:
    """Lines side by side, padded on the right with paper.

    images: (batch, 1, height, width) uint8, ink dark on white. widths: (batch,) int64, in pixels.
    targets: (batch, longest) int64 classes from 1 on, padded with 0. lengths: (batch,) int64.
    """

    images: Tensor
    widths: Tensor
    targets: Tensor
    lengths: Tensor

    def __len__(self) -> int:
        return len(self.widths)


class Order:
    """Which lines the batch of each step holds: every line once an epoch, in an order drawn from the seed.

    The first epoch goes from narrow lines to wide ones in batches of half the size: how soon CTC takes off counts
    steps and is easier on short texts, so the cheapest steps come first.
    """

    def __init__(self, widths: NDArray[np.int64], batch_size: int, seed: int) -> None:
        self.widths, self.batch_size, self.seed = widths, batch_size, seed
        self._epoch, self._batches = 0, self.epoch(0)
        self._first, self._later = len(self._batches), len(self.epoch(1))

    def epoch(self, number: int) -> list[NDArray[np.int64]]:
        """The batches of one epoch: arrays of line indices, the last one of a pool possibly smaller."""
        random = np.random.default_rng((self.seed, number))
        if number == 0:
            by_width = np.argsort(self.widths, kind="stable")
            size = max(1, self.batch_size // 2)
            return [by_width[i : i + size] for i in range(0, len(by_width), size)]
        shuffled = random.permutation(len(self.widths))
        pool = self.batch_size * POOL_BATCHES
        batches = []
        for start in range(0, len(shuffled), pool):
            lines = shuffled[start : start + pool]
            lines = lines[np.argsort(self.widths[lines], kind="stable")]
            batches += [lines[i : i + self.batch_size] for i in range(0, len(lines), self.batch_size)]
        return [batches[i] for i in random.permutation(len(batches))]

    def at(self, step: int) -> NDArray[np.int64]:
        """The lines of the batch of a step; steps count from 0."""
        number, position = 0, step
        if step >= self._first:
            number, position = divmod(step - self._first, self._later)
            number += 1
        if number != self._epoch:
            self._epoch, self._batches = number, self.epoch(number)
        return self._batches[position]


class Pages:
    """Lines and their targets, ready to be assembled into batches on one device.

    strip: (height, sum of widths) uint8; it is moved to the device once, so that no line crosses to it twice.
    starts, widths: (lines,) int64, in pixels. targets: one (length,) int64 array a line.
    """

    def __init__(
        self,
        strip: NDArray[np.uint8],
        starts: NDArray[np.int64],
        widths: NDArray[np.int64],
        targets: Sequence[NDArray[np.int64]],
        device: torch.device,
    ) -> None:
        self.strip = torch.from_numpy(strip).to(device)
        self.starts, self.widths, self.targets, self.device = starts, widths, targets, device

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def height(self) -> int:
        return int(self.strip.shape[0])

    def assemble(self, lines: NDArray[np.int64]) -> Batch:
        """Copy these lines side by side."""
        widths = self.widths[lines]
        padded = padded_width(int(widths.max()) + PAPER)
        images = torch.full((len(lines), 1, self.height, padded), 255, dtype=torch.uint8, device=self.device)
        for row, (start, width) in enumerate(zip(self.starts[lines].tolist(), widths.tolist(), strict=True)):
            images[row, 0, :, :width] = self.strip[:, start : start + width]
        return Batch(images, torch.from_numpy(widths).to(self.device), *self._targets(lines))

    def _targets(self, lines: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        chosen = [self.targets[i] for i in lines]
        lengths = np.array([len(target) for target in chosen], np.int64)
        padded = np.zeros((len(chosen), max(1, int(lengths.max()))), np.int64)
        for row, target in enumerate(chosen):
            padded[row, : len(target)] = target
        return torch.from_numpy(padded).to(self.device), torch.from_numpy(lengths).to(self.device)

    def by_width(self, batch_size: int, most: int | None = None) -> list[NDArray[np.int64]]:
        """Lines in batches from narrow to wide, for reading; `most` takes every n-th line only."""
        step = 1 if most is None else max(1, -(-len(self) // most))
        lines = np.arange(0, len(self), step)
        lines = lines[np.argsort(self.widths[lines], kind="stable")]
        return [lines[i : i + batch_size] for i in range(0, len(lines), batch_size)]
