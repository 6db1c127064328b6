"""The works: each prepares its data, lets the tools take turns, and records what they took."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comparison import history
from comparison.buckets import bucket
from comparison.databases import databases
from comparison.data import Data, replace_tree, warm
from comparison.look import look
from comparison.measure import Command, Run, inherited, run, stored_bytes
from comparison.mounts import mount
from comparison.record import Record
from comparison.tools import Restic, Tool, Varve

STREAM = "app.sql"
# Snapshots that are forgotten and pruned one by one in each round.
PRUNES = 3
DRAIN = ["cat"]


class Bench:
    """What every work needs: the tools, the data, a scratch directory, and the record."""

    def __init__(self, tools: list[Tool], data: Data, scratch: Path, record: Record) -> None:
        self.tools = tools
        self.data = data
        self.scratch = scratch
        self.record = record

    def start_anew(self) -> None:
        for tool in self.tools:
            tool.start_anew()

    def finish(self) -> None:
        for tool in self.tools:
            tool.remove()

    def take_turns(
        self, measure: str, command: Callable[[Tool], Command], reads: Path | None = None, drain=None
    ) -> None:
        """Runs what `command` answers for each tool, one tool after the other.

        `reads` is brought into the page cache before each of them: what the tool before has written
        may have pushed it out.
        """
        for tool in self.tools:
            if reads is not None:
                warm(reads)
            self.record.add(measure, tool.name, run(command(tool), drain))

    def weigh(self, measure: str) -> None:
        for tool in self.tools:
            self.record.add(measure, tool.name, stored_bytes(tool.repository))


def dumps(bench: Bench) -> None:
    """Successive database dumps from standard input, then the newest one back."""
    files = bench.data.dumps()
    bench.start_anew()
    for number, file in enumerate(files):
        measure = "dumps.next" if number else "dumps.first"
        bench.take_turns(measure, lambda tool: tool.snapshot_stream(file, STREAM), file)
    bench.weigh("dumps.stored")
    bench.take_turns("dumps.out", lambda tool: tool.dump(STREAM), drain=DRAIN)
    for tool in bench.tools:
        expect_same(tool.dump(STREAM), files[-1])


def expect_same(command: Command, file: Path) -> None:
    """Exits when a command's output differs from a file: a fast wrong answer is no result."""
    environment = inherited() | command.environment
    with subprocess.Popen(
        command.arguments, env=environment, cwd=command.directory, stdout=subprocess.PIPE
    ) as program:
        if subprocess.run(["cmp", "-", file], stdin=program.stdout).returncode != 0:
            raise SystemExit(f"{' '.join(command.arguments)}: not the bytes of {file}")


def incompressible(bench: Bench) -> None:
    """One large file of random bytes, and once more with every byte read again."""
    directory = bench.data.incompressible()
    bench.start_anew()
    bench.take_turns("incompressible.first", lambda tool: tool.snapshot(directory), directory)
    bench.weigh("incompressible.stored")
    bench.take_turns(
        "incompressible.again", lambda tool: tool.snapshot(directory, force=True), directory
    )


def kernel(bench: Bench) -> None:
    """A tree of many small files: first snapshot, unchanged snapshot, restore."""
    tree = bench.data.kernel()
    bench.start_anew()
    bench.take_turns("kernel.first", lambda tool: tool.snapshot(tree), tree)
    bench.weigh("kernel.stored")
    bench.take_turns("kernel.unchanged", lambda tool: tool.snapshot(tree), tree)
    restores(bench, tree)


def restores(bench: Bench, tree: Path) -> None:
    """The tree into an empty directory, again over what is there, and as a tar stream."""
    targets = restore_afresh(bench, "kernel.restore")
    bench.record.add("kernel.restore", "tar", unpack(tree, targets))
    # Restic 0.14 restores all files again, then complains of symbolic links that are there.
    bench.take_turns(
        "kernel.again", lambda tool: replace(tool.restore(targets / tool.name), may_fail=True)
    )
    bench.take_turns("kernel.tar", lambda tool: tool.dump_tree(tree), drain=DRAIN)


def restore_afresh(bench: Bench, measure: str) -> Path:
    """Restores with each tool into an empty directory of its own, and answers where these lie.

    What was restored stays until all is measured: for minutes after a file was deleted ext4 avoids its
    inode, and searches long for others.
    """
    targets = Path(tempfile.mkdtemp(prefix="restored-", dir=bench.scratch))
    for tool in bench.tools:
        target = targets / tool.name
        target.mkdir()
        bench.record.add(measure, tool.name, run(tool.restore(target)))
    return targets


def unpack(tree: Path, targets: Path) -> Run:
    """How long tar takes to unpack the tree from an archive that is not compressed."""
    archive = targets / "tree.tar"
    subprocess.run(["tar", "-cf", archive, "-C", tree.parent, tree.name], check=True)
    target = targets / "tar"
    target.mkdir()
    return run(Command(["tar", "-xf", str(archive)], {}, target))


def million(bench: Bench) -> None:
    """Very many small files: first snapshot, unchanged snapshot."""
    tree = bench.data.million()
    bench.start_anew()
    bench.take_turns("million.first", lambda tool: tool.snapshot(tree), tree)
    bench.take_turns("million.unchanged", lambda tool: tool.snapshot(tree), tree)


def wide(bench: Bench) -> None:
    """One directory of very many files: first snapshot, unchanged snapshot, restore."""
    tree = bench.data.wide()
    bench.start_anew()
    bench.take_turns("wide.first", lambda tool: tool.snapshot(tree), tree)
    bench.take_turns("wide.unchanged", lambda tool: tool.snapshot(tree), tree)
    restore_afresh(bench, "wide.restore")


def releases(bench: Bench) -> None:
    """Successive releases of one source tree, all snapshotted from the same place."""
    current = bench.scratch / "current"
    bench.start_anew()
    for number, release in enumerate(bench.data.releases()):
        replace_tree(current, release)
        measure = "releases.next" if number else "releases.first"
        bench.take_turns(measure, lambda tool: tool.snapshot(current), current)
    bench.weigh("releases.stored")
    shutil.rmtree(current)


def startup(bench: Bench) -> None:
    """How long the program takes to say its version, and to list many snapshots."""
    source = bench.scratch / "tiny"
    source.mkdir(exist_ok=True)
    scale = bench.data.scale
    for tool in bench.tools:
        if not isinstance(tool, Varve | Restic):
            continue
        tool.start_anew()
        # Restic takes about a second for each start, so most of its snapshots are copies.
        for number in range(scale.snapshot_count if isinstance(tool, Varve) else 1):
            (source / "note.txt").write_text(f"note {number}\n")
            run(tool.snapshot(source), settle=False)
        if isinstance(tool, Restic):
            tool.multiply_snapshots(scale.snapshot_count)
        for _ in range(scale.startup_runs):
            if isinstance(tool, Varve):
                shown = run(tool.show_version(), settle=False)
                bench.record.add("startup.version", tool.name, shown)
            bench.record.add("startup.list", tool.name, run(tool.list_snapshots(), settle=False))


def maintenance(bench: Bench) -> None:
    """A long history of the kernel tree: check, forget, prune; and prune where much else lies."""
    tools = [tool for tool in bench.tools if isinstance(tool, Varve | Restic)]
    for tool in tools:
        tool.start_from(history.prepared(tool, bench.data, bench.scratch))
    for measure, read_data in (("maintenance.check", False), ("maintenance.read", True)):
        for tool in tools:
            bench.record.add(measure, tool.name, run(tool.check(read_data)))
    grown = [history.like(tool, bench.scratch / "grown") for tool in tools if tool.name == "varve"]
    for tool in grown:
        tool.start_from(history.grown(tool, bench.data, bench.scratch))
    for turn in range(PRUNES):
        for tool in tools:
            run(tool.forget(bench.data.scale.history_count // 2 + turn))
            pruned = run(tool.prune())
            bench.record.add("maintenance.prune", tool.name, pruned)
            if tool.name == "varve":
                bench.record.add("maintenance.grown", "small", pruned)
        for tool in grown:
            run(tool.forget(bench.data.scale.history_count // 2 + turn))
            bench.record.add("maintenance.grown", tool.name, run(tool.prune()))
    count = (bench.data.scale.history_count - PRUNES) // 5
    for tool in tools:
        forgotten = run(tool.forget_all_but(count))
        bench.record.add("maintenance.forget", tool.name, forgotten)
    for tool in grown:
        tool.remove()


WORKS: dict[str, Callable[[Bench], None]] = {
    work.__name__: work
    for work in (
        dumps, incompressible, kernel, million, wide, releases, startup, maintenance, look, bucket,
        databases, mount,
    )
}
