"""Starts a room's command, stays its parent, and leaves nothing of it alive.

Run by path, as `python -I -S launcher.py OPTIONS COMMAND...`, with the standard library alone. OPTIONS is JSON with
`control`, the descriptor of a socket, and `limits`, resource limits by their names without RLIMIT_.

It answers one JSON object on `control`: `started` false and a `reason`, or the command's `status` (a signal is
negative) and `peak`, the bytes of its largest single process. When the other end of `control` closes, be it because
the job is over or because the harness was killed, every process that descends from the command is killed.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys

SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36
LINUX = sys.platform == "linux"


def control_process(option: int, value: int) -> None:
    """Linux's prctl with one argument; nothing elsewhere."""
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def lower_limits(limits: dict[str, int]) -> None:
    """Set resource limits such as {"CORE": 0}, each at most what is allowed already."""
    for name, wanted in limits.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is None:
            continue
        hard = resource.getrlimit(which)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (value, value))


def offer_to_the_oom_killer() -> None:
    """Where the machine runs out of memory, the kernel takes the job and not the harness."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def become(command: list[str], limits: dict[str, int], parent: int) -> None:
    """Turn this freshly forked process into the command, in a session of its own."""
    os.setsid()
    control_process(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the launcher died before its death could be announced
    offer_to_the_oom_killer()
    os.umask(0o077)
    lower_limits(limits)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the command would inherit that
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execvp(command[0], command)


def start(command: list[str], limits: dict[str, int]) -> tuple[int, str]:
    """The command's process id, and why it could not be started (else empty)."""
    reader, writer = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            become(command, limits, parent)
        except BaseException as error:
            os.write(writer, f"{command[0]}: {getattr(error, 'strerror', None) or error}".encode())
        os._exit(127)
    os.close(writer)  # the child's copy closes when it becomes the command
    reason = os.read(reader, 1000).decode()
    os.close(reader)
    return child, reason


def children() -> list[int]:
    """This process's own children; as a subreaper it inherits every orphan below it."""
    found = []
    for entry in os.listdir("/proc") if LINUX else ():
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == os.getpid():
            found.append(int(entry))
    return found


def kill_everything(command: int) -> None:
    """Kill until no child is left: what loses its parent on the way becomes a child and is next."""
    while True:
        with contextlib.suppress(OSError):
            os.killpg(command, signal.SIGKILL)
        for child in children():
            os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        select.select([], [], [], 0.002)


def reap(command: int) -> int | None:
    """Bury whoever died; the command's exit code if it was among them."""
    code = None
    try:
        while True:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return code
            # A child that traces itself also shows up here when it merely stops.
            if child == command and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
                code = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return code


def largest_child() -> int:
    """Bytes of the largest process that was waited for; the BSDs count bytes, Linux kibibytes."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak * 1024 if LINUX else peak


def answer(control: int, **words: object) -> None:
    """One line to the harness, if it is still there."""
    with contextlib.suppress(OSError):
        os.write(control, json.dumps(words).encode() + b"\n")


def attend(command: int, control: int, bell: int) -> None:
    """Report the command's end; return when the harness lets go."""
    while True:
        code = reap(command)
        if code is not None:
            answer(control, started=True, status=code, peak=largest_child())
        ready, _, _ = select.select([control, bell], [], [])
        if control in ready:
            return
        os.read(bell, 1000)


def main() -> None:
    """Start the command, attend it, and leave nothing behind."""
    options, command = json.loads(sys.argv[1]), sys.argv[2:]
    control = options["control"]
    os.set_inheritable(control, False)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    bell, rope = os.pipe()
    os.set_blocking(rope, False)
    signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control_process(SET_CHILD_SUBREAPER, 1)
    child, reason = start(command, options["limits"])
    if reason:
        answer(control, started=False, reason=reason)
    else:
        attend(child, control, bell)
    kill_everything(child)


if __name__ == "__main__":
    main()
