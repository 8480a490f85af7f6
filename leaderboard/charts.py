"""Draws small charts as SVG. Attributes give the geometry and classes the colours: the pages allow no inline style."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from harness.nouns import ScoreSummary
from leaderboard.figures import percent

WIDTH, HEIGHT, MARGIN = 150, 22, 8
APART = 24
STEPS = ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5), (1, 2, 5), (1, 3), (1,))
"""Leading figures of the marks on an axis, the densest set first."""


@dataclass(frozen=True)
class Scale:
    """A logarithmic axis of character error rates, low errors on the left."""

    low: float
    high: float

    def x(self, cer: float) -> float:
        """Where a rate stands, in pixels; what is off the scale stands at its end."""
        share = math.log(max(cer, self.low) / self.low) / math.log(self.high / self.low)
        return round(MARGIN + min(share, 1.0) * (WIDTH - 2 * MARGIN), 1)

    def ticks(self) -> list[float]:
        """Round rates on the axis: the densest set whose labels stand far enough apart."""
        ticks: list[float] = []
        for steps in STEPS:
            rates = (step * 10.0**power for power in range(-7, 2) for step in steps)
            ticks = [rate for rate in rates if self.low <= rate <= self.high]
            if all(self.x(right) - self.x(left) >= APART for left, right in pairwise(ticks)):
                break
        return ticks


def scale_of(scores: Sequence[ScoreSummary]) -> Scale:
    """The axis that holds the intervals of all these scores; no error at all stands at half of one edit."""
    floor = min(0.5 / max(score.characters, 1) for score in scores)
    low = max(floor, min(1 - score.interval.high for score in scores))
    high = max(low, *(1 - score.interval.low for score in scores))
    return Scale(low / 1.15, high * 1.15)


def interval_plot(score: ScoreSummary, scale: Scale, leader: ScoreSummary) -> Markup:
    """A score's error with its interval; the dotted line is the upper end of the leader's error."""
    left, right = scale.x(1 - score.interval.high), scale.x(1 - score.interval.low)
    mark, bound, middle = scale.x(score.cer), scale.x(1 - leader.interval.low), HEIGHT // 2
    label = f"Error {percent(score.cer)} %, interval {percent(1 - score.interval.high)} to " + (
        f"{percent(1 - score.interval.low)} %"
    )
    return Markup(
        '<svg class="plot" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">'
        '<line class="bound" x1="{bound}" x2="{bound}" y1="0" y2="{h}"/>'
        '<line class="whisker" x1="{left}" x2="{right}" y1="{middle}" y2="{middle}"/>'
        '<circle class="mark" cx="{mark}" cy="{middle}" r="3"/></svg>'
    ).format(w=WIDTH, h=HEIGHT, label=label, bound=bound, left=left, right=right, middle=middle, mark=mark)


def axis(scale: Scale) -> Markup:
    """The labels of the axis, for the column's head."""
    labels = Markup().join(
        Markup('<text x="{x}" y="12">{label}</text><line x1="{x}" x2="{x}" y1="16" y2="20"/>').format(
            x=scale.x(tick), label=f"{tick * 100:g}"
        )
        for tick in scale.ticks()
    )
    return Markup(
        '<svg class="axis" viewBox="0 0 {w} 20" width="{w}" height="20" aria-hidden="true">{labels}</svg>'
    ).format(w=WIDTH, labels=labels)
