"""Distortions change what lines look like, never what kind of thing they are."""

import pytest
import torch
from torch import Tensor

from baseline.augment import MARGIN, STRETCH, augment
from baseline.batches import WIDTH_STEP


def some_lines(height: int = 32, width: int = 200) -> tuple[Tensor, Tensor]:
    ink = torch.zeros(3, 1, height, width)
    ink[:, :, height // 4 : height // 2, 10:190] = 1
    ink[0, :, :, 100:] = 0
    return ink, torch.tensor([100, 190, 200])


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("height", [16, 64])
def test_height_batch_and_range_stay_and_the_width_changes_within_bounds(seed: int, height: int) -> None:
    ink, widths = some_lines(height)
    new, new_widths = augment(ink, widths, drawn(seed), 1.0)
    margin = 2 * round(MARGIN * height)
    assert new.shape[:3] == ink.shape[:3]
    assert (1 - STRETCH) * 200 - 1 <= new.shape[3] - margin <= (1 + STRETCH) * 200 + WIDTH_STEP
    assert new.shape[3] % WIDTH_STEP == 0
    assert float(new.min()) >= 0
    assert float(new.max()) <= 1
    assert new_widths.dtype == torch.int64
    assert bool((new_widths <= new.shape[3]).all())


@pytest.mark.parametrize("seed", range(8))
def test_no_ink_is_left_beyond_a_line_s_new_width(seed: int) -> None:
    ink, widths = some_lines()
    new, new_widths = augment(ink, widths, drawn(seed), 0.5)
    beyond = int(new_widths[0]) + 16  # slant and waves
    assert float(new[0, :, :, beyond:].sum()) == 0
    assert float(new[0].sum()) > 0


def test_the_generator_decides_everything() -> None:
    first, second, other = (augment(*some_lines(), drawn(seed), 1.0)[0] for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert first.shape != other.shape or not torch.equal(first, other)


def test_strength_nought_returns_the_lines_themselves() -> None:
    ink, widths = some_lines()
    assert augment(ink, widths, drawn(1), 0.0) == (ink, widths)


def test_the_given_lines_are_left_alone() -> None:
    ink, widths = some_lines()
    before = ink.clone()
    augment(ink, widths, drawn(1), 1.0)
    assert torch.equal(ink, before)
