"""Many snapshots of one tree that changes a little from each to the next, as data for a work."""

import os
import random
import shutil
import subprocess
from pathlib import Path

from comparison.data import Data
from comparison.measure import run
from comparison.tools import Restic, Tool, Varve

FILES_CHANGED = 10


def prepared(tool: Tool, data: Data, scratch: Path) -> Path:
    """A home of `tool` with the history; restic's takes half an hour, and is made only once."""
    if isinstance(tool, Restic):
        return data.once("history", lambda home: take(Restic(home), data, scratch))
    home = scratch / f"history-{tool.name}"
    if not home.exists():
        take(like(tool, home), data, scratch)
    return home


def grown(tool: Varve, data: Data, scratch: Path) -> Path:
    """The same history in a home whose repository holds three other trees of that size as well."""
    home = scratch / "history-grown"
    if not home.exists():
        larger = like(tool, home)
        larger.start_from(prepared(tool, data, scratch))
        for shift in (1, 2, 3):
            other = scratch / f"other-{shift}"
            make_other(data.kernel(), other, shift)
            run(larger.snapshot(other), settle=False)
            shutil.rmtree(other)
        # The history is to stay what is newest.
        tree = scratch / "history"
        run(larger.snapshot(tree), settle=False)
        run(larger.prune(), settle=False)
    return home


def like(tool: Varve, home: Path) -> Varve:
    return Varve(home, tool.program)


def take(tool: Tool, data: Data, scratch: Path) -> None:
    """Takes one snapshot after each change, and prunes once, so that what a tool keeps is warm."""
    tree = scratch / "history"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["cp", "-a", data.kernel(), tree], check=True)
    files = sources(tree)
    tool.start_anew()
    for number in range(data.scale.history_count):
        change(files, number)
        run(tool.snapshot(tree), settle=False)
    run(tool.prune(), settle=False)


def sources(tree: Path) -> list[str]:
    """The files of a tree that are changed."""
    return sorted(str(path) for path in tree.rglob("*.[ch]") if path.is_file())


def change(files: list[str], number: int, count: int = FILES_CHANGED) -> None:
    """Writes a line at the end of some files, of the same for each tool."""
    for name in random.Random(number).sample(files, count):
        with open(name, "ab") as file:
            file.write(b"/* change %d */\n" % number)


def make_other(tree: Path, target: Path, shift: int) -> None:
    """A tree of the same shape and entropy that shares no chunk: each letter becomes another."""
    letters = bytes(range(97, 123))
    table = bytes.maketrans(letters, letters[shift:] + letters[:shift])
    for base, _, names in os.walk(tree):
        place = target / os.path.relpath(base, tree)
        place.mkdir(parents=True)
        for name in names:
            path = os.path.join(base, name)
            if not os.path.islink(path):
                with open(path, "rb") as file:
                    (place / name).write_bytes(b"%d" % shift + file.read().translate(table))
