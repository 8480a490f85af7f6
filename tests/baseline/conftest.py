"""Fixtures of the baseline's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.baseline.tiny import write_data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A DATA folder of forty tiny lines."""
    return write_data(tmp_path / "data")


@pytest.fixture(autouse=True)
def _one_thread_and_torch_as_it_was() -> Iterator[None]:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)  # two threads that wait for each other on a busy machine take ten times as long
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)
