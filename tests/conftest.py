"""What the tests share: a small dataset, a room that runs no process, and the rule on missing parts."""

import os
import shutil
from pathlib import Path

import pytest

from harness.datasets.folder import build
from tests.fabricated import ABOUT, fabricated_parts

REQUIRE_ALL = os.environ.get("HTR_REQUIRE") == "all"


def need(program: str) -> None:
    """Skip where a program is missing; fail where every part is required."""
    if shutil.which(program) is None:
        reason = f"{program} is not installed"
        pytest.fail(reason) if REQUIRE_ALL else pytest.skip(reason)


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset's folder with a few fabricated lines of 32 pixels; nothing in a test may change it."""
    folder = tmp_path_factory.mktemp("data") / "small"
    build(folder, fabricated_parts(), ABOUT)
    return folder
