"""The README is true: every command in it runs here, in its order, and every link leads somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.datasets import synthetic
from harness.datasets.folder import build
from harness.datasets.pairs import ENDING
from harness.nouns import Split
from tests.fabricated import ABOUT, draw, rows

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / "submissions" / "README.md", ROOT / "baseline" / "README.md"]
RUN_BY_CI = {"make demo", "make test", "source .venv/bin/activate"}
"""What .ci/run runs itself, or what only prepares a shell."""


FEW: Mapping[Split, int] = {"train": 96, "valid": 16, "test": 16}


def commands() -> list[str]:
    """Every command of every console block."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("page", PAGES, ids=[page.parent.name + "/" + page.name for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file that is there; links to elsewhere are none of ours to break."""
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_ci_runs_what_only_ci_can() -> None:
    """The two commands that set everything up."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "make demo" in script
    assert "make test" in script


def test_every_command_line_of_the_program_is_in_the_readme() -> None:
    """And the reverse is the next test."""
    shown = {line.split()[1] for line in commands() if line.startswith("htr-harness ")}
    assert shown == {"new", "check", "submit", "data", "evaluate", "verify", "rescore", "leaderboard", "doctor"}


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A checkout as a reader has it after `make demo`, with few and small lines, a shorter recipe and a shorter time."""
    import_lines(tmp_path / "my-lines")
    parts = {split: list(synthetic.part(split, 1, 48, lines)) for split, lines in FEW.items()}
    build(tmp_path / "data" / "synthetic", parts, replace(ABOUT, name="synthetic", height=48))
    for name in ("submissions", "leaderboard", "baseline"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "records", "lines"))
    return tmp_path


def shorten(settings: Path) -> None:
    """A recipe of a few steps: the path is tested here, not the learning."""
    text, count = re.subn(r"steps = \d+", "steps = 40", settings.read_text("utf-8"))
    assert count == 1
    settings.write_text(text)


def import_lines(folder: Path) -> None:
    """Pairs as the README describes them, in one folder a writer."""
    for writer in range(10):
        (folder / f"writer{writer}").mkdir(parents=True)
        for line_id, _, text, _ in rows("train", 8, 1):
            Image.fromarray(np.repeat(draw(text), 4, axis=1)).save(folder / f"writer{writer}" / f"{line_id}.png")
            (folder / f"writer{writer}" / f"{line_id}{ENDING}").write_text(f"{text}{'abcdefghab'[writer]}")


@pytest.mark.slow
def test_every_command_runs(workplace: Path) -> None:
    """In the README's order, in one workplace, each with exit code 0."""
    program = f"{shlex.quote(sys.executable)} -m harness"
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line in commands():
        if line in RUN_BY_CI:
            continue
        short = line.replace("htr-harness", program, 1).replace("--seconds 600", "--seconds 60")
        if line == "htr-harness submit submissions/alice":
            shorten(workplace / "submissions" / "alice" / "submission.toml")
        ended = subprocess.run(["bash", "-c", short], cwd=workplace, env=surroundings, capture_output=True, text=True)
        assert ended.returncode == 0, f"{line}: {ended.stdout}{ended.stderr}"
        assert ended.stdout.strip(), line
    assert (workplace / "site" / "demo" / "index.html").is_file()
    assert (workplace / "site" / "practice-my-lines" / "index.html").is_file()
