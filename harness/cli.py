"""Arguments in, functions called, lines printed; holds no decisions.

A command's modules are loaded when that command runs, so that `--help` and `check` answer at once.
"""

import errno
import json
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from harness import cli_board, cli_data
from harness.cli_options import Boards, Data, DataRoot, InRoom, Json, Of, Runs, Seconds, Seed, Site, print_json
from harness.nouns import HarnessError, InputError, SubmissionError

app = typer.Typer(
    help="A fair race for handwriting recognisers: train, read and score submissions in closed rooms.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_data.app, name="data")
app.add_typer(cli_board.app, name="leaderboard")


INTERRUPTED = 130
"""The exit code by which Typer says Ctrl-C."""


def main() -> None:
    """Run the command line; every error is one sentence, and the exit code says whose it is."""
    try:
        app()
    except SubmissionError as error:
        _fail(1, str(error))
    except InputError as error:
        _fail(2, str(error))
    except HarnessError as error:
        _fail(3, str(error))
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        _fail(3, "interrupted; the same command goes on where this one stopped.")
    except OSError as error:
        _fail(3, _disk_sentence(error))
    except Exception as error:  # a fault of ours must be a sentence too; HTR_DEBUG shows where it is
        if os.environ.get("HTR_DEBUG"):
            traceback.print_exc()
        _fail(3, f"a fault of htr-harness: {type(error).__name__}: {error}; HTR_DEBUG=1 shows where. Please report it.")


def _disk_sentence(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and run the same command again, it goes on where it stopped."
    return f"{error.filename or 'the machine'}: {error.strerror or error}."


def _fail(code: int, sentence: str) -> None:
    if "--json" in sys.argv:
        print(json.dumps({"error": sentence, "exit_code": code}, ensure_ascii=False))
    print(f"htr-harness: {sentence}", file=sys.stderr)
    sys.exit(code)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _warn_of_process(room_name: str, show: Any) -> None:
    if room_name == "process":
        show.say("room: process; nothing is isolated, so run only your own code in it.")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The submission's name: letters, digits, '.', '_' and '-'.")],
    parent: Annotated[Path, typer.Option("--in", help="Where to make the folder.")] = Path("submissions"),
) -> None:
    """Make a submission's folder that works as it is."""
    from harness.workplace import make_submission

    folder = make_submission(name, parent)
    print(f"{folder}: made. Edit model.py and submission.toml, then: htr-harness check {folder} --dry-run")


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A submission's folder.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Run the whole path on a few lines, in a minute.")] = False,
    competition: Of = "",
    data: Data = "",
    data_root: DataRoot = Path("data"),
    boards: Boards = Path("leaderboard"),
    room: InRoom = "best",
    as_json: Json = False,
) -> None:
    """Check a submission without running it; with --dry-run, run it on a few lines and foretell the full run."""
    from harness.submission import check as check_folder

    submission = check_folder(path)
    found: dict[str, Any] = {"entry": submission.entry.name, "kind": submission.kind, "digest": submission.digest}
    if not as_json:
        print(f"{path}: passes the static checks ({submission.kind}.py, {submission.digest[:19]}).")
    if dry_run:
        found["forecast"] = _rehearse(path, competition, data, data_root, boards, room, as_json)
    if as_json:
        print_json(found)


def _rehearse(
    path: Path, competition: str, data: str, data_root: Path, boards: Path, room: str, quiet: bool
) -> dict[str, Any]:
    from dataclasses import asdict

    from harness.rehearsal import rehearse
    from harness.terminal import Terminal
    from harness.workplace import Workplace, setting_of

    setting = setting_of(Workplace(data_root, boards=boards), competition, data, 0.0, room, None)
    with Terminal(quiet) as show:
        _warn_of_process(setting.room.name, show)
        forecast = rehearse(path, setting, show, _now())
    if not quiet:
        about = "about" if forecast.bounded else "at most"
        print(f"{path}: passes the dry run. The full run on {setting.competition.dataset} should take:")
        allowed = setting.competition.train.seconds
        print(f"  training {about} {forecast.train_seconds:.0f} s of the {allowed:.0f} s allowed")
        print(f"  reading about {forecast.predict_seconds:.0f} s, memory about {forecast.memory_bytes / 2**30:.1f} GiB")
    return asdict(forecast)


@app.command()
def submit(
    path: Annotated[Path, typer.Argument(help="A submission's folder.")],
    competition: Of = "",
    data: Data = "",
    seconds: Seconds = 0.0,
    seed: Seed = None,
    room: InRoom = "best",
    again: Annotated[bool, typer.Option("--again", help="Run anew although the same was scored before.")] = False,
    wandb: Annotated[str, typer.Option("--wandb", help="auto (online where there is a key), offline or off.")] = "auto",
    data_root: DataRoot = Path("data"),
    runs: Runs = Path("runs"),
    boards: Boards = Path("leaderboard"),
    site: Site = Path("site"),
    as_json: Json = False,
) -> None:
    """The main job: train, read, score and record a submission, and put it on the board."""
    from harness.documents import plain
    from harness.publishing import publish
    from harness.run import submit as run_submission
    from harness.terminal import Terminal, lines_of
    from harness.tracking import tracker_of
    from harness.workplace import Workplace, setting_of
    from leaderboard.building import build_site

    place = Workplace(data_root, runs, boards, site)
    setting = setting_of(place, competition, data, seconds, room, seed)
    with Terminal(quiet=as_json) as show:
        _warn_of_process(setting.room.name, show)
        run, record = run_submission(path, setting, tracker_of(wandb, show.say), show, _now(), again)
    board = place.board(setting.competition.name)
    publish(record, setting.data, board)
    page = build_site(setting.competition, board, place.site / setting.competition.name)
    if as_json:
        print_json({"run": str(run.path), "page": str(page), "record": plain(record)})
    else:
        print("\n".join(lines_of(record)))
        print(f"  run     {run.path}\n  W&B     {run.path / 'wandb'}\n  page    {page.resolve().as_uri()}")
    if record.fault:
        raise typer.Exit(1)


@app.command()
def evaluate(
    target: Annotated[Path, typer.Argument(help="A model.onnx, or the folder of a run.")],
    competition: Of = "",
    data: Data = "",
    room: InRoom = "best",
    keep: Annotated[Path | None, typer.Option("--keep", help="Keep the readings in this file (JSON lines).")] = None,
    data_root: DataRoot = Path("data"),
    boards: Boards = Path("leaderboard"),
    as_json: Json = False,
) -> None:
    """Read the test lines with a model in a closed room and score the readings; makes no record."""
    from harness.documents import plain
    from harness.evaluation import evaluate_target
    from harness.terminal import Terminal, figures_of
    from harness.workplace import Workplace

    place = Workplace(data_root, boards=boards)
    with Terminal(quiet=as_json) as show:
        found = evaluate_target(target, place, competition, data, room, show, keep)
    score = found.score
    if as_json:
        print_json(plain(found))
        return
    print(f"{target} on {score.lines:,} {'synthetic ' if found.synthetic else ''}lines of {found.dataset}:")
    print("\n".join(figures_of(score)))
    print(f"  {found.model.ms_a_line:.1f} ms a line on one thread, {score.failed_lines} lines failed")
    if found.compared:
        print(f"  {found.compared}")


@app.command()
def verify(
    record: Annotated[Path, typer.Argument(help="A record.json, or the folder of a run.")],
    data_root: DataRoot = Path("data"),
    as_json: Json = False,
) -> None:
    """Check a record against its run's files, the judge and the data; changes nothing."""
    from dataclasses import asdict

    from harness.verification import verify as verify_record

    checks = list(verify_record(record, data_root))
    if as_json:
        print_json([asdict(one) for one in checks])
    else:
        marks = {True: "ok      ", False: "WRONG   ", None: "unknown "}
        print("\n".join(f"{marks[one.holds]}{one.what}: {one.says}" for one in checks))
    if any(one.holds is False for one in checks):
        raise typer.Exit(1)


@app.command()
def rescore(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    data: Annotated[str, typer.Option("--data", help="The dataset (default: the run's own, by name).")] = "",
    data_root: DataRoot = Path("data"),
    as_json: Json = False,
) -> None:
    """Score a run's stored predictions with today's judge; no room, no model. Both scores are kept."""
    from harness.datasets.folder import open_dataset
    from harness.documents import plain
    from harness.record import read_record
    from harness.runfolder import RunFolder
    from harness.scoring import rescore as score_again
    from harness.terminal import percent
    from harness.workplace import Workplace

    folder = Workplace(data_root).dataset(data or read_record(run / "record.json").dataset.name)
    old, new = score_again(RunFolder(run), folder, open_dataset(folder))
    if as_json:
        print_json({"old": plain(old), "new": plain(new)})
    elif old.score and new.score:
        same = "unchanged" if new is old else f"it was {percent(old.score.character_accuracy)}; both are kept"
        print(f"{run}: character accuracy {percent(new.score.character_accuracy)}, {same}.")


@app.command()
def doctor(data_root: DataRoot = Path("data"), runs: Runs = Path("runs"), as_json: Json = False) -> None:
    """Look at this machine, say what is missing and what to do about it."""
    from dataclasses import asdict

    from harness.doctor import examine
    from harness.workplace import Workplace

    findings = list(examine(Workplace(data_root, runs)))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            advice = f"; {finding.advice}" if finding.advice else ""
            print(f"{'ok  ' if finding.fine else 'MIND'} {finding.what:<7} {finding.says}{advice}")
    if not all(finding.fine for finding in findings):
        raise typer.Exit(3)
