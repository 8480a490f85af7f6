"""Distorts line images as pens and scanners do: stretch, slant, turn, waves, stroke width, pallor. One draw a call.

All of it runs where the images are (CPU or GPU), in one resampling, and draws from the generator it is given.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from baseline.batches import padded_width

STRETCH = 0.2
"""The widths of a batch change by up to this share, all by the same."""
SLANT = 0.35
"""Columns moved for each row away from the middle, at most."""
TURN = 0.015
"""Rows moved for each column away from the middle, at most, and never more than a twelfth of the height in all."""
SHRINK = 0.15
"""The height of the writing changes by up to this share."""
SHIFT = 0.06
"""Up and down, a share of the height."""
WAVE = 0.03
"""Waves move a pixel by about this share of the height."""
WAVE_LENGTH = 0.75
"""Distance of the waves' free points, in heights."""
MARGIN = 0.125
"""Paper added left and right, a share of the height; the line lies somewhere within."""
THICKNESS = 0.5
"""The share of lines whose strokes get thicker or thinner."""
PALLOR = 0.4
"""Ink is raised to a power between 1 / (1 + this) and 1 + this."""


def augment(ink: Tensor, widths: Tensor, generator: Generator, strength: float) -> tuple[Tensor, Tensor]:
    """Distorted copies of padded lines, and their new widths.

    ink: (batch, 1, height, width) float, ink 1 on paper 0. widths: (batch,) int64, in pixels. generator: on the CPU.
    strength: 1 is the usual amount, 0 returns the input. The height stays and values stay within 0 to 1; the width
    changes by the batch's stretch and two margins, and is padded on the right as `padded_width` says.
    """
    if strength <= 0:
        return ink, widths
    height, width = ink.shape[2:]
    stretch = 1 + STRETCH * strength * float(_uniform(1, generator))
    margin = round(MARGIN * height)
    new_width = padded_width(round(width * stretch) + 2 * margin)
    grid = _grid(ink, new_width, stretch, margin, strength, generator)
    ink = F.grid_sample(ink, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    ink = _thicken(ink, strength, generator).clamp(0, 1)
    powers = (1 + PALLOR * strength) ** _uniform(len(ink), generator).view(-1, 1, 1, 1).to(ink.device)
    new_widths = ((widths * stretch).ceil().long() + 2 * margin).clamp(max=new_width)
    return ink**powers, new_widths


def _uniform(count: int, generator: Generator) -> Tensor:
    """(count,) float between -1 and 1."""
    return torch.rand(count, generator=generator) * 2 - 1


def _grid(ink: Tensor, new_width: int, stretch: float, margin: int, strength: float, generator: Generator) -> Tensor:
    """Where each new pixel comes from: (batch, height, new width, 2) in grid_sample's units of half images."""
    lines, _, height, width = ink.shape
    draw = [strength * _uniform(lines, generator).view(-1, 1, 1).to(ink.device) for _ in range(5)]
    y = (torch.arange(height, device=ink.device) + 0.5 - height / 2).view(1, -1, 1)
    x = (torch.arange(new_width, device=ink.device) + 0.5).view(1, 1, -1)
    turn = (TURN * draw[0]).clamp(-height / 12 / (width / 2), height / 12 / (width / 2))
    from_x = (x - margin * (1 + draw[1].clamp(-1, 1))) / stretch + SLANT * draw[2] * y
    from_y = y * (1 + SHRINK * draw[3]) + turn * (x - new_width / 2) + SHIFT * height * draw[4]
    waves = WAVE * height * strength * _waves(lines, height, new_width, generator).to(ink.device)
    from_x, from_y = from_x + waves[:, 0], from_y + waves[:, 1]
    return torch.stack((from_x * (2 / width) - 1, from_y * (2 / height)), dim=3)


def _waves(lines: int, height: int, width: int, generator: Generator) -> Tensor:
    """Smooth noise: (lines, 2, height, width), about 1 in size."""
    points = torch.randn(lines, 2, 3, max(2, round(width / (WAVE_LENGTH * height))), generator=generator)
    return F.interpolate(points, (height, width), mode="bilinear", align_corners=True)


def _thicken(ink: Tensor, strength: float, generator: Generator) -> Tensor:
    """Strokes up to a pixel thicker (the darkest neighbour) or thinner (the lightest), mixed in by a drawn share."""
    amount = _uniform(len(ink), generator) * (torch.rand(len(ink), generator=generator) < THICKNESS * strength)
    ink = ink.clone()
    for sign in (1, -1):
        chosen = torch.nonzero(sign * amount > 0).flatten().to(ink.device)
        if len(chosen):
            some = ink[chosen]
            share = amount.to(ink.device)[chosen].abs().view(-1, 1, 1, 1)
            ink[chosen] = some + share * (sign * F.max_pool2d(sign * some, 3, 1, 1) - some)
    return ink
