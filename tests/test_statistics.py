"""Intervals: right where the answer is known, and honest about clusters."""

import numpy as np
import pytest

from harness.statistics import accuracy_interval


def test_no_spread_gives_a_point() -> None:
    """Every writer alike: one in ten wrong, however drawn."""
    found = accuracy_interval([1] * 8, [10] * 8, list("aabbccdd"))
    assert (found.low, found.high) == (9 / 10, 9 / 10)
    assert found.level == 0.95
    assert "by writer" in found.method


def test_one_writer_is_resampled_by_line() -> None:
    """With a single cluster there would be no spread at all."""
    found = accuracy_interval([0, 5, 0, 5], [10] * 4, ["", "", "", ""])
    assert "by line" in found.method
    assert found.low < 3 / 4 < found.high


def test_two_writers_bound_it() -> None:
    """Only three draws are possible: both, or one of them twice."""
    found = accuracy_interval([0, 4], [10, 10], ["a", "b"])
    assert (found.low, found.high) == (6 / 10, 1.0)


def test_it_is_the_same_each_time() -> None:
    """A record must not change when it is scored again."""
    one = accuracy_interval([1, 0, 3, 2], [9, 8, 7, 6], list("abcd"))
    assert one == accuracy_interval([1, 0, 3, 2], [9, 8, 7, 6], list("abcd"))


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    """Simulated writers of different skill: 95 % intervals by writer hold the true accuracy 88 to 100 % of the time.

    Bootstrapped by line on the same data they would hold it far less often.
    """
    random = np.random.default_rng(5)
    by_writer = by_line = 0
    for _ in range(60):
        skill = np.repeat(random.beta(2, 18, 40), 10)
        edits, writers = random.binomial(40, skill).tolist(), [f"w{i // 10}" for i in range(400)]
        clustered = accuracy_interval(edits, [40] * 400, writers)
        plain = accuracy_interval(edits, [40] * 400, [str(i) for i in range(400)])
        by_writer += clustered.low <= 9 / 10 <= clustered.high
        by_line += plain.low <= 9 / 10 <= plain.high
    assert 53 <= by_writer <= 60
    assert by_line < by_writer - 6


@pytest.mark.parametrize("seed", [0, 1])
def test_the_method_names_the_seed(seed: int) -> None:
    """Whoever repeats it needs it."""
    assert f"seed {seed}" in accuracy_interval([1, 2], [9, 9], ["a", "b"], seed).method
