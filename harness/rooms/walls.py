"""What a bubblewrap room is made of: its flags, what of the host it shows, and its devices.

Run by root, the room's user is root to the kernel, only without its powers. So /proc is read-only in it (the files of
/proc/sys would be open to root, and some of them start programs on the host), and its devices are copies (the owner of
a device may change its mode for everybody).
"""

import contextlib
import glob
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.nouns import Mount
from harness.rooms.preparing import CODE, code_root

FLAGS = (
    *("--unshare-user", "--unshare-all", "--disable-userns", "--uid", "1000", "--gid", "1000"),
    *("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--hostname", "room"),
)
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/sys/devices/system/cpu")
"""Where programs find libraries, the time zone, and the number of processors."""
PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")
"""What is shown of a Python's folder: a virtual environment may lie in a folder with anything else, or be one."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
GPU_DEVICES = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/dxg")
CODE_INSIDE, SCRATCH, HOME = "/code", "/tmp", "/tmp/home"
SCRATCH_SHARE, SCRATCH_MOST = 4, 2 * 2**30


def profile() -> dict[str, object]:
    """The walls as data, with the host's own paths left out."""
    return {
        "flags": list(FLAGS),
        "seen": [*SYSTEM, *SETTINGS, *PYTHON, *CODE],
        "read_only": ["/", "/proc", "/dev"],
        "scratch": {"places": [SCRATCH, "/dev/shm"], "share": SCRATCH_SHARE, "most": SCRATCH_MOST},
        "devices": list(DEVICES),
    }


def walls(memory_bytes: int, devices: Mapping[str, str], passwd: int) -> tuple[str, ...]:
    """Arguments for everything but the job's own mounts; the root itself must still be made read-only after those.

    `devices` are paths inside by paths on the host, `passwd` a descriptor of the room's list of users. Scratch space
    is memory, so it gets a quarter of the job's in each place, and at most 2 GiB.
    """
    size = str(min(SCRATCH_MOST, memory_bytes // SCRATCH_SHARE))
    system = [word for folder in SYSTEM for word in _as_on_host(folder)]
    seen = [word for path in SETTINGS for word in ("--ro-bind-try", path, path)]
    nodes = [word for inside, host in devices.items() for word in ("--dev-bind", host, inside)]
    scratch = ("--perms", "1777", "--size", size, "--tmpfs")
    return (
        *FLAGS,
        *system,
        *seen,
        *("--proc", "/proc", "--remount-ro", "/proc"),
        *("--dev", "/dev", *nodes, *scratch, "/dev/shm", "--remount-ro", "/dev"),
        *(*scratch, SCRATCH, "--dir", HOME),
        *("--perms", "0444", "--ro-bind-data", str(passwd), "/etc/passwd"),
        *_python(),
        *_code(),
    )


def doors(mounts: tuple[Mount, ...]) -> tuple[str, ...]:
    """Arguments for a job's mounts."""
    kinds = (("--bind" if mount.writable else "--ro-bind", mount) for mount in mounts)
    return tuple(word for kind, mount in kinds for word in (kind, str(mount.host.absolute()), mount.inside))


@contextlib.contextmanager
def devices(gpus: bool) -> Iterator[dict[str, str]]:
    """Which devices to show beyond bubblewrap's own, as paths inside by paths on the host."""
    found = {path: path for pattern in GPU_DEVICES if gpus for path in glob.glob(pattern) if not os.path.isdir(path)}
    if os.geteuid() != 0:
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="room-") as folder:
        yield {path: _copied(path, Path(folder)) for path in (*DEVICES, *found)}


def _copied(device: str, folder: Path) -> str:
    """A device node of the same kind that only this room has; the node itself where the machine allows no copies."""
    facts, copy = os.stat(device), folder / device.replace("/", "-")
    try:
        os.mknod(copy, facts.st_mode, facts.st_rdev)
        os.chmod(copy, stat.S_IMODE(facts.st_mode))
        if device == "/dev/null":
            copy.write_bytes(b"")  # refused where the folder's file system allows no devices
    except OSError:
        return device
    return os.fspath(copy)


def _as_on_host(folder: str) -> tuple[str, ...]:
    if os.path.islink(folder):
        return ("--symlink", os.readlink(folder), folder)
    return ("--ro-bind", folder, folder) if os.path.isdir(folder) else ()


def _python() -> list[str]:
    """This interpreter's own files at their own paths, because a virtual environment knows itself by those."""
    spelled = (sys.prefix, sys.base_prefix, Path(sys.executable).resolve().parent.parent)
    prefixes = dict.fromkeys(os.fspath(path) for prefix in spelled for path in (prefix, Path(prefix).resolve()))
    own = [prefix for prefix in prefixes if not Path(prefix).is_relative_to("/usr")]
    paths = [f"{prefix}/{part}" for prefix in own for part in PYTHON]
    return [word for path in paths for word in ("--ro-bind-try", path, path)]


def _code() -> list[str]:
    root = code_root()
    return [word for name in CODE for word in ("--ro-bind-try", str(root / name), f"{CODE_INSIDE}/{name}")]
