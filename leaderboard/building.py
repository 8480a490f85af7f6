"""Builds a competition's site from its folder. A reader never writes: no record is touched."""

from pathlib import Path

from harness.nouns import Competition
from leaderboard.board import standings
from leaderboard.pages import render, write_site
from leaderboard.shelf import read_pictures, read_records


def build_site(competition: Competition, folder: Path, target: Path) -> Path:
    """Write the pages of the competition whose records lie in `folder` to `target`; returns the index page."""
    records = read_records(folder)
    board = standings(records, competition.official_only)
    write_site(render(competition, board, line_images=read_pictures(folder, records)), target)
    return target / "index.html"
