"""Fabricated lines, models and rooms: real formats, small contents."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import reading
from harness.datasets.folder import About, Row
from harness.nouns import Job, Licence, Outcome, Place, RoomName, Split

HEIGHT = 32
LETTERS = "abcdefgh"
COLUMN = 4
"""Pixels of one drawn letter: letter i is a bar of i + 2 black pixels, so that a tiny model can read it."""

ABOUT = About("small", "1", HEIGHT, Licence("CC0", "made by the tests", public_images=True), synthetic=True)


def draw(text: str) -> np.ndarray:
    """A text of LETTERS and spaces as bars: (HEIGHT, COLUMN * letters) uint8, ink 0 on paper 255."""
    image = np.full((HEIGHT, COLUMN * len(text)), 255, np.uint8)
    for i, letter in enumerate(text):
        tall = 0 if letter == " " else 2 * (LETTERS.index(letter) + 1)
        image[:tall, COLUMN * i : COLUMN * (i + 1)] = 0
    return image


def rows(split: Split, lines: int, writers: int) -> list[Row]:
    """Lines of a split: distinct texts over all splits, writers of the split's own."""
    random = np.random.default_rng(len(split))
    found: list[Row] = []
    for i in range(lines):
        text = split[1] + "".join(random.choice(list(LETTERS), 6 + i % 5)) + LETTERS[i % 8]
        text = "".join(c if c in LETTERS else "a" for c in text)
        text = text[:3] + " " + text[3:]
        found.append((f"{split}-{i:03d}", draw(text), text, f"{split}-writer{i % writers}"))
    return found


def fabricated_parts(train: int = 24, valid: int = 8, test: int = 12) -> Mapping[Split, list[Row]]:
    """Rows for a dataset's three parts."""
    return {"train": rows("train", train, 3), "valid": rows("valid", valid, 2), "test": rows("test", test, 4)}


def bar_model(alphabet: tuple[str, ...] | None = None, wrong_every: int = 0) -> bytes:
    """A model.onnx that really reads `draw`'s bars: it measures each column's ink and looks the letter up.

    Output `ids` (1, columns): the letter's place in the alphabet. `wrong_every` is unused by the graph when 0;
    otherwise every letter of that place is read as its neighbour, to make a score below one.
    """
    alphabet = alphabet or (" ", *LETTERS)
    table = np.arange(1, len(alphabet) + 1, dtype=np.int64)
    if wrong_every:
        table[wrong_every] = table[wrong_every - 1]
    nodes = [
        helper.make_node("Slice", ["images", "start", "end", "axes", "stride"], ["columns"]),
        helper.make_node("Cast", ["columns"], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["paper", "grey"], ["ink"]),
        helper.make_node("ReduceSum", ["ink", "rows"], ["dark"], keepdims=0),
        helper.make_node("Div", ["dark", "step"], ["bars"]),
        helper.make_node("Cast", ["bars"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "index"], ["ids"]),
    ]
    constants = {
        "start": np.array([1], np.int64), "end": np.array([2**31], np.int64), "axes": np.array([2], np.int64),
        "stride": np.array([COLUMN], np.int64), "paper": np.float32(255), "rows": np.array([1], np.int64),
        "step": np.float32(2 * 255), "table": table,
    }  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "bars",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, [1, HEIGHT, "width"])],
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"alphabet": json.dumps(list(alphabet))})
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


WELL = Outcome("exited", 0, 1.0, 2**20)


class PlainRoom:
    """A room that starts no process: training is a function of the test's, reading is the real program called."""

    name: RoomName = "process"
    official = False

    def __init__(self, train: Callable[[Path, Path], None], outcome: Outcome = WELL):
        self.train, self.outcome = train, outcome
        self.jobs: list[Job] = []

    def profile(self) -> Mapping[str, object]:
        return {"room": "plain"}

    def run(self, job: Job, watch: Callable[[float], None]) -> Outcome:
        self.jobs.append(job)
        words = [_host(word) for word in job.command]
        if "harness.reading" in words:
            code = reading.main(words[words.index("harness.reading") + 1 :])
            watch(0.5)
            return Outcome("exited", code, 0.5, 2**20)
        places = [_host(word) for word in job.command if isinstance(word, Place)]
        self.train(Path(places[-2]), Path(places[-1]))
        watch(1.0)
        return self.outcome


def _host(word: str | Place) -> str:
    return word if isinstance(word, str) else str(word.mount.host / word.below)


def leave_model(model: bytes | None = None) -> Callable[[Path, Path], None]:
    """A training that leaves this model, and a curve."""

    def train(data: Path, out: Path) -> None:
        assert (data / "train.h5").is_file()
        assert (data / "valid.h5").is_file()
        (out / "metrics.jsonl").write_text('{"step": 1, "steps": 2, "seconds": 0.5, "loss": 3.5}\n')
        (out / "model.onnx").write_bytes(bar_model() if model is None else model)

    return train


def make_submission(
    parent: Path, name: str = "alice", program: str = "def build_model(task):\n    return None\n"
) -> Path:
    """A submission's folder that passes the static checks."""
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "submission.toml").write_text(f'name = "{name}"\nauthors = ["A. Uthor"]\n')
    (folder / "model.py").write_text(program)
    return folder
