"""How text is normalised and how a model's output becomes text."""

import sys
import tracemalloc
import unicodedata

import numpy as np
import pytest

from harness.evaluator.decode import MAX_CHARACTERS, TooLong, Undecodable, best_path, ids_to_text
from harness.evaluator.text import normalise
from harness.nouns import SubmissionError
from tests.evaluator import second_judge

ABC = ("a", "b", "c")


def path(*classes: int, count: int = 4) -> np.ndarray:
    return np.eye(count, dtype=np.float32)[list(classes)][None]


def test_every_single_character_is_normalised_the_same_by_both_judges() -> None:
    """Between two letters, so that whitespace shows; lone surrogates included."""
    texts = (f"a{chr(code)}b" for code in range(sys.maxunicode + 1) if code < 0x30000 or code >= 0xE0000)
    wrong = [text for text in texts if normalise(text) != second_judge.normalise(text)]
    assert wrong == []


@pytest.mark.parametrize("text", ["", " a ", "e\u0301  x", "\u0301", "a \u0301", "\u1100\u1161 \u11a8", "\ud800 x"])
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """And the result is NFC."""
    once = normalise(text)
    assert normalise(once) == once == unicodedata.normalize("NFC", once)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("batch", [True, False])
def test_logits_may_be_any_float_with_or_without_the_batch(kind: type, batch: bool) -> None:
    """(1, time, classes) and (time, classes) read the same."""
    logits = path(1, 1, 0, 1, 3).astype(kind)
    assert best_path(logits if batch else logits[0], ABC) == "aac"


def test_infinity_is_a_number_like_others() -> None:
    """The largest wins, and of two infinities the lower class."""
    rows = np.array([[0, -np.inf, np.inf, np.inf], [-np.inf] * 4, [0, 0, 0, np.inf]], np.float32)
    assert best_path(rows, ABC) == "bc"


def test_no_time_steps_read_as_the_empty_text() -> None:
    """A line too narrow for the model is empty, not an error."""
    assert best_path(np.zeros((1, 0, 4), np.float32), ABC) == ""
    assert ids_to_text(np.zeros((1, 0), np.int64), ABC) == ""


@pytest.mark.parametrize(
    ("logits", "says"),
    [
        (np.where(path(1, 2) == 1, np.nan, 0), "holds NaN"),
        (np.full((1, 1, 4), -np.nan, np.float16), "holds NaN"),
        (path(1, 2, count=3), "has 3 classes; an alphabet of 3 needs one more"),
        (path(1, 2, count=5), "has 5 classes"),
        (np.zeros((2, 3, 4), np.float32), "must be float (1, time, classes)"),
        (np.zeros(4, np.float32), "must be float (1, time, classes)"),
        (np.zeros((1, 3, 4), np.int64), "must be float (1, time, classes)"),
    ],
)
def test_logits_that_break_the_contract_are_refused(logits: np.ndarray, says: str) -> None:
    """NaN most of all: it is never taken for a class."""
    with pytest.raises(SubmissionError) as caught:
        best_path(logits, ABC)
    assert says in caught.value.reason
    assert caught.value.phase == "predict"


@pytest.mark.parametrize("ids", [[4], [1, -1], [2**62, 0], [-(2**63)]])
def test_an_id_outside_the_alphabet_is_undecodable(ids: list[int]) -> None:
    """Negative ones too: they must not count from the alphabet's end."""
    with pytest.raises(Undecodable):
        ids_to_text(np.array([ids], np.int64), ABC)


@pytest.mark.parametrize("ids", [np.zeros((2, 3), np.int64), np.zeros(3, np.int64), np.zeros((1, 3), np.int32)])
def test_ids_of_another_type_or_shape_are_refused(ids: np.ndarray) -> None:
    """The contract says int64 (1, length)."""
    with pytest.raises(SubmissionError, match="must be int64"):
        ids_to_text(ids, ABC)


def test_a_reading_may_have_ten_thousand_characters_and_not_one_more() -> None:
    """Counted in characters, not in alphabet entries."""
    ids = np.ones((1, MAX_CHARACTERS), np.int64)
    assert ids_to_text(ids, ABC) == "a" * MAX_CHARACTERS
    assert len(ids_to_text(ids[:, : MAX_CHARACTERS // 2], ["ab"])) == MAX_CHARACTERS
    for too_many, alphabet in ((np.ones((1, MAX_CHARACTERS + 1), np.int64), ABC), (ids, ["ab"])):
        with pytest.raises(TooLong):
            ids_to_text(too_many, alphabet)


def test_ten_million_ids_are_noticed_before_a_string_is_built() -> None:
    """Attack 13: entries as long as the gate allows would make 640 million characters."""
    ids = np.ones((1, 10_000_000), np.int64)
    tracemalloc.start()
    with pytest.raises(TooLong):
        ids_to_text(ids, ["x" * 64])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < ids.nbytes


def test_a_best_path_can_be_too_long_as_well() -> None:
    """Alternating classes merge nothing."""
    with pytest.raises(TooLong):
        best_path(path(*[1, 2] * (MAX_CHARACTERS // 2 + 1)), ABC)
