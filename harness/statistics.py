"""Intervals. Knows numbers, not handwriting."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.nouns import Interval

RESAMPLES = 2_000
LEVEL = 0.95


def accuracy_interval(edits: Sequence[int], units: Sequence[int], clusters: Sequence[str], seed: int = 0) -> Interval:
    """A percentile bootstrap of `1 - sum(edits) / sum(units)` over clusters (writers), or lines where there is but one.

    edits, units and clusters have one entry a line; `sum(units)` must be positive. Errors cluster by writer, so a
    bootstrap over lines would be too narrow (nominal 95 % covers about 75 %, simulated with 128 writers). With few
    clusters it is still somewhat narrow. Deterministic for a seed.
    """
    names = sorted(set(clusters))
    by = "writer" if len(names) > 1 else "line"
    index = {name: i for i, name in enumerate(names)}
    group = np.array([index[c] for c in clusters]) if by == "writer" else np.arange(len(edits))
    low, high = _bootstrap(_sums(group, edits), _sums(group, units), np.random.default_rng(seed))
    return Interval(low, high, LEVEL, f"percentile bootstrap by {by}, {RESAMPLES} resamples, seed {seed}")


def _sums(group: NDArray[np.int64], values: Sequence[int]) -> NDArray[np.float64]:
    return np.bincount(group, np.asarray(values, np.float64)).astype(np.float64)


def _bootstrap(edits: NDArray[np.float64], units: NDArray[np.float64],
               random: np.random.Generator) -> tuple[float, float]:  # fmt: skip
    drawn = random.integers(len(edits), size=(RESAMPLES, len(edits)))
    total = units[drawn].sum(axis=1)
    accuracy = 1 - edits[drawn].sum(axis=1) / np.maximum(total, 1)
    low, high = np.quantile(accuracy, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 9), round(float(high), 9)
