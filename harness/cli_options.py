"""The options that several commands share, and how a command prints for machines."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
DataRoot = Annotated[Path, typer.Option("--data-root", help="Folder of datasets.", envvar="HTR_DATA")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder of runs.", envvar="HTR_RUNS")]
Boards = Annotated[Path, typer.Option("--boards", help="Folder of competitions.", envvar="HTR_BOARDS")]
Site = Annotated[Path, typer.Option("--site", help="Folder of the built site.", envvar="HTR_SITE")]
Data = Annotated[str, typer.Option("--data", help="Practise on this dataset (a name or a folder).")]
Of = Annotated[str, typer.Option("--competition", help="A competition's name (default: demo).")]
InRoom = Annotated[str, typer.Option("--room", help="best, bubblewrap or process.")]
Seconds = Annotated[float, typer.Option("--seconds", help="Practise with so many seconds of training.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the run (default: the competition's).")]


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    print(json.dumps(value, ensure_ascii=False, sort_keys=True))
