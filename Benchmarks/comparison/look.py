"""Looking into snapshots: what changed between two, and which of many hold a file."""

import shutil
import subprocess
from pathlib import Path

from comparison.data import Data
from comparison.history import change, sources
from comparison.measure import run
from comparison.tools import Restic, Tool, Varve

# Files that are changed between the two snapshots that are compared.
FILES_CHANGED = 100
# Files that are changed before each of the many snapshots that are searched.
FILES_EDITED = 5
# A name that some files of the tree have.
NAME = "inode.c"
# The part of the kernel tree that is searched.
PART = "fs"
RUNS = 5


def look(bench) -> None:
    """Compares two snapshots of the kernel tree, then searches many of a part of it."""
    tools = [tool for tool in bench.tools if isinstance(tool, Varve | Restic)]
    compare(bench, tools)
    for tool in tools:
        tool.start_from(searched(tool, bench.data, bench.scratch))
    for _ in range(RUNS):
        for tool in tools:
            bench.record.add("look.find", tool.name, run(tool.find(NAME), settle=False))


def compare(bench, tools: list[Tool]) -> None:
    tree = bench.scratch / "compared"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["cp", "-a", bench.data.kernel(), tree], check=True)
    for tool in tools:
        tool.start_anew()
        run(tool.snapshot(tree))
    change(sources(tree), 0, FILES_CHANGED)
    for tool in tools:
        run(tool.snapshot(tree))
    for _ in range(RUNS):
        for tool in tools:
            bench.record.add("look.diff", tool.name, run(tool.diff(), settle=False))
    shutil.rmtree(tree)


def searched(tool: Tool, data: Data, scratch: Path) -> Path:
    """A home of `tool` with many snapshots; restic's takes minutes, and is made only once."""
    if isinstance(tool, Restic):
        return data.once("searched", lambda home: take(Restic(home), data, scratch))
    home = scratch / f"searched-{tool.name}"
    if not home.exists():
        take(Varve(home, tool.program), data, scratch)
    return home


def take(tool: Tool, data: Data, scratch: Path) -> None:
    tree = scratch / "searched"
    shutil.rmtree(tree, ignore_errors=True)
    part = data.kernel() if data.kernel().name == PART else data.kernel() / PART
    subprocess.run(["cp", "-a", part, tree], check=True)
    files = sources(tree)
    tool.start_anew()
    for number in range(data.scale.history_count):
        change(files, number, FILES_EDITED)
        run(tool.snapshot(tree), settle=False)
    shutil.rmtree(tree)

