"""The filter's verdicts, by carrying its program out as the kernel would."""

import struct

import pytest

from harness.rooms.seccomp import ALLOW, KILL, MACHINES, NO_SUCH_CALL, NOT_PERMITTED, OPENING, REFUSED, program

CREATE = 0o101


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Carry out a filter program over one system call."""
    shown = MACHINES[machine][1] if architecture is None else architecture
    data = struct.pack("<IIQ6Q", number, shown, 0, *arguments, *[0] * (6 - len(arguments)))
    steps, at, held = list(struct.iter_unpack("<HBBI", program(machine))), 0, 0
    while True:
        code, if_so, if_not, value = steps[at]
        if code == 0x06:
            return value
        if code == 0x20:
            held, jump = struct.unpack_from("<I", data, value)[0], 0
        else:
            jump = if_so if {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code] else if_not
        at += 1 + jump


@pytest.mark.parametrize("machine", MACHINES)
def test_each_refused_call_is_refused(machine: str) -> None:
    numbers = [numbers[MACHINES[machine][0]] for numbers in REFUSED.values()]
    assert {verdict(machine, number) for number in numbers} == {NOT_PERMITTED}


@pytest.mark.parametrize(
    ("machine", "number", "arguments", "expected"),
    [
        ("x86_64", 0, (), ALLOW),  # read
        ("x86_64", 59, (), ALLOW),  # execve
        ("x86_64", 90, (0, 0o755), ALLOW),  # chmod
        ("x86_64", 90, (0, 0o4755), NOT_PERMITTED),
        ("x86_64", 268, (0, 0, 0o2755), NOT_PERMITTED),  # fchmodat
        ("x86_64", 257, (0, 0, 0, 0o6000), ALLOW),  # openat that creates nothing: the mode is whatever lay there
        ("x86_64", 257, (0, 0, CREATE, 0o644), ALLOW),
        ("x86_64", 257, (0, 0, CREATE, 0o4755), NOT_PERMITTED),
        ("x86_64", 2, (0, CREATE, 0o4755), NOT_PERMITTED),  # open
        ("x86_64", 437, (), NO_SUCH_CALL),  # openat2
        ("x86_64", 0x40000000 + 101, (), NO_SUCH_CALL),  # ptrace by x86's other numbers
        ("aarch64", 63, (), ALLOW),  # read
        ("aarch64", 52, (0, 0o4755), NOT_PERMITTED),  # fchmod
        ("aarch64", 56, (0, 0, CREATE, 0o4755), NOT_PERMITTED),  # openat
    ],
)
def test_verdicts(machine: str, number: int, arguments: tuple[int, ...], expected: int) -> None:
    assert verdict(machine, number, *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert verdict(machine, 0, architecture=0x40000003) == KILL


def test_the_tables_name_the_flags_before_the_mode() -> None:
    assert {name: flags for name, (*_, flags) in OPENING.items()} == {"open": 1, "openat": 2}
