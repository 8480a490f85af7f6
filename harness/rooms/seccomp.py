"""The system calls that a room refuses: a small filter program for Linux, as bytes.

It refuses watching and changing other processes, kernel keyrings (not part of any namespace), new namespaces, io_uring
(it would go around this filter), and every way to set a file's set-user-id or set-group-id bit: a file that a job of
root's leaves so marked would be a root shell for any user of the host. Numbers and layout: linux/filter.h,
linux/seccomp.h, asm/unistd.h. It does not make the kernel's other calls any safer than they are.
"""

import struct

REFUSED = {
    # name: (x86_64, aarch64)
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
ABSENT = {"openat2": (437, 437)}  # its mode lies in memory, where a filter cannot look; programs fall back to openat
MODE_ARGUMENT = {
    # name: (x86_64, aarch64, which argument is the mode); None where a machine has no such call
    "chmod": (90, None, 1),
    "fchmod": (91, 52, 1),
    "fchmodat": (268, 53, 2),
    "fchmodat2": (452, 452, 2),
    "creat": (85, None, 1),
    "mknod": (133, None, 1),
    "mknodat": (259, 33, 2),
}
OPENING = {"open": (2, None, 1), "openat": (257, 56, 2)}  # which argument holds the flags; the mode is the next

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
LOAD, RETURN, EQUAL, AT_LEAST, ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45
ALLOW, KILL, NOT_PERMITTED, NO_SUCH_CALL = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
CREATES = 0o100 | 0o20000000  # O_CREAT, and the own bit of O_TMPFILE: without them the mode means nothing
PRIVILEGE_BITS = 0o6000
OTHER_NUMBERING = 0x40000000  # x86's third set of numbers, by which every refusal could be avoided


def program(machine: str) -> bytes:
    """The filter for a machine as `platform.machine()` names it. Raises KeyError for one that is not in MACHINES."""
    column, architecture = MACHINES[machine]
    steps = [_step(LOAD, 4), _step(EQUAL, architecture, 1, 0), _step(RETURN, KILL), _step(LOAD, 0)]
    if machine == "x86_64":
        steps += [_step(AT_LEAST, OTHER_NUMBERING, 0, 1), _step(RETURN, NO_SUCH_CALL)]
    for table, verdict in ((REFUSED, NOT_PERMITTED), (ABSENT, NO_SUCH_CALL)):
        for numbers in table.values():
            steps += [_step(EQUAL, numbers[column], 0, 1), _step(RETURN, verdict)]
    for *columns, mode in MODE_ARGUMENT.values():
        steps += _only_for(columns[column], _refuse_privilege_bits(mode))
    for *columns, flags in OPENING.values():
        creating = [_step(LOAD, _argument(flags)), _step(ANY_BIT, CREATES, 0, 3)]
        steps += _only_for(columns[column], creating + _refuse_privilege_bits(flags + 1))
    return b"".join([*steps, _step(RETURN, ALLOW)])


def _refuse_privilege_bits(mode: int) -> list[bytes]:
    test = _step(ANY_BIT, PRIVILEGE_BITS, 0, 1)
    return [_step(LOAD, _argument(mode)), test, _step(RETURN, NOT_PERMITTED), _step(RETURN, ALLOW)]


def _only_for(number: int | None, steps: list[bytes]) -> list[bytes]:
    return [] if number is None else [_step(EQUAL, number, 0, len(steps)), *steps]


def _argument(index: int) -> int:
    """Where an argument's lower half lies in what the kernel shows a filter, on a little-endian machine."""
    return 16 + 8 * index


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_so, if_not, value)
