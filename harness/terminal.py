"""How a run looks in a terminal: progress on standard error, results on standard output."""

from collections.abc import Callable, Iterable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from harness.nouns import Phase, Record, ScoreSummary

DOING: dict[Phase, str] = {"train": "training", "predict": "reading"}


class Terminal:
    """Progress bars and remarks, all on standard error; nothing where `quiet`."""

    def __init__(self, quiet: bool = False) -> None:
        console = Console(stderr=True, quiet=quiet, highlight=False)
        columns = (TextColumn("{task.description:<9}"), BarColumn(32), TextColumn("{task.fields[shown]}"))
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, disable=quiet)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Terminal":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, sentence: str) -> None:
        """One remark on a line of its own."""
        self._progress.console.print(sentence, markup=False)

    def progress(self, phase: Phase, done: float, total: float, note: str = "") -> None:
        """How far a phase is; seconds for training, lines for reading."""
        unit = "s" if phase == "train" else "lines"
        self.bar(DOING.get(phase, phase), done, total, f"{done:,.0f} of {total:,.0f} {unit}{note and '  ' + note}")

    def bar(self, name: str, done: float, total: float, shown: str) -> None:
        """Draw or move the bar of this name."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, shown=shown)
        self._progress.update(self._tasks[name], completed=done, total=total, shown=shown)

    def counter(self, name: str, total: int) -> Callable[[int], None]:
        """A function that takes how many more are done and moves the bar of this name."""
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            self.bar(name, done, total, f"{done:,} of {total:,}")

        return count


def percent(fraction: float) -> str:
    """A fraction as a percentage with two decimals."""
    return f"{100 * fraction:.2f} %"


def figures_of(score: ScoreSummary) -> Iterable[str]:
    """A score, line by line."""
    interval = f"{percent(score.interval.low)} to {percent(score.interval.high)}"
    yield f"  character accuracy  {percent(score.character_accuracy)}  (95 % interval {interval})"
    mean = percent(score.mean_line_accuracy)
    yield f"  CER {percent(score.cer)}, WER {percent(score.wer)}, mean line accuracy {mean}"
    for group in score.groups:
        yield f"  {group.name}: character accuracy {percent(group.character_accuracy)} on {group.lines:,} lines"


def lines_of(record: Record) -> Iterable[str]:
    """What a person wants to know of a record, line by line."""
    kind = "synthetic lines" if record.dataset.synthetic else "lines"
    where = f"{record.dataset.name} {record.dataset.version}"
    if record.fault:
        yield f"{record.entry.name} has no score: {record.fault.reason} (fault of the {record.fault.whose})"
    if record.score:
        yield f"{record.entry.name} on {record.score.lines:,} {kind} of {where}:"
        yield from figures_of(record.score)
    if record.model:
        size = f"{record.model.bytes / 1e6:.1f} MB, {record.model.parameters:,} parameters"
        yield f"  model {size}, {record.model.ms_a_line:.1f} ms a line on one thread"
    yield f"  trained {record.seconds.train:.0f} s in the {record.room.name} room"
