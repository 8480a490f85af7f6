"""What every room promises, one property a test; the stage fails any test that leaves a process alive."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.nouns import HarnessError, Mount
from harness.rooms import Room, watching
from tests.rooms.conftest import MIB, Stage, quiet

pytestmark = pytest.mark.slow  # every test starts real processes

GROW = """
import time
held = [bytearray(b"x" * 8 * 2**20) for _ in range(60)]
time.sleep(60)
"""


def test_a_job_leaves_its_file_and_its_words(room: Room, stage: Stage) -> None:
    outcome = stage.run(room, "import sys; print('hello'); open(sys.argv[1] + '/model.onnx', 'w').write('model')")
    assert (outcome.ended, outcome.exit_code) == ("exited", 0)
    assert (stage.out / "model.onnx").read_text() == "model"
    assert stage.said() == "hello\n"
    assert outcome.peak_memory_bytes > 0
    assert outcome.seconds > 0


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import sys; sys.exit(3)", 3),
        ("raise ValueError", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_an_exit_code_is_told_and_a_signal_is_negative(room: Room, stage: Stage, program: str, code: int) -> None:
    outcome = stage.run(room, program)
    assert (outcome.ended, outcome.exit_code) == ("exited", code)


def test_a_job_past_its_time_is_asked_and_may_end_itself(room: Room, stage: Stage) -> None:
    program = """
        import signal, sys, time
        def finish(*_):
            open(sys.argv[1] + "/kept", "w").close()
            sys.exit(5)
        signal.signal(signal.SIGTERM, finish)
        time.sleep(60)
    """
    outcome = stage.run(room, program, seconds=1.5)
    assert (outcome.ended, outcome.exit_code) == ("seconds", 5)
    assert (stage.out / "kept").exists()


def test_a_job_that_ignores_being_asked_is_killed(room: Room, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "GRACE", 0.5)
    program = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if not os.fork():
            os.setsid()
        time.sleep(60)
    """
    outcome = stage.run(room, program, seconds=0.5)
    assert outcome.ended == "seconds"
    assert outcome.exit_code == -signal.SIGKILL
    assert outcome.seconds < 50


@pytest.mark.parametrize("generations", [0, 2])
def test_memory_is_limited_in_the_job_and_in_its_grandchildren(room: Room, stage: Stage, generations: int) -> None:
    birth = f"import os\nfor _ in range({generations}):\n    os.fork() and os.wait()\n"
    outcome = stage.run(room, birth + GROW, memory_bytes=200 * MIB)
    assert outcome.ended == "memory"
    assert outcome.peak_memory_bytes > 200 * MIB


def test_pages_shared_by_forked_workers_count_once(room: Room, stage: Stage) -> None:
    program = """
        import os, time
        held = bytearray(b"x" * 60 * 2**20)
        for _ in range(4):
            if not os.fork():
                time.sleep(1)
                os._exit(0)
        for _ in range(4):
            os.wait()
    """
    outcome = stage.run(room, program, memory_bytes=200 * MIB)
    assert outcome.ended == "exited"
    assert outcome.peak_memory_bytes <= 200 * MIB


def test_processes_are_limited_even_where_each_opens_its_own_session(room: Room, stage: Stage) -> None:
    program = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(40):
            if not os.fork():
                os.setsid()
                time.sleep(60)
        time.sleep(60)
    """
    assert stage.run(room, program, processes=20).ended == "processes"


def test_threads_count_as_an_engine_counts_them(room: Room, stage: Stage) -> None:
    program = """
        import threading, time
        for _ in range(40):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        time.sleep(60)
    """
    assert stage.run(room, program, processes=20).ended == "processes"


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("open(out + '/big', 'wb').write(bytes(3 * 2**20)); time.sleep(60)", id="one file"),
        pytest.param("[open(out + f'/{n}', 'wb').write(bytes(2**19)) for n in range(5)]; time.sleep(60)", id="several"),
        pytest.param("open(out + '/sparse', 'wb').truncate(2**21 + 1); time.sleep(60)", id="a sparse file"),
        pytest.param("[open(out + f'/{n}', 'wb') for n in range(101)]; time.sleep(60)", id="many files"),
        pytest.param("[os.mkdir(out + '/d' * n) for n in range(1, 102)]; time.sleep(60)", id="nested folders"),
        pytest.param("[open(out + f'/{n}', 'wb') for n in range(101)]", id="many files at once, and gone"),
    ],
)
def test_output_is_limited_in_bytes_and_in_files(room: Room, stage: Stage, program: str) -> None:
    # A write beyond the limit on one file's size fails; the job lives on and is found with a file that is too big.
    start = "import os, sys, time\nout = sys.argv[1]\ntry:\n    "
    whole = f"{start}{program}\nexcept OSError: time.sleep(60)"
    outcome = stage.run(room, whole, output_bytes=2 * MIB, output_files=100)
    assert outcome.ended == "output"


def test_a_link_out_of_the_output_is_not_followed(room: Room, stage: Stage) -> None:
    elsewhere = stage.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "large").write_bytes(bytes(2 * MIB))
    program = f"import os, sys; os.symlink({os.fspath(elsewhere)!r}, sys.argv[1] + '/link')"
    assert stage.run(room, program, output_bytes=MIB).ended == "exited"


def test_a_flood_of_words_does_not_hold_the_job_up_and_keeps_both_ends(room: Room, stage: Stage) -> None:
    program = "print('first'); print('x' * 5_000_000); print(chr(27), 'last')"
    assert stage.run(room, program, log_bytes=20_000).exit_code == 0
    said = stage.log.read_bytes()
    assert len(said) <= 20_000
    assert said.startswith(b"first\n")
    assert said.endswith(b"\x1b last\n")
    assert b"bytes left out" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_under_the_log_ends_the_job_as_our_fault(room: Room, stage: Stage) -> None:
    job = stage.job("import time; print('x' * 100_000, flush=True); time.sleep(60)")
    with pytest.raises(HarnessError, match="cannot be written"):
        room.run(replace(job, log=Path("/dev/full")), quiet)
    assert stage.living() == []


def test_a_daemon_cannot_rewrite_the_model_after_the_job(room: Room, stage: Stage) -> None:
    program = """
        import itertools, os, sys, time
        model = sys.argv[1] + "/model.onnx"
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            for number in itertools.count():
                open(model, "w").write(str(number))
                time.sleep(0.01)
        while not os.path.exists(model):
            time.sleep(0.01)
    """
    assert stage.run(room, program).exit_code == 0
    left = (stage.out / "model.onnx").read_text()
    time.sleep(0.5)
    assert (stage.out / "model.onnx").read_text() == left


def test_none_of_the_hosts_variables_reach_a_job(room: Room, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "a-secret")
    monkeypatch.setenv("PYTHONSTARTUP", "a-secret")
    program = "import os, json; print(json.dumps(dict(os.environ)))"
    job = replace(stage.job(program, threads=3), environment={"OWN": "yes"})
    assert room.run(job, quiet).exit_code == 0
    seen = json.loads(stage.said())
    assert "a-secret" not in seen.values()
    assert "WANDB_API_KEY" not in seen
    assert (seen["OWN"], seen["OMP_NUM_THREADS"], seen["PYTHONHASHSEED"]) == ("yes", "3", "0")
    assert seen["HOME"] != os.environ.get("HOME")


def test_a_job_gets_no_descriptor_but_the_three(room: Room, stage: Stage) -> None:
    program = """
        import os
        for number in range(3, 1000):
            try:
                os.fstat(number)
            except OSError:
                continue
            print("open:", number)
    """
    assert stage.run(room, program).exit_code == 0
    assert stage.said() == ""


def test_a_job_can_import_our_packages_from_any_folder(room: Room, stage: Stage) -> None:
    assert stage.run(room, "import harness.nouns, baseline").exit_code == 0, stage.said()


def test_a_path_for_packages_of_the_jobs_own_does_not_hide_ours(room: Room, stage: Stage) -> None:
    job = stage.job("import harness.nouns, sys; print('/wheels' in sys.path)")
    assert room.run(replace(job, environment={"PYTHONPATH": "/wheels"}), quiet).exit_code == 0, stage.said()
    assert stage.said() == "True\n"


def test_a_job_starts_in_the_folder_it_names(room: Room, stage: Stage) -> None:
    job = stage.job("open('here', 'w')")
    assert room.run(replace(job, directory=job.output.at()), quiet).exit_code == 0
    assert (stage.out / "here").exists()


def test_watching_happens_during_the_job_and_once_after_it(room: Room, stage: Stage) -> None:
    calls: list[float] = []
    program = "import time; time.sleep(1.5)"
    outcome = stage.run(room, program, watch=calls.append)
    assert len(calls) >= 3
    assert calls == sorted(calls)
    assert calls[-1] == outcome.seconds


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_watching_raises_ends_everything(room: Room, stage: Stage, error: type[BaseException]) -> None:
    def stop(elapsed: float) -> None:
        if (stage.out / "ready").exists():
            raise error

    program = """
        import os, sys, time
        if not os.fork():
            os.setsid()
            open(sys.argv[1] + "/ready", "w").close()
        time.sleep(60)
    """
    with pytest.raises(error):
        stage.run(room, program, watch=stop)


def test_a_killed_harness_leaves_no_job_alive(room: Room, stage: Stage) -> None:
    program = """
        import os, sys, time
        if not os.fork():
            os.setsid()
            os.fork()
            open(sys.argv[1] + f"/ready-{os.getpid()}", "w").close()
        time.sleep(60)
    """
    job = stage.job(program)
    supervisor = f"""
from pathlib import Path
from harness.nouns import *
from harness.rooms import open_room
job = {job!r}
open_room({room.name!r}).run(job, lambda _: None)
""".replace("PosixPath", "Path")
    surroundings = {**os.environ, "TMPDIR": str(stage.folder)}  # nobody is left to tidy its scratch folders
    harness = subprocess.Popen((sys.executable, "-c", supervisor), cwd=Path(__file__).parents[2], env=surroundings)
    wait_until(lambda: len(list(stage.out.glob("ready-*"))) == 2 or harness.poll() is not None)
    harness.send_signal(signal.SIGKILL)
    assert harness.wait() == -signal.SIGKILL
    wait_until(lambda: not stage.living())
    assert stage.living() == []


def wait_until(come: Callable[[], bool], patience: float = 30.0) -> None:
    """Wait for something that takes as long as the machine is busy."""
    until = time.monotonic() + patience
    while not come() and time.monotonic() < until:
        time.sleep(0.05)


def test_a_missing_program_is_our_fault_and_named(room: Room, stage: Stage) -> None:
    job = replace(stage.job(""), command=("no-such-program",))
    with pytest.raises(HarnessError, match="no-such-program"):
        room.run(job, quiet)


def test_a_program_that_cannot_be_started_is_our_fault(room: Room, stage: Stage) -> None:
    (stage.folder / "script").write_text("#!/no/such/interpreter\n")
    (stage.folder / "script").chmod(0o755)
    given = Mount(stage.folder, "/given")
    job = stage.job("", given)
    with pytest.raises(HarnessError, match="No such file"):
        room.run(replace(job, command=(given.at("script"),)), quiet)


def test_a_missing_mount_is_our_fault_and_named(room: Room, stage: Stage) -> None:
    with pytest.raises(HarnessError, match="/data, is missing"):
        stage.run(room, "", Mount(stage.folder / "nowhere", "/data"))


def test_a_place_outside_the_mounts_is_our_fault(room: Room, stage: Stage) -> None:
    stranger = Mount(stage.folder, "/elsewhere")
    job = replace(stage.job(""), command=("python", stranger.at("train.py")))
    with pytest.raises(HarnessError, match="/elsewhere, which is not mounted"):
        room.run(job, quiet)


def test_a_profile_is_stable_plain_and_names_no_path_of_this_machine(room: Room) -> None:
    profile = json.dumps(room.profile(), sort_keys=True)
    assert profile == json.dumps(type(room)().profile(), sort_keys=True)
    assert json.loads(profile)["room"] == room.name
    ours = (Path.home(), Path.cwd(), Path(__file__).parents[2])
    assert not [path for path in ours if f"{path}/" in profile]


def test_neither_room_is_official(room: Room) -> None:
    assert room.official is False
