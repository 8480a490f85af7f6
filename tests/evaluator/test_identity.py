"""The golden vectors hold on both judges, and the judge cannot change unnoticed."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import evaluator
from harness.evaluator import identity
from harness.evaluator.decode import Undecodable, best_path, ids_to_text
from harness.evaluator.score import score
from harness.evaluator.text import normalise
from tests.evaluator import make_golden
from tests.evaluator import second_judge as second

FOLDER = Path(evaluator.__file__).parent
VECTORS: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "golden.jsonl").open(encoding="ascii")]
SHARES = ("character_accuracy", "cer", "wer", "exact_lines", "mean_line_accuracy")
CHANGE = re.compile(r"^- (\d+) (sha256:[0-9a-f]{64}) (\S.{10,})$")


def judged(vector: dict[str, Any]) -> Any:
    """The first judge's answer, shares as floats."""
    if vector["kind"] == "normalise":
        return normalise(vector["text"])
    if vector["kind"] == "best_path":
        classes = len(vector["alphabet"]) + 1
        return best_path(np.array(vector["logits"], np.float32).reshape(1, -1, classes), vector["alphabet"])
    if vector["kind"] == "ids":
        try:
            return ids_to_text(np.array([vector["ids"]], np.int64), vector["alphabet"])
        except Undecodable:
            return None
    found = score(vector["truth"], vector["predictions"])
    exact = sum(line.edits == 0 for line in found.lines)
    counts = {key: getattr(found, key) for key in ("edits", "characters", "word_edits", "words", *SHARES)}
    return {**counts, "exact": exact, "lines": len(found.lines)}


def second_judged(vector: dict[str, Any]) -> Any:
    """The second judge's answer."""
    if vector["kind"] == "normalise":
        return second.normalise(vector["text"])
    if vector["kind"] == "best_path":
        return second.best_path(vector["logits"], vector["alphabet"])
    if vector["kind"] == "ids":
        return second.ids_to_text(vector["ids"], vector["alphabet"])
    return second.score(vector["truth"], vector["predictions"])


@pytest.mark.parametrize("kind", ["normalise", "best_path", "ids", "score"])
def test_both_judges_give_the_golden_answers(kind: str) -> None:
    """A share must be the float nearest to the fraction written down."""
    for vector in (one for one in VECTORS if one["kind"] == kind):
        assert second_judged(vector) == vector["expected"], vector
        expected = vector["expected"]
        if kind == "score":
            expected = {key: float(Fraction(one)) if key in SHARES else one for key, one in expected.items()}
        assert judged(vector) == expected, vector


def test_there_are_more_than_two_hundred_vectors_and_no_two_ask_the_same() -> None:
    """Of each kind at least twenty."""
    asked = {json.dumps({**vector, "expected": None}, sort_keys=True) for vector in VECTORS}
    assert len(asked) == len(VECTORS) > 200
    kinds = [vector["kind"] for vector in VECTORS]
    assert all(kinds.count(kind) >= 20 for kind in ("normalise", "best_path", "ids", "score"))


def test_the_golden_file_is_what_its_maker_makes() -> None:
    """Nobody edits it by hand; `python -m tests.evaluator.make_golden` writes it."""
    assert make_golden.as_text() == (FOLDER / "golden.jsonl").read_text("ascii")


def changes() -> list[re.Match[str]]:
    lines = (FOLDER / "CHANGES.md").read_text("utf-8").splitlines()
    found = [CHANGE.match(line) for line in lines if line.startswith("- ")]
    return [match for match in found if match]


def test_the_newest_line_of_changes_names_this_judge() -> None:
    """A judge that changed needs a new version and a new line with its digest and its reason."""
    newest = changes()[-1]
    assert int(newest[1]) == identity.VERSION, "harness/evaluator/CHANGES.md and identity.VERSION disagree"
    assert newest[2] == identity.digest(), (
        "The judge changed. Raise identity.VERSION, add a line to harness/evaluator/CHANGES.md with "
        f"{identity.digest()} and the reason, then score stored predictions again."
    )


def test_each_version_has_one_line_and_a_digest_of_its_own() -> None:
    """Counted from 1 without gaps; none is rewritten into another."""
    assert [int(match[1]) for match in changes()] == list(range(1, identity.VERSION + 1))
    assert len({match[2] for match in changes()}) == identity.VERSION


def test_everything_in_the_judges_folder_is_part_of_its_identity() -> None:
    """Except its empty front door, its version and the list of changes, which name the digest or nothing."""
    found = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert found - set(identity.PARTS) == {"__init__.py", "identity.py", "CHANGES.md"}


def test_any_changed_byte_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where bytes only move from the end of one part to the beginning of the next."""
    for name in identity.PARTS:
        (tmp_path / name).write_bytes(b"ab")
    monkeypatch.setattr(identity, "__file__", str(tmp_path / "identity.py"))
    seen = {identity.digest()}
    (tmp_path / identity.PARTS[0]).write_bytes(b"a")
    seen.add(identity.digest())
    (tmp_path / identity.PARTS[1]).write_bytes(b"bab")
    seen.add(identity.digest())
    assert len(seen) == 3
