"""Owns the writers of the synthetic lines: how a hand forms its letters, and on which paper."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Ruling = Literal["none", "lines", "squares"]


@dataclass(frozen=True)
class Paper:
    """A sheet, in shares of full white. tone: the paper itself. grain, blotches: spread of its specks and
    of its stains. shade: how much darker towards one end. rule: how much darker its printed lines are.
    show_through: the share of the ink that is seen from the back.
    """

    tone: float
    grain: float
    blotches: float
    shade: float
    ruling: Ruling
    rule: float
    show_through: float


@dataclass(frozen=True)
class Hand:
    """A writer. Lengths are in ems of the font unless said otherwise.

    weight: 0 to 1 (`fonts.open_font`). body: the share of the line's height from a b's top to a p's tail.
    stretch: width over the font's. slant: to the right, a unit of height. tracking: added between letters.
    gap: a word space over the font's. unevenness: spread of the letters' distances. bounce: spread of the
    letters' height on the line. wobble: how far the outlines stray from the font's. wander: spread of the
    baseline. joins: the share of letters that are joined on. pen: stroke width. ink: darkness, 0 to 1.
    pressure: how much that varies. dryness: how much the stroke breaks up. blur: of the scan, in shares of
    the line's height.
    """

    font: str
    weight: float
    body: float
    stretch: float
    slant: float
    tracking: float
    gap: float
    unevenness: float
    bounce: float
    wobble: float
    wander: float
    joins: float
    pen: float
    ink: float
    pressure: float
    dryness: float
    blur: float
    paper: Paper


def hand_of(font: str, rng: np.random.Generator) -> Hand:
    """A writer who uses `font`; a hand's haste makes all its letters stray more."""
    haste = rng.uniform(0.55, 1.45)
    return Hand(
        font=font,
        weight=float(rng.uniform()),
        body=float(rng.uniform(0.72, 0.95)),
        stretch=float(rng.uniform(0.76, 1.08)),
        slant=float(rng.normal(0.06, 0.15)),
        tracking=float(rng.uniform(-0.03, 0.05)),
        gap=float(rng.uniform(0.65, 1.3)),
        unevenness=float(haste * 0.024),
        bounce=float(haste * 0.018),
        wobble=float(haste * 0.038),
        wander=float(haste * 0.06),
        joins=float(rng.choice((0.0, 0.3, 0.8))),
        pen=float(rng.uniform(0.06, 0.115)),
        ink=float(rng.uniform(0.4, 0.9)),
        pressure=float(rng.uniform(0.05, 0.3)),
        dryness=float(rng.choice((0.0, 0.08, 0.16))),
        blur=float(rng.uniform(0.0, 0.02)),
        paper=paper_of(rng),
    )


def paper_of(rng: np.random.Generator) -> Paper:
    """A sheet from white and smooth to grey and stained."""
    rulings: tuple[Ruling, ...] = ("none", "none", "lines", "lines", "squares")
    return Paper(
        tone=float(rng.uniform(0.82, 0.99)),
        grain=float(rng.uniform(0.01, 0.07)),
        blotches=float(rng.uniform(0.0, 0.035)),
        shade=float(rng.uniform(0.0, 0.07)),
        ruling=rulings[rng.integers(len(rulings))],
        rule=float(rng.uniform(0.1, 0.4)),
        show_through=float(rng.choice((0.0, 0.0, 0.1, 0.25))),
    )
