"""The map of the house, executed: what each file may import, and the doors that only one file may use.

Floors go from the ground up. A file may import files of lower floors only; `SIDEWAYS` lists, with the reason, the few
that may look to their own floor. A file that has no floor fails until it is given one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("harness", "leaderboard", "baseline")

FLOORS: tuple[tuple[str, ...], ...] = (
    ("harness.nouns",),
    ("harness.documents", "harness.settings", "harness.watchers", "harness.evaluator.text"),
    ("harness.evaluator.files", "harness.evaluator.wire", "harness.evaluator.identity"),
    ("harness.evaluator.decode",),
    ("harness.evaluator.predictions",),
    ("harness.evaluator.score", "harness.evaluator.gate", "harness.evaluator.predict"),
    (
        "harness.lines",
        "harness.competition",
        "harness.submission",
        "harness.record",
        "harness.statistics",
        "harness.machine",
        "harness.metrics",
        "harness.runfolder",
        "harness.rooms.*",
    ),
    ("harness.datasets.*", "harness.reading", "harness.summary", "harness.workplace"),
    ("harness.jobs", "harness.tracking", "leaderboard.board", "leaderboard.shelf"),
    ("harness.scoring", "leaderboard.alignment", "leaderboard.figures"),
    ("harness.run", "harness.evaluation", "harness.verification", "leaderboard.charts", "leaderboard.downloads"),
    ("harness.rehearsal", "harness.doctor", "harness.publishing", "harness.terminal", "leaderboard.pages"),
    ("leaderboard.building", "harness.cli_options"),
    ("harness.cli_data", "harness.cli_board"),
    ("harness.cli",),
    ("harness.__main__",),
)
BASELINE = {"harness.nouns", "harness.documents", "harness.lines", "harness.settings", "harness.evaluator"}
"""What the training library may import of ours: it goes into a room where nothing else is."""

SIDEWAYS = {
    "harness.rooms.*": "a room is made of its walls, its launcher and its watching",
    "harness.datasets.*": "every builder fills a folder",
}
DOORS = {
    "h5py": {"harness.lines"},
    "onnxruntime": {"harness.evaluator.predict"},
    "onnx": {"harness.evaluator.gate", "harness.evaluator.wire", "baseline.export"},
    "wandb": {"harness.tracking"},
    "editdistance": {"harness.evaluator.score"},
    "subprocess": {"harness.rooms.*"},
    "multiprocessing": {"harness.datasets.*"},
    "docker": {"harness.rooms.*"},
    "jinja2": {"leaderboard.pages"},
    "torch": {"baseline.*"},
    "typer": {"harness.cli", "harness.cli_data", "harness.cli_board", "harness.cli_options"},
    "rich": {"harness.terminal"},
    "pydantic": {"harness.documents"},
}
NEVER = {"pickle", "runpy", "dill", "cloudpickle"}
MAY_IMPORT_INSIDE_FUNCTIONS = {"harness.cli", "harness.cli_data", "harness.cli_board"}
"""A command's modules load when that command runs, so that `--help` and `check` answer at once."""
MOST_LINES = {"nouns.py": 420}
"""Of a file, where it is not 300: the nouns are a list to look things up in, not a program."""


def modules() -> dict[str, ast.Module]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name] = ast.parse(path.read_text("utf-8"))
    return found


def imports(tree: ast.AST) -> Iterator[str]:
    """What a module imports, as dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (_target(node.module, alias.name) for alias in node.names)


def _target(module: str, name: str) -> str:
    whole = f"{module}.{name}"
    return whole if (ROOT / Path(*whole.split("."))).with_suffix(".py").is_file() else module


def entry_of(name: str) -> str | None:
    """The map's entry for a module."""
    short = name.removesuffix(".__init__")
    for floor in FLOORS:
        for entry in floor:
            if entry in (name, short) or (entry.endswith(".*") and f"{short}.".startswith(entry[:-1])):
                return entry
    return None


def floor_of(name: str) -> int:
    """A module's floor."""
    entry = entry_of(name)
    return next(i for i, floor in enumerate(FLOORS) if entry in floor)


def matches(name: str, entries: set[str]) -> bool:
    """Whether a module is one of these entries."""
    return any(entry == name or (entry.endswith(".*") and f"{name}.".startswith(entry[:-1])) for entry in entries)


MODULES = modules()
PLAIN_INITS = {name for name, tree in MODULES.items() if name.endswith("__init__") and not list(imports(tree))}
MAPPED = sorted(name for name in MODULES if not name.startswith("baseline") and name not in PLAIN_INITS)


@pytest.mark.parametrize("name", MAPPED)
def test_every_file_has_a_place(name: str) -> None:
    """A new file is placed before it may exist."""
    assert entry_of(name), f"{name} stands on no floor of the map; give it one in FLOORS"


def test_every_place_has_a_file() -> None:
    """The map shows no house that is gone."""
    for entry in (entry for floor in FLOORS for entry in floor):
        assert any(entry_of(name) == entry for name in MAPPED), f"{entry} stands on the map, but no file has that name"


@pytest.mark.parametrize("name", MAPPED)
def test_imports_go_down(name: str) -> None:
    """Never up, and sideways only with a reason."""
    for target in imports(MODULES[name]):
        if target.split(".")[0] not in PACKAGES or target in ("harness", "harness.evaluator", "leaderboard"):
            continue
        assert not target.startswith("baseline"), f"{name} imports {target}, which belongs in a room"
        same = entry_of(target) == entry_of(name) and entry_of(name) in SIDEWAYS
        assert same or floor_of(target) < floor_of(name), f"{name} imports {target}, which is no floor below it"


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("baseline")))
def test_the_training_library_imports_only_what_is_in_the_room(name: str) -> None:
    """Nouns, line reader and evaluator; nothing that knows of runs, rooms or records."""
    for target in imports(MODULES[name]):
        if target.split(".")[0] in ("harness", "leaderboard"):
            assert any(f"{target}.".startswith(f"{allowed}.") for allowed in BASELINE), f"{name} imports {target}"


@pytest.mark.parametrize("door", sorted(DOORS))
def test_each_door_has_its_users(door: str) -> None:
    """Containers, processes, onnxruntime, wandb, h5py: one door each."""
    users = {name.removesuffix(".__init__") for name, tree in MODULES.items()
             if any(target.split(".")[0] == door for target in imports(tree))}  # fmt: skip
    assert all(matches(user, DOORS[door]) for user in users), f"{door} is imported by {users}"


def test_score_and_predict_never_meet() -> None:
    """The room with the model has no answers, and the room with the answers no model."""
    assert not any("predict" in target for target in imports(MODULES["harness.evaluator.score"]))
    assert not any("score" in target for target in imports(MODULES["harness.evaluator.predict"]))


def test_the_leaderboard_reads_records() -> None:
    """It never sees runs, rooms, datasets, submissions or the judge."""
    hidden = re.compile(r"harness\.(run|runfolder|rooms|datasets|submission|evaluator|scoring|lines)\b")
    for name, tree in MODULES.items():
        if name.startswith("leaderboard"):
            assert not [target for target in imports(tree) if hidden.match(target)], name


def test_nothing_of_ours_imports_a_submission() -> None:
    """No pickle, no runpy, no import by path, no torch.load outside the training library."""
    for name, tree in MODULES.items():
        assert not NEVER & {target.split(".")[0] for target in imports(tree)}, name
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        forbidden = {"__import__", "exec", "eval", "importlib.import_module", "compile"}
        assert not called & forbidden, f"{name} calls {called & forbidden}"
        assert "torch.load" not in called or name.startswith("baseline"), name


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_stand_at_the_top(name: str) -> None:
    """One inside a function hides an arrow."""
    if name in MAY_IMPORT_INSIDE_FUNCTIONS:
        return
    for function in (node for node in ast.walk(MODULES[name]) if isinstance(node, ast.FunctionDef)):
        assert not list(imports(function)), f"{name}.{function.name} imports inside the function"


def test_files_stay_short() -> None:
    """A longer one is two things."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            lines = len(path.read_text("utf-8").splitlines())
            assert lines <= MOST_LINES.get(path.name, 300), f"{path.name} has {lines} lines"
