"""Batches: every line once an epoch, in an order that only the seed decides."""

import numpy as np
import pytest
import torch

from baseline.batches import POOL_BATCHES, Order, Pages

WIDTHS = np.random.default_rng(0).integers(10, 400, 1000).astype(np.int64)


def pages(widths: list[int], height: int = 4) -> Pages:
    offset = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    strip = np.arange(height * int(offset[-1]), dtype=np.int64).astype(np.uint8).reshape(height, -1)
    targets = [np.arange(1, i + 1, dtype=np.int64) for i in range(len(widths))]
    return Pages(strip, offset[:-1], np.diff(offset), targets, torch.device("cpu"))


@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("lines", [1, 7, 16, 17, 16 * POOL_BATCHES, 1000])
def test_an_epoch_holds_each_line_once(lines: int, number: int) -> None:
    found = np.concatenate(Order(WIDTHS[:lines], 16, seed=3).epoch(number))
    assert sorted(found.tolist()) == list(range(lines))


def test_the_same_seed_gives_the_same_batches_and_another_seed_others() -> None:
    def batches(seed: int) -> list[list[int]]:
        order = Order(WIDTHS, 16, seed)
        return [order.at(step).tolist() for step in range(150)]

    assert batches(1) == batches(1)
    assert batches(1) != batches(2)


def test_a_step_far_on_is_the_same_whether_or_not_earlier_ones_were_asked_for() -> None:
    walked = Order(WIDTHS, 16, seed=1)
    steps = [walked.at(step).tolist() for step in range(200)]
    assert Order(WIDTHS, 16, seed=1).at(199).tolist() == steps[199]


def test_the_first_epoch_goes_from_narrow_to_wide_in_half_batches() -> None:
    order = Order(WIDTHS, 16, seed=1)
    lines = np.concatenate([order.at(step) for step in range(125)])
    assert sorted(lines.tolist()) == list(range(1000))
    assert (np.diff(WIDTHS[lines]) >= 0).all()
    assert len(order.at(0)) == 8
    assert len(order.at(125)) == 16


def test_epochs_differ() -> None:
    order = Order(WIDTHS, 16, seed=1)
    assert [batch.tolist() for batch in order.epoch(1)] != [batch.tolist() for batch in order.epoch(2)]


def test_lines_of_a_batch_are_of_like_width() -> None:
    spread = [int(np.ptp(WIDTHS[batch])) for batch in Order(WIDTHS, 16, seed=1).epoch(1)]
    assert np.median(spread) < 40


def test_a_batch_holds_the_strip_s_pixels_and_paper_beyond() -> None:
    some = pages([5, 40, 9])
    batch = some.assemble(np.array([2, 1]))
    assert batch.images.shape == (2, 1, 4, 96)
    assert batch.images.dtype == torch.uint8
    assert batch.widths.tolist() == [9, 40]
    assert torch.equal(batch.images[0, 0, :, :9], some.strip[:, 45:54])
    assert (batch.images[0, 0, :, 9:] == 255).all()
    assert batch.targets.tolist() == [[1, 2], [1, 0]]
    assert batch.lengths.tolist() == [2, 1]
    assert batch.targets.dtype == torch.int64


def test_reading_by_width_takes_each_line_once_or_every_nth() -> None:
    some = pages([int(width) for width in WIDTHS[:50]])
    everything = np.concatenate(some.by_width(16))
    assert sorted(everything.tolist()) == list(range(50))
    assert (np.diff(some.widths[everything]) >= 0).all()
    assert sorted(np.concatenate(some.by_width(16, most=10)).tolist()) == list(range(0, 50, 5))
