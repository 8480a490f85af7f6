"""A folder -> Submission: static checks only. Never imports, runs or unpickles what it checks.

It protects against mistakes and against names that would harm a terminal or a page; what the code does when it runs
is the room's to contain.
"""

import ast
import hashlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from harness.nouns import Entry, InputError, Submission, SubmissionError
from harness.settings import only_known, read_toml, value

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_FILES = 1_000
MOST_BYTES = 64_000_000
KEYS = ("name", "authors", "about", "recipe")
SKIPPED = ("__pycache__",)


def check(folder: Path) -> Submission:
    """Everything that can be known without running it.

    Raises InputError where there is no such folder, else SubmissionError: one sentence, with the file and the line.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder of a submission, such as submissions/example.")
    name = folder.resolve().name
    if not NAME.fullmatch(name):
        raise SubmissionError(f"{_shown(name)}: a submission's folder is named with letters, digits, '.', '_' and '-'.")
    kind = _kind(folder)
    _check_files(folder)
    entry, recipe = _read_settings(folder / "submission.toml", name)
    _check_program(folder / f"{kind}.py", kind)
    return Submission(folder, entry, kind, recipe, digest_folder(folder))


def _kind(folder: Path) -> Literal["model", "train"]:
    has_model, has_train = (folder / "model.py").is_file(), (folder / "train.py").is_file()
    if has_model and has_train:
        raise SubmissionError(f"{folder}: has both model.py and train.py; keep one, or it is unclear which one trains.")
    if not has_model and not has_train:
        advice = "`htr-harness new NAME` makes a folder that works"
        raise SubmissionError(f"{folder}: has neither model.py nor train.py; {advice}.")
    return "model" if has_model else "train"


def files_of(folder: Path) -> Iterator[Path]:
    """The files that count, sorted by path; caches and hidden files do not. SubmissionError for links and devices."""
    for path in sorted(folder.iterdir()):
        if path.name in SKIPPED or path.name.startswith(".") or path.suffix == ".pyc":
            continue
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from files_of(path)
        elif stat.S_ISREG(mode):
            yield path
        else:
            raise SubmissionError(f"{_shown(str(path))}: is a link or a device; a submission holds plain files only.")


def _check_files(folder: Path) -> None:
    total = 0
    for number, path in enumerate(files_of(folder), 1):
        total += path.lstat().st_size
        if number > MOST_FILES:
            raise SubmissionError(f"{folder}: more than {MOST_FILES:,} files; leave data and results out of it.")
        if total > MOST_BYTES:
            raise SubmissionError(f"{folder}: more than {MOST_BYTES // 10**6} MB; leave data and results out of it.")
        if not _plain(path.name):
            raise SubmissionError(f"{_shown(str(path))}: its name holds characters that do not print; rename it.")
    if (folder / "requirements.txt").exists():
        raise SubmissionError(f"{folder}/requirements.txt: this version installs no extra packages; take it out.")


def _read_settings(path: Path, name: str) -> tuple[Entry, dict[str, Any]]:
    table = read_toml(path, SubmissionError)
    only_known(table, KEYS, path, SubmissionError)
    title = _text(value(table, "name", str, path, SubmissionError), "name", 100, path)
    authors = value(table, "authors", list, path, SubmissionError)
    if not authors or len(authors) > 50 or not all(isinstance(author, str) for author in authors):
        raise SubmissionError(f"{path}: 'authors' must be a list of one to fifty names.")
    shown = tuple(_text(author, "authors", 100, path) for author in authors)
    about = _text(value(table, "about", str, path, SubmissionError, ""), "about", 2_000, path, may_be_empty=True)
    recipe = value(table, "recipe", dict, path, SubmissionError, {})
    for key, setting in recipe.items():
        if not isinstance(setting, str | int | float | bool):
            raise SubmissionError(f"{path}: '{key}' in [recipe] must be text, a number, or true or false.")
    return Entry(name, title, shown, about), recipe


def _text(text: str, key: str, most: int, path: Path, may_be_empty: bool = False) -> str:
    if len(text) > most:
        raise SubmissionError(f"{path}: '{key}' has {len(text):,} characters; at most {most:,} are allowed.")
    if not text.strip() and not may_be_empty:
        raise SubmissionError(f"{path}: '{key}' is empty.")
    if not _plain(text.replace("\n", " ")):
        raise SubmissionError(f"{path}: '{key}' holds control or direction characters; use plain text.")
    return text.strip()


def _plain(text: str) -> bool:
    return not any(unicodedata.category(c)[0] == "C" for c in text)


def _shown(text: str) -> str:
    return "".join(c if _plain(c) else "\N{REPLACEMENT CHARACTER}" for c in text)[:200]


def _check_program(path: Path, kind: str) -> None:
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise SubmissionError(f"{path}, line {error.lineno}: no valid Python: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise SubmissionError(f"{path}: no valid Python.") from None
    if kind == "model":
        _check_build_model(tree, path)


def _check_build_model(tree: ast.Module, path: Path) -> None:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "build_model":
            wanted = len(node.args.posonlyargs + node.args.args) - len(node.args.defaults)
            if wanted > 1 or (not node.args.posonlyargs + node.args.args and not node.args.vararg):
                raise SubmissionError(f"{path}, line {node.lineno}: build_model must take one argument, the task.")
            return
        if "build_model" in _names_bound(node):
            return
    raise SubmissionError(f"{path}: defines no build_model(task); it must return the network to train.")


def _names_bound(node: ast.stmt) -> set[str]:
    """The names that a top-level statement binds, as far as reading alone can tell."""
    if isinstance(node, ast.ImportFrom | ast.Import):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def digest_folder(folder: Path) -> str:
    """One digest over the path and the bytes of every file that counts."""
    total = hashlib.sha256()
    for path in files_of(folder):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix().encode()
        total.update(f"{len(name)} {len(content)}\n".encode() + name + content)
    return "sha256:" + total.hexdigest()


def copy_submission(folder: Path, target: Path) -> None:
    """Copy the files that count to a folder that appears whole or not at all."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        for path in files_of(folder):
            copy = temporary / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy, follow_symlinks=False)
        os.replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
