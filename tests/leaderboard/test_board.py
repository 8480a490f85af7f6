"""Which record counts, against which, at which rank."""

from dataclasses import replace

import pytest

from harness.nouns import EvaluatorFacts, InputError, Record
from harness.record import record_digest
from leaderboard.board import Board, Group, standings
from tests.leaderboard.board_samples import DATA, JUDGE, OURS, PROCESS, run, score

NEW_JUDGE = EvaluatorFacts(2, "sha256:" + "e" * 64)
NEW_DATA = replace(DATA, version="2", test="sha256:" + "f" * 64)
PATCHED_JUDGE = replace(JUDGE, digest="sha256:" + "0" * 64)


def ranks(group: Group | None) -> list[tuple[int, str]]:
    return [(row.rank, row.record.entry.name) for row in group.rows] if group else []


def names(board: Board) -> list[str]:
    return [filed.record.entry.name for filed in board.without_score]


RANKED = {
    "the highest accuracy is first": ([run("a", 300), run("b", 100), run("c", 200)], [(1, "b"), (2, "c"), (3, "a")]),
    "equal accuracies share a rank and the next is left out, the earlier run first": (
        [run("a", 200, 3), run("b", 200, 2), run("c", 100), run("d", 900)],
        [(1, "c"), (2, "b"), (2, "a"), (4, "d")],
    ),
    "a newer run replaces an older one, even a better one": (
        [run("a", 100, 1), run("a", 300, 2), run("b", 200)], [(1, "b"), (2, "a")],
    ),
    "a newer run without a score leaves the older score its rank": (
        [run("a", 100, 1), run("a", None, 2), run("b", 200)], [(1, "a"), (2, "b")],
    ),
    "a run without a score never outranks a number, not even one below zero": (
        [run("a", None), run("b", 10_500)], [(1, "b")],
    ),
    "a score with a fault beside it does not count": ([run("a", 1, fault=OURS), run("b", 900)], [(1, "b")]),
    "the newest judge ranks, however few it has judged": (
        [run("a", 100), run("b", 200), run("c", 900, evaluator=NEW_JUDGE)], [(1, "c")],
    ),
    "under one judge, the data that most entries share ranks": (
        [run("a", 100), run("b", 200), run("c", 50, 9, dataset=NEW_DATA)], [(1, "a"), (2, "b")],
    ),
    "between two judges of one version, the one with more entries ranks": (
        [run("a", 100), run("b", 200), run("c", 50, 9, evaluator=PATCHED_JUDGE)], [(1, "a"), (2, "b")],
    ),
    "between equally many entries, the newest run's group ranks": (
        [run("a", 100, 1), run("b", 50, 9, dataset=NEW_DATA)], [(1, "b")],
    ),
    "nothing at all ranks nobody": ([], []),
}  # fmt: skip


@pytest.mark.parametrize(("records", "expected"), RANKED.values(), ids=RANKED.keys())
def test_ranks(records: list[Record], expected: list[tuple[int, str]]) -> None:
    """Each case holds whatever order the records come in."""
    assert ranks(standings(records).ranked) == expected
    assert ranks(standings(records[::-1]).ranked) == expected


def test_the_newest_of_two_times_in_different_zones_counts() -> None:
    """01:00 at +05:00 is 20:00 UTC of the day before, and so older than 22:00 UTC."""
    older = run("a", 100, submitted="2026-03-02T01:00:00+05:00")
    newer = run("a", 200, submitted="2026-03-01T22:00:00Z")
    ranked = standings([older, newer]).ranked
    assert ranked is not None
    assert ranked.rows[0].record == newer


def test_ties_are_marked() -> None:
    """Both rows of a tie say so, and no other."""
    ranked = standings([run("a", 200), run("b", 200), run("c", 100)]).ranked
    assert ranked is not None
    assert {row.record.entry.name: row.tied for row in ranked.rows} == {
        "a": True,
        "b": True,
        "c": False,
    }


@pytest.mark.parametrize("other", [{"dataset": NEW_DATA}, {"dataset": replace(DATA, truth="sha256:" + "0" * 64)},
                                   {"evaluator": PATCHED_JUDGE}, {"evaluator": EvaluatorFacts(0, "sha256:0")}])  # fmt: skip
def test_scores_on_other_data_or_by_another_judge_are_listed_apart(other: dict[str, object]) -> None:
    """They never meet in one ranking, and none is lost."""
    board = standings([run("a", 200, 8), run("b", 300, 7), run("c", 100, **other)])
    assert ranks(board.ranked) == [(1, "a"), (2, "b")]
    assert [ranks(group) for group in board.apart] == [[(1, "c")]]


@pytest.mark.parametrize("named_by", ["id", "digest"])
def test_a_corrected_record_leaves_the_ranking_and_stays_in_the_history(named_by: str) -> None:
    """The newer record counts although the one it corrects was better."""
    old = run("a", 100, 1)
    new = run("a", 150, 2, corrects=old.id if named_by == "id" else record_digest(old))
    board = standings([old, new])
    assert board.ranked is not None
    assert [row.record for row in board.ranked.rows] == [new]
    assert [filed.record for filed in board.history["a"]] == [new, old]
    assert board.corrected == {record_digest(old): record_digest(new)}


def test_a_run_scored_again_keeps_its_id_and_time() -> None:
    """The second record of one run corrects the first by digest."""
    old = run("a", 100)
    new = replace(old, score=score(120), evaluator=NEW_JUDGE, corrects=record_digest(old))
    board = standings([old, new])
    assert ranks(board.ranked) == [(1, "a")]
    assert board.ranked is not None
    assert board.ranked.rows[0].record == new
    assert board.apart == ()
    assert len(board.history["a"]) == 2


def test_a_chain_of_corrections_leaves_the_last() -> None:
    """Two corrections, one after the other."""
    first = run("a", 100, 1)
    second = run("a", 110, 2, corrects=first.id)
    third = run("a", 120, 3, corrects=second.id)
    board = standings([first, third, second])
    assert board.ranked is not None
    assert [row.record for row in board.ranked.rows] == [third]


def test_a_withdrawn_score_leaves_its_entry_without_one() -> None:
    """A correction may take a score away."""
    old = run("a", 100, 1)
    board = standings([old, run("a", None, 2, corrects=old.id), run("b", 200)])
    assert ranks(board.ranked) == [(1, "b")]
    assert names(board) == ["a"]


NO_CORRECTION = {
    "another entry's record": lambda old: run("rival", 500, 2, corrects=old.id),
    "a newer record": lambda old: run("a", 900, 1, id="older", submitted="2026-01-01T00:00:00Z", corrects=old.id),
    "a record that is not there": lambda old: run("rival", 500, 2, corrects="nothing"),
}


@pytest.mark.parametrize("other", NO_CORRECTION.values(), ids=NO_CORRECTION.keys())
def test_a_record_cannot_correct(other: object) -> None:
    """Nobody takes another team off the board, and nobody corrects the future."""
    old = run("a", 100, 1)
    board = standings([old, other(old)])  # type: ignore[operator]
    assert board.ranked is not None
    assert old in [row.record for row in board.ranked.rows]
    assert board.corrected == {}


def test_two_records_that_correct_each_other_do_not_both_vanish() -> None:
    """A circle leaves one of them standing."""
    one, other = run("a", 100, 1, id="one", corrects="other"), run("a", 110, 1, id="other", corrects="one")
    board = standings([one, other])
    assert len(board.corrected) == 1
    assert len(ranks(board.ranked)) == 1


def test_an_entry_is_without_a_score_while_its_newest_run_is() -> None:
    """Named once, newest entry first; a later success takes it off the list."""
    records = [run("a", None, 1), run("a", None, 4), run("b", None, 2), run("c", None, 1), run("c", 100, 3)]
    assert names(standings(records)) == ["a", "b"]


def test_practice_runs_rank_unless_only_official_rooms_do() -> None:
    """With official_only they are listed apart, and alone they rank nobody."""
    official, practice = run("a", 300), run("b", 100, room=PROCESS)
    assert ranks(standings([official, practice]).ranked) == [(1, "b"), (2, "a")]
    board = standings([official, practice], official_only=True)
    assert ranks(board.ranked) == [(1, "a")]
    assert [(group.basis.practice, ranks(group)) for group in board.apart] == [(True, [(1, "b")])]
    assert standings([practice], official_only=True).ranked is None


def test_a_process_room_that_calls_itself_official_is_not() -> None:
    """Only docker rooms are official."""
    claim = run("a", 100, room=replace(PROCESS, official=True))
    assert standings([claim], official_only=True).ranked is None


def test_the_same_record_twice_is_one() -> None:
    """A file copied under another name changes nothing."""
    assert len(standings([run("a"), run("a")]).history["a"]) == 1


@pytest.mark.parametrize("figure", ["character_accuracy", "wer"])
def test_a_figure_that_is_no_number_is_refused(figure: str) -> None:
    """NaN is neither ranked nor replaced."""
    broken = run("a", score=replace(score(1), **{figure: float("nan")}))
    with pytest.raises(InputError, match="cannot be written as JSON"):
        standings([broken])
