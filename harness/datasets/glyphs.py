"""Owns a hand's letters: each character is drawn in a few forms, each of them strayed from the font's own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from harness.datasets.fonts import open_font
from harness.datasets.pens import Hand
from harness.datasets.prose import ALPHABET

FORMS = 3
TALL, DEEP = "bdfhklAT", "gjpqy"
HIGH_JOINS = frozenset("borvw")
Point = tuple[float, float]
Patch = tuple[tuple[int, int, int, int], tuple[float, ...]]
"""A rectangle of the target, and the four corners of the source's quadrangle that fills it."""


@dataclass(frozen=True)
class Glyph:
    """One form of a character: its picture, that picture's corner from the pen, and where joins touch it."""

    mask: Image.Image
    left: float
    top: float
    advance: float
    entry: Point | None
    leaving: Point | None


class Letters:
    """A hand's letters at one size. `em`, `x_height` and `stem` (the font's stroke) are in pixels."""

    def __init__(self, hand: Hand, height: float, rng: np.random.Generator) -> None:
        trial = open_font(hand.font, hand.weight, 200)
        _, top, _, bottom = trial.getbbox(TALL + DEEP, anchor="ls")
        self.em = 200 * hand.body * height / (bottom - top)
        self.font = open_font(hand.font, hand.weight, self.em)
        self.x_height = -self.font.getbbox("x", anchor="ls")[1]
        self.stem = _stroke_width(trial) * self.em / 200
        self.hand = hand
        # All of a hand's strays at once, so that a form does not depend on the letters asked for before it.
        self._strays = rng.normal(0, hand.wobble, (len(ALPHABET), FORMS, 3, 3, 2))
        self._bends = rng.normal(0, 1.5 * hand.wobble, (len(ALPHABET), FORMS, 2, 2))
        self._drawn: dict[tuple[str, int], Glyph] = {}

    def glyph(self, character: str, form: int) -> Glyph:
        """A character's form, 0 to FORMS - 1."""
        key = (character, form)
        if key not in self._drawn:
            self._drawn[key] = self._draw(character, form)
        return self._drawn[key]

    def _draw(self, character: str, form: int) -> Glyph:
        left, top, right, bottom = self.font.getbbox(character, anchor="ls")
        pad = round(0.15 * self.em)
        plain = Image.new("L", (int(right - left) + 2 * pad, int(bottom - top) + 2 * pad))
        ImageDraw.Draw(plain).text((pad - left, pad - top), character, 255, self.font, "ls")
        i, stretch = ALPHABET.index(character), self.hand.stretch
        size = (max(1, round(plain.width * stretch)), plain.height)
        # Less for a small mark, or a full stop would be torn off the paper.
        share = np.clip(np.array([right - left, bottom - top]) / (0.4 * self.em), 0.2, 1)
        mesh = _mesh(plain.size, size, self._strays[i, form] * share * self.em, self._bends[i, form])
        mask = plain.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
        corner = ((left - pad) * stretch, float(top - pad))
        entry, leaving = self._ends(character, np.asarray(mask) > 127, corner)
        return Glyph(mask, *corner, self.font.getlength(character) * stretch, entry, leaving)

    def _ends(self, character: str, ink: NDArray[np.bool_],
              corner: Point) -> tuple[Point | None, Point | None]:  # fmt: skip
        """Where a join comes in and goes out: the outermost ink of a low band, or a high one after an o."""
        if not character.islower():
            return None, None
        low = (-0.55 * self.x_height, 0.0)
        high = (-0.95 * self.x_height, -0.5 * self.x_height)
        out = high if character in HIGH_JOINS else low
        return _outermost(ink, corner, low, -1), _outermost(ink, corner, out, 1)


def _stroke_width(font: ImageFont.FreeTypeFont) -> float:
    """A font's usual stroke, in pixels: twice the ink's area over the length of its edges."""
    mask = font.getmask("nowelast")
    ink = np.asarray(mask).reshape(mask.size[::-1]) > 127
    edges = (ink[1:] != ink[:-1]).sum() + (ink[:, 1:] != ink[:, :-1]).sum()
    # Edges counted along rows and columns are longer than the outline: 4 / pi if they run every way.
    return float(2 * ink.sum() / (edges * np.pi / 4))


def _outermost(ink: NDArray[np.bool_], corner: Point, band: Point, side: int) -> Point | None:
    first = max(0, round(band[0] - corner[1]))
    rows, columns = np.nonzero(ink[first : max(first, round(band[1] - corner[1]))])
    if not len(columns):
        return None
    at = int(np.argmax(side * columns))
    return corner[0] + float(columns[at]), corner[1] + first + float(rows[at])


def _mesh(source: tuple[int, int], target: tuple[int, int], strays: NDArray[np.float64],
          bend: NDArray[np.float64]) -> list[Patch]:  # fmt: skip
    """Four patches of a picture, each from a part of the source: strays (3, 3, 2) pixels, bend (2, 2)."""
    grid = np.stack(np.meshgrid([0, source[0] / 2, source[0]], [0, source[1] / 2, source[1]]), axis=-1)
    points = grid + (grid - grid[1, 1]) @ bend + strays
    xs, ys = (0, target[0] // 2, target[0]), (0, target[1] // 2, target[1])
    return [
        ((xs[i], ys[j], xs[i + 1], ys[j + 1]),
         tuple(float(v) for a, b in ((j, i), (j + 1, i), (j + 1, i + 1), (j, i + 1)) for v in points[a, b]))
        for j in range(2) for i in range(2)
        if xs[i] < xs[i + 1] and ys[j] < ys[j + 1]
    ]  # fmt: skip
