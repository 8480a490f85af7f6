"""Owns the ink of a line: letters set side by side, joined, slanted, led along a wandering baseline."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from harness.datasets.glyphs import FORMS, Glyph, Letters

OVERSIZE = 1.5
"""Ink is drawn this many times the line's height, then scaled down."""

MARKS = ".,;:!?'\"-)"

Floats = NDArray[np.float32]


def ink_line(text: str, letters: Letters, height: int, rng: np.random.Generator) -> tuple[Floats, float]:
    """A line's ink, (height, width) from 0 to 1, and its baseline's row. All ink lies inside the picture."""
    drawn, baseline = _set(text, letters, rng)
    warped = _warp(drawn, baseline, letters, rng)
    full = round(height * OVERSIZE)
    left, top, right, bottom = warped.getbbox() or (0, 0, full, full)
    margin = max(3, round(0.05 * full))
    rows = max(full, bottom - top + 2 * margin)
    upper = int(rng.integers(bottom + margin - rows, top - margin, endpoint=True))
    before, after = rng.uniform(0.06, 0.4, 2) * full
    cropped = warped.crop((round(left - before), upper, round(right + after), upper + rows))
    inked = Image.fromarray(_pen(cropped, letters, rng))
    width = max(1, round(inked.width * height / inked.height))
    small = inked.resize((width, height), Image.Resampling.BOX if rows == full else Image.Resampling.HAMMING)
    return np.asarray(small, np.float32) * np.float32(1 / 255), (baseline - upper) * height / rows


def _set(text: str, letters: Letters, rng: np.random.Generator) -> tuple[Image.Image, float]:
    """The letters side by side on a straight baseline, with room around them for the warp."""
    hand, em = letters.hand, letters.em
    forms = rng.integers(FORMS, size=len(text)).tolist()
    glyphs = [letters.glyph(character, form) for character, form in zip(text, forms, strict=True)]
    advance = np.array([glyph.advance for glyph in glyphs])
    advance += em * rng.normal(hand.tracking, hand.unevenness, len(text))
    # A mark keeps its distance, or it would be lost in the letter before it.
    advance[:-1] += 0.06 * em * np.array([c in MARKS for c in text[1:]])
    spaces = np.array([c == " " for c in text])
    advance[spaces] *= hand.gap * rng.uniform(0.8, 1.3, int(spaces.sum()))
    pens = np.concatenate(([1.5 * em], 1.5 * em + np.cumsum(np.maximum(advance, 0.1 * em))))
    lift = rng.normal(0, hand.bounce, len(text))
    lift += rng.normal(0, hand.bounce, int(spaces.sum()) + 1)[spaces.cumsum()]
    baseline = 1.45 * em
    canvas = Image.new("L", (round(pens[-1] + 1.5 * em), round(2.5 * em)))
    corners = list(zip(pens.tolist(), (baseline + em * lift).tolist(), strict=False))
    for glyph, (x, y) in zip(glyphs, corners, strict=False):
        canvas.paste(255, (round(x + glyph.left), round(y + glyph.top)), glyph.mask)
    _join(canvas, glyphs, corners, rng.uniform(size=len(text)) < hand.joins, letters)
    return canvas, baseline


def _join(canvas: Image.Image, glyphs: list[Glyph], pens: list[tuple[float, float]],
          wanted: NDArray[np.bool_], letters: Letters) -> None:  # fmt: skip
    """A stroke from a letter's end to the next one's start, where the hand joins them and it is near."""
    draw, width = ImageDraw.Draw(canvas), max(1, round(0.8 * letters.stem))
    for i in np.flatnonzero(wanted[:-1]).tolist():
        start, end = glyphs[i].leaving, glyphs[i + 1].entry
        if start and end:
            x0, y0 = pens[i][0] + start[0], pens[i][1] + start[1]
            x1, y1 = pens[i + 1][0] + end[0], pens[i + 1][1] + end[1]
            if 0 < x1 - x0 < 0.6 * letters.x_height:
                sag = (0.6 * x0 + 0.4 * x1, max(y0, y1) + 0.02 * letters.em)
                draw.line([(x0, y0), sag, (x1, y1)], 255, width, "curve")


def _warp(drawn: Image.Image, baseline: float, letters: Letters, rng: np.random.Generator) -> Image.Image:
    """Slants the line and leads it along its wandering baseline; both change slowly along the way."""
    hand, em = letters.hand, letters.em
    count = max(2, round(drawn.width / em))
    xs = np.round(np.linspace(0, drawn.width, count + 1)).astype(int)
    slant = hand.slant + slow(count + 1, 3, 0.06, rng)
    climb = rng.normal(0, hand.wander) * np.linspace(-1, 1, count + 1)
    down = em * (slow(count + 1, 5, hand.wander, rng) + climb)
    along = em * slow(count + 1, 2, 0.03, rng)
    above, below = xs + along - slant * baseline, xs + along + slant * (drawn.height - baseline)
    mesh = [
        ((int(xs[i]), 0, int(xs[i + 1]), drawn.height),
         (above[i], down[i], below[i], drawn.height + down[i],
          below[i + 1], drawn.height + down[i + 1], above[i + 1], down[i + 1]))
        for i in range(count)
    ]  # fmt: skip
    return drawn.transform(drawn.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def slow(count: int, steps: int, spread: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """`count` values with this spread that change over about so many steps."""
    knots = rng.normal(0, spread, count // steps + 3)
    return np.interp(np.arange(count) / steps + rng.uniform(), np.arange(len(knots)), knots)


def _pen(drawn: Image.Image, letters: Letters, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Thickens the strokes towards the hand's pen, and breaks them up where it runs dry."""
    hand, em = letters.hand, letters.em
    spread = 0.017 * em
    grow = np.clip((hand.pen * em - letters.stem) / 2, 0.006 * em, 0.022 * em)
    level = float(1 / (1 + np.exp(1.7 * grow / spread)))
    blurred = np.asarray(drawn.filter(ImageFilter.BoxBlur(1.3 * spread)), np.float32)
    soft = blurred * np.float32(1 / 255)
    if hand.dryness:
        soft = soft * (1 - hand.dryness * np.maximum(0, cloud(soft.shape, 0.08 * em, rng)))
    sharp = 3.0 / max(level, 0.25)
    return np.asarray(np.clip((soft - level) * sharp + 0.5, 0, 1) * 255, np.uint8)


def cloud(shape: tuple[int, ...], grain: float, rng: np.random.Generator) -> Floats:
    """A field with a spread of about 1 that changes over about `grain` pixels."""
    coarse = (max(2, round(shape[0] / grain) + 1), max(2, round(shape[1] / grain) + 1))
    small = Image.fromarray(rng.standard_normal(coarse, np.float32))
    return np.asarray(small.resize((shape[1], shape[0]), Image.Resampling.BILINEAR))
