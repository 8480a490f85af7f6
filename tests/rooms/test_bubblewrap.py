"""What the bubblewrap room's walls keep out, one attack a test."""

import os
import platform
import socket
import stat
from pathlib import Path

import pytest

import harness
from harness.nouns import Mount
from harness.rooms import Room
from harness.rooms.process import ProcessRoom
from harness.rooms.seccomp import MACHINES, REFUSED
from tests.rooms.conftest import Stage

pytestmark = pytest.mark.slow  # every test starts real processes

CHECKOUT = Path(harness.__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def listener():
    """A server on this machine that any program outside a room can reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def connecting(port: int) -> str:
    return f"import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('reached')"


def test_the_network_is_out_of_reach(bubblewrap: Room, stage: Stage, listener: int) -> None:
    assert stage.run(ProcessRoom(), connecting(listener)).exit_code == 0, "the server itself must work"
    assert stage.run(bubblewrap, connecting(listener)).exit_code == 1
    stage.run(bubblewrap, "import socket; print(socket.if_nameindex())")
    assert stage.said() == "[(1, 'lo')]\n"


def test_private_files_cannot_be_found(bubblewrap: Room, stage: Stage) -> None:
    private = stage.folder / "private"
    private.mkdir()
    (private / "secret-truth.json").write_text("{}")
    program = f"""
        import os
        print(os.path.exists({os.fspath(private)!r}))
        for place, folders, files in os.walk("/"):
            folders[:] = [name for name in folders if place + name not in ("/usr", "/proc", "/sys")]
            if "secret-truth.json" in files:
                print(place)
    """
    stage.run(bubblewrap, program, seconds=120)
    assert stage.said() == "False\n"


@pytest.mark.parametrize("name", ["pyproject.toml", ".git", "runs", "tests"])
def test_of_the_checkout_only_the_packages_are_seen(bubblewrap: Room, stage: Stage, name: str) -> None:
    places = [str(CHECKOUT / name), f"/code/{name}"]
    stage.run(bubblewrap, f"import os; print([path for path in {places} if os.path.exists(path)])")
    assert stage.said() == "[]\n"


def test_homes_and_users_are_hidden(bubblewrap: Room, stage: Stage) -> None:
    program = """
        import os, pwd
        print(os.path.exists("/home"), os.path.exists("/etc/shadow"), [user.pw_name for user in pwd.getpwall()])
        print(os.listdir(os.path.expanduser("~")), os.uname().nodename)
    """
    stage.run(bubblewrap, program)
    assert stage.said() == "False False ['room']\n[] room\n"


def test_nothing_but_the_output_and_scratch_space_can_be_written(bubblewrap: Room, stage: Stage) -> None:
    given = stage.folder / "given"
    given.mkdir()
    (given / "train.h5").write_text("lines")
    program = """
        import os, sys
        closed = ["/", "/usr", "/etc", "/dev", "/proc", "/code/harness", sys.prefix + "/lib", sys.argv[3]]
        for place in [*closed, sys.argv[1], "/tmp", "/dev/shm"]:
            try:
                open(place + "/mark", "w").close()
                print(place)
            except OSError:
                pass
        for change in (lambda: open(sys.argv[3] + "/train.h5", "a"), lambda: os.chmod(sys.argv[3] + "/train.h5", 0)):
            try:
                change()
                print("changed")
            except OSError:
                pass
    """
    stage.run(bubblewrap, program, Mount(given, "/data"))
    assert stage.said() == "/out\n/tmp\n/dev/shm\n"
    assert (given / "train.h5").read_text() == "lines"


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])
def test_scratch_space_is_sized(bubblewrap: Room, stage: Stage, place: str) -> None:
    program = f"import os; facts = os.statvfs({place!r}); print(facts.f_blocks * facts.f_frsize)"
    stage.run(bubblewrap, program, memory_bytes=400 * 2**20)
    assert stage.said() == f"{100 * 2**20}\n"


def test_processes_of_the_host_are_unseen(bubblewrap: Room, stage: Stage) -> None:
    stage.run(bubblewrap, "import os; print(sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))")
    assert stage.said() == "[1, 2]\n"


def test_there_are_no_capabilities_and_no_new_ones(bubblewrap: Room, stage: Stage) -> None:
    program = """
        facts = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
        print([int(facts[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")])
    """
    stage.run(bubblewrap, program)
    assert stage.said() == "[0, 0, 0, 1, 2]\n"


@pytest.mark.parametrize("call", ["ptrace", "process_vm_readv", "keyctl", "unshare", "io_uring_setup"])
def test_calls_that_reach_out_of_a_room_are_refused(bubblewrap: Room, stage: Stage, call: str) -> None:
    number = REFUSED[call][MACHINES[platform.machine()][0]]
    program = f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.syscall({number}, 0, 0, 0, 0, 0, 0), ctypes.get_errno())
    """
    stage.run(bubblewrap, program)
    assert stage.said() == "-1 1\n"


def test_no_file_can_be_left_that_lends_its_owners_powers(bubblewrap: Room, stage: Stage) -> None:
    """A job of root's that leaves a set-user-id shell would make any user of the host root."""
    program = """
        import os, sys
        path = sys.argv[1] + "/shell"
        open(path, "w").close()
        os.chmod(path, 0o755)
        tries = [
            lambda: os.chmod(path, 0o4755),
            lambda: os.chmod(path, 0o2755),
            lambda: os.fchmod(os.open(path, os.O_RDONLY), 0o4755),
            lambda: os.open(path + "2", os.O_CREAT | os.O_WRONLY, 0o4755),
            lambda: os.mknod(path + "3", 0o104755),
        ]
        for attempt in tries:
            try:
                attempt()
                print("made")
            except PermissionError:
                pass
    """
    assert stage.run(bubblewrap, program).exit_code == 0, stage.said()
    assert stage.said() == ""
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in stage.out.iterdir()] == ["0o755"]


def test_the_kernels_settings_are_closed_even_to_roots_jobs(bubblewrap: Room, stage: Stage) -> None:
    """Incident: run by root, core_pattern could be opened for writing, and it names a program that the host runs."""
    program = """
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches"):
            try:
                open(path, "a").close()
                print(path)
            except OSError:
                pass
    """
    stage.run(bubblewrap, program)
    assert stage.said() == ""


def test_the_hosts_devices_keep_their_modes(bubblewrap: Room, stage: Stage) -> None:
    """Incident: run by root, a job could close /dev/null to everybody on the host."""
    before = os.stat("/dev/null").st_mode
    program = """
        import os, contextlib
        with contextlib.suppress(OSError):
            os.chmod("/dev/null", 0o666)  # the same mode: a failing test must not harm its machine
            os.utime("/dev/null", (1, 1))
        open("/dev/null", "w").write("still works")
    """
    assert stage.run(bubblewrap, program).exit_code == 0, stage.said()
    assert os.stat("/dev/null").st_mode == before
    assert os.stat("/dev/null").st_mtime != 1


def test_a_job_that_traces_itself_and_stops_is_killed(bubblewrap: Room, stage: Stage) -> None:
    program = """
        import ctypes, os, signal
        ctypes.CDLL(None).ptrace(0, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
    """
    assert stage.run(bubblewrap, program, seconds=0.5).ended == "seconds"
