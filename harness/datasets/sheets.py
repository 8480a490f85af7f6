"""Owns the paper of a line: tone, grain, stains, printed rules, what shows through, and the ink on it."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from harness.datasets.pens import Hand
from harness.datasets.strokes import Floats, cloud


def on_paper(ink: Floats, baseline: float, hand: Hand, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The scanned line: (height, width) uint8, dark on white. ink: same shape, 0 to 1."""
    page = _sheet(ink.shape, baseline, hand, rng)
    page *= 1 - _far_side(ink, hand, rng)
    darkness = hand.ink * (1 + hand.pressure * cloud(ink.shape, 0.6 * len(ink), rng))
    page *= 1 - ink * np.clip(darkness, 0.3, 1)
    scan = _blurred(page, hand.blur * len(ink))
    scan += hand.paper.grain * rng.standard_normal(scan.shape, np.float32)
    return (np.clip(scan, 0, 1) * 255).astype(np.uint8)


def _sheet(shape: tuple[int, ...], baseline: float, hand: Hand, rng: np.random.Generator) -> Floats:
    paper, (height, width) = hand.paper, shape
    shade = np.linspace(0, rng.normal(0, paper.shade), width, dtype=np.float32)
    page = paper.tone - np.abs(shade) + paper.blotches * cloud(shape, 0.7 * height, rng)
    thick = max(1, round(height / 48))
    pitch = 0.9 * height if paper.ruling == "lines" else 0.4 * height
    if paper.ruling != "none":
        start = (baseline + rng.uniform(-0.01, 0.06) * height) % pitch
        for row in np.arange(start, height, pitch).astype(int):
            page[row : row + thick] -= paper.rule
    if paper.ruling == "squares":
        for column in np.arange(rng.uniform(0, pitch), width, pitch).astype(int):
            page[:, column : column + thick] -= paper.rule
    return page.astype(np.float32)


def _far_side(ink: Floats, hand: Hand, rng: np.random.Generator) -> Floats | float:
    """The writing on the back: mirrored, shifted, soft. It is the same line's, as good as any other."""
    if not hand.paper.show_through:
        return 0.0
    shifts = (int(rng.integers(len(ink))), int(rng.integers(ink.shape[1])))
    back = _blurred(np.roll(ink[:, ::-1], shifts, (0, 1)), 0.02 * len(ink))
    return hand.ink * hand.paper.show_through * back


def _blurred(field: Floats, radius: float) -> Floats:
    eight = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    return np.asarray(eight.filter(ImageFilter.BoxBlur(radius)), np.float32) * np.float32(1 / 255)
