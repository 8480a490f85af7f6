"""Where things lie in the folder a command is given in, and what a command's names mean there."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from harness.competition import NAME, practice, read_competition
from harness.machine import this_machine
from harness.nouns import Competition, InputError
from harness.rooms import Room, open_room
from harness.submission import NAME as SUBMISSION_NAME

DEFAULT_COMPETITION = "demo"
SHIPPED = Path(__file__).resolve().parent.parent / "leaderboard"


@dataclass(frozen=True)
class Workplace:
    """The four folders of a workplace: datasets, runs, boards (one folder a competition) and the built site."""

    data: Path = Path("data")
    runs: Path = Path("runs")
    boards: Path = Path("leaderboard")
    site: Path = Path("site")

    def board(self, competition: str) -> Path:
        """A competition's folder, with its records."""
        if not NAME.fullmatch(competition):
            rule = "small letters, digits, '.', '_' and '-'"
            raise InputError(f"'{competition[:80]}' is no name of a competition: {rule}.")
        return self.boards / competition

    def competition(self, name: str) -> Competition:
        """The competition of this name: from its folder here, as shipped, or a practice board of an earlier run."""
        for folder in (self.board(name), SHIPPED / name):
            if (folder / "competition.toml").is_file():
                return read_competition(folder)
        if name.startswith("practice-"):
            return practice(name.removeprefix("practice-"))
        known = ", ".join(self._names())
        raise InputError(f"{self.board(name)}: no competition.toml there; competitions here: {known}.")

    def _names(self) -> list[str]:
        folders = [path.parent.name for root in (self.boards, SHIPPED) for path in root.glob("*/competition.toml")]
        return sorted(set(folders)) or ["none"]

    def dataset(self, name: str) -> Path:
        """A dataset's folder, by its name below the data folder or by a path."""
        path = Path(name)
        return path if (path / "manifest.json").is_file() else self.data / name


@dataclass(frozen=True)
class Setting:
    """What a run stands on: the competition, the dataset's folder, where runs lie, the room, the seed, the device."""

    competition: Competition
    data: Path
    runs: Path
    room: Room
    seed: int
    device: str = "cpu"


def choose(place: Workplace, competition: str, data: str, seconds: float) -> Competition:
    """The competition that the options mean: data or time of one's own make it practice, with a board of its own."""
    if data:
        if competition:
            raise InputError("give --competition or --data, not both: a competition names its own data.")
        chosen = practice(Path(data).name)
    else:
        chosen = place.competition(competition or DEFAULT_COMPETITION)
    if seconds:
        if seconds < 1:
            raise InputError(f"--seconds {seconds:g}: training needs at least 1 second.")
        if not data:
            chosen = replace(practice(chosen.dataset), train=chosen.train, predict=chosen.predict)
        chosen = replace(chosen, train=replace(chosen.train, seconds=seconds))
    return chosen


def setting_of(place: Workplace, competition: str, data: str, seconds: float, room: str, seed: int | None) -> Setting:
    """The setting that a command's options mean; a GPU is used where this machine has one."""
    chosen = choose(place, competition, data, seconds)
    gpu = bool(this_machine().gpu)
    return Setting(
        chosen, place.dataset(data or chosen.dataset), place.runs, open_room(room, gpus=gpu),
        chosen.seed if seed is None else seed, "cuda" if gpu else "cpu",
    )  # fmt: skip


def make_submission(name: str, parent: Path) -> Path:
    """A new submission's folder, a copy of the example: it passes `check` as it is."""
    if not SUBMISSION_NAME.fullmatch(name):
        raise InputError(f"'{name[:80]}': a submission is named with letters, digits, '.', '_' and '-'.")
    target = parent / name
    if target.exists():
        raise InputError(f"{target}: already there; choose another name.")
    example = _example()
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(example, target, ignore=shutil.ignore_patterns("__pycache__"))
    settings = target / "submission.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('name = "Example"', f'name = "{name}"'), "utf-8")
    return target


def _example() -> Path:
    """The example as installed with the package, or as it lies in a checkout."""
    here = Path(__file__).resolve().parent
    candidates = (here / "example", here.parent / "submissions" / "example")
    return next(path for path in candidates if path.is_dir())
