"""Lines are read alone, in order, side by side; one line's failure is its own, a NaN is everybody's."""

import random
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper

from harness.evaluator import predict as predict_module
from harness.evaluator.predict import Prediction, predict, raw_outputs
from harness.nouns import SubmissionError
from tests.evaluator.models import ALPHABET, graph, image, logits, model, picks, save, spells, value, weight

Images = list[tuple[str, Any]]


def read(built: ModelProto, images: Images, threads: int = 2, output: Any = "logits", **more: Any) -> list[Prediction]:
    return predict(built.SerializeToString(), images, ALPHABET, output, threads, **more)


def draw_images(count: int) -> Images:
    draw = random.Random(1)
    return [(f"line {i}", image(*draw.choices(range(4), k=draw.randrange(1, 40)))) for i in range(count)]


def expected(pixels: Any) -> str:
    """What `picks` reads: merge repeats, drop zeros."""
    return "".join(
        ALPHABET[now - 1] for last, now in zip([0, *pixels[0]], pixels[0], strict=False) if now and now != last
    )


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_predictions_come_in_the_order_of_the_images(threads: int) -> None:
    """Though the longest line is read first, whatever the number of threads."""
    images = draw_images(60)
    found = read(model(picks()), images, threads)
    assert [(one.id, one.text, one.failure) for one in found] == [(i, expected(line), "") for i, line in images]
    assert all(0 < one.seconds < 10 for one in found)


def test_a_line_reads_the_same_whatever_its_neighbours() -> None:
    """A subset and a shuffle give each line the text it had, at its own true width."""
    images = draw_images(40)
    texts = {one.id: one.text for one in read(model(picks()), images)}
    shuffled = random.Random(2).sample(images, len(images))
    for some in (shuffled, images[10:17], images[-1:]):
        assert [one.text for one in read(model(picks()), some)] == [texts[line_id] for line_id, _ in some]


def test_an_image_may_be_a_view_of_a_strip() -> None:
    """Line stores hand out views, whose rows do not lie side by side."""
    strip = np.concatenate([image(1, 0, 2), image(3, 3)], axis=1)
    found = read(model(picks()), [("a", strip[:, :3]), ("b", strip[:, 3:])])
    assert [one.text for one in found] == ["ab", "c"]


def test_ids_are_spelt() -> None:
    """Up to the first 0; the model's pixels are one more than its ids."""
    found = read(model(spells()), [("a", image(2, 2, 4, 1, 3)), ("b", image(1))], output="ids")
    assert [one.text for one in found] == ["aac", ""]


def test_a_model_may_be_a_file(tmp_path: Path) -> None:
    """The file is read once; the threads share its bytes."""
    path = save(model(picks()), tmp_path)
    assert predict(path, [("a", image(1))], ALPHABET, "logits", 2)[0].text == "a"


def test_no_lines_give_no_predictions() -> None:
    """And no error."""
    assert read(model(picks()), []) == []


def crashes_on_width_five() -> ModelProto:
    """A Reshape that cannot be done where the width is divisible by five."""
    nodes = [
        helper.make_node("Shape", ["images"], ["shape"]),
        helper.make_node("Gather", ["shape", "last"], ["width"], axis=0),
        helper.make_node("Mod", ["width", "five"], ["rest"]),
        helper.make_node("Equal", ["rest", "none"], ["bad"]),
        helper.make_node("Cast", ["bad"], ["shift"], to=TensorProto.INT64),
        helper.make_node("Add", ["top_row", "shift"], ["index"]),
        helper.make_node("Gather", ["scores", "index"], ["kept"], axis=0),
    ]
    made = picks(nodes, "kept")
    named = {"last": [2], "five": [5], "none": [0], "top_row": [0]}
    made.initializer.extend(weight(name, np.int64(number)) for name, number in named.items())
    return model(made)


def test_a_crash_on_one_line_is_that_lines_own() -> None:
    """Its neighbours are read, on the same thread and after it."""
    images = [("short", image(1)), ("bad", image(1, 1, 1, 1, 1)), ("long", image(1, 0, 2, 0, 3, 0, 1))]
    found = read(crashes_on_width_five(), images, threads=1)
    assert [(one.text, one.failure) for one in found] == [("a", ""), ("", "crashed"), ("abca", "")]


def test_an_undecodable_line_is_that_lines_own() -> None:
    """An id of 4 where the alphabet has 3 entries, and a negative one."""
    images = [("good", image(2, 3)), ("over", image(2, 5)), ("under", image(2, 0)), ("after the end", image(2, 1, 9))]
    found = read(model(spells()), images, output="ids")
    wrong = ("", "undecodable")
    assert [(one.text, one.failure) for one in found] == [("ab", ""), wrong, wrong, ("a", "")]


def test_an_over_long_line_is_that_lines_own() -> None:
    """Attack 13: ten million characters from a line four pixels wide."""
    nodes = [
        helper.make_node("Gather", ["images", "top"], ["row"], axis=1),
        helper.make_node("Cast", ["row"], ["numbers"], to=TensorProto.INT64),
        helper.make_node("ReduceMax", ["numbers"], ["most"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["most", "million"], ["length"]),
        helper.make_node("Concat", ["one", "length"], ["shape"], axis=0),
        helper.make_node("Expand", ["letter", "shape"], ["ids"]),
    ]
    named = {"top": 0, "million": [2_000_000], "one": [1], "letter": [[1]]}
    weights = [weight(name, np.array(number, np.int64)) for name, number in named.items()]
    made = model(graph(nodes, value("ids", TensorProto.INT64, (1, "length")), weights))
    found = read(made, [("huge", image(5)), ("none", image(0))], output="ids")
    assert [(one.text, one.failure) for one in found] == [("", "too long"), ("", "")]


def divided_by_its_largest() -> list[NodeProto]:
    """Scores times the largest class of the line, divided by it: 0/0 where all of the line is blank."""
    return [
        helper.make_node("ReduceMax", ["classes"], ["most"], keepdims=0),
        helper.make_node("Cast", ["most"], ["unit"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scores", "unit"], ["scaled"]),
        helper.make_node("Div", ["scaled", "unit"], ["divided"]),
    ]


@pytest.mark.parametrize("threads", [1, 3])
def test_one_nan_refuses_the_whole_run(threads: int) -> None:
    """Attack 12: 0/0 on a line whose top row is blank, in the middle of others, ends all threads."""
    images = [*draw_images(30), ("blank", image(0, 0, 0))]
    with pytest.raises(SubmissionError, match="holds NaN") as caught:
        read(model(picks(divided_by_its_largest(), "divided")), images, threads)
    assert caught.value.phase == "predict"


def test_an_output_that_does_not_fit_the_alphabet_is_refused() -> None:
    """The gate believes what a model declares; here is what it gives."""
    with pytest.raises(SubmissionError, match="has 4 classes; an alphabet of 2"):
        predict(model(picks()).SerializeToString(), [("a", image(1))], ["a", "b"], "logits", 1)


@pytest.mark.parametrize(
    "built",
    [
        model(graph([], logits())),
        model(graph([helper.make_node("NoSuchOperator", ["images"], ["logits"])], logits())),
        model(graph([helper.make_node("Relu", ["images\u202e\n"], ["logits"])], logits())),
        ModelProto(),
    ],
)
def test_a_model_that_does_not_load_is_refused(built: ModelProto) -> None:
    """With the runtime's own words, printable."""
    with pytest.raises(SubmissionError, match="does not load") as caught:
        read(built, draw_images(3), threads=3)
    assert caught.value.phase == "predict"
    assert caught.value.reason.isprintable()


@pytest.mark.parametrize("pause", [0, 0.5])
def test_progress_adds_up_to_all_lines_and_never_comes_from_two_threads_at_once(
    pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow the listener is, and however often it is told."""
    monkeypatch.setattr(predict_module, "SECONDS_BETWEEN_NEWS", pause)
    busy, told = threading.Lock(), list[int]()

    def progress(lines: int) -> None:
        assert busy.acquire(blocking=False)
        time.sleep(0.001)
        told.append(lines)
        busy.release()

    read(model(picks()), draw_images(100), threads=4, progress=progress)
    assert sum(told) == 100
    assert all(lines > 0 for lines in told)
    assert len(told) > 10 if pause == 0 else len(told) < 10


def test_the_longest_line_is_read_first_so_that_all_threads_end_together() -> None:
    """The reader here is a fake that notes the widths it was given."""
    images, widths = draw_images(50), list[int]()

    def note(line: Any) -> tuple[str, Any]:
        widths.append(line.shape[1])
        return "", ""

    predict_module._Work(images, None).do(note)
    assert widths == sorted((line.shape[1] for _, line in images), reverse=True)


def test_an_error_in_one_thread_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest line gives NaN; most of the 5,000 others are never read."""
    monkeypatch.setattr(predict_module, "SECONDS_BETWEEN_NEWS", 0)
    told, images = list[int](), [("long", image(0, 0)), *((str(i), image(1)) for i in range(5000))]
    with pytest.raises(SubmissionError, match="holds NaN"):
        read(model(picks(divided_by_its_largest(), "divided")), images, threads=2, progress=told.append)
    assert sum(told) < 2500


def test_the_sessions_run_on_one_thread_each_and_never_spin() -> None:
    """Speed comes from lines side by side: reading with one thread starts one thread."""
    before, seen = threading.active_count(), list[int]()
    read(model(picks()), draw_images(5), threads=1, progress=lambda _: seen.append(threading.active_count()))
    assert seen == [before + 1]


def test_raw_outputs_are_the_models_own(tmp_path: Path) -> None:
    """One array an image, undecoded: here each column's class as a one-hot row."""
    found = raw_outputs(save(model(picks()), tmp_path), [image(1, 0, 2), image(3)])
    assert [array.shape for array in found] == [(1, 3, 4), (1, 1, 4)]
    assert [array[0].argmax(-1).tolist() for array in found] == [[1, 0, 2], [3]]
