"""Which room a name opens."""

import pytest

import harness.rooms as rooms
from harness.nouns import InputError
from harness.rooms import best_room, open_room
from harness.rooms.bubblewrap import BubblewrapRoom


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="best, bubblewrap, process"):
        open_room("cupboard")


def test_the_process_room_opens_by_name() -> None:
    assert open_room("process").name == "process"


def test_the_best_room_is_bubblewrap_where_that_works(bubblewrap: rooms.Room) -> None:
    assert best_room().name == open_room("best").name == open_room("bubblewrap").name == "bubblewrap"


def test_without_bubblewrap_the_best_room_is_a_process_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert best_room().name == "process"
    with pytest.raises(InputError, match=r"bwrap is not installed|it needs Linux"):
        open_room("bubblewrap")


def test_gpus_stand_in_the_profile() -> None:
    assert BubblewrapRoom(gpus=True).profile() != BubblewrapRoom().profile()
