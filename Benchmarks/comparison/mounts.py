"""Repositories mounted: the whole kernel tree read through the mount, and the first look of many."""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from comparison import machine
from comparison.data import warm
from comparison.measure import Command, Run, inherited, run, spawn
from comparison.tools import Restic, Tool, Varve

FILES_LISTED = 100
WAIT_SECONDS = 120


@dataclass
class Mounted:
    """A program that serves a mount, from `with` to its end; then it says what it took."""

    tool: Tool
    place: Path
    cpu_seconds: float = 0
    peak_bytes: int = 0

    def __enter__(self) -> "Mounted":
        self.place.mkdir()
        command = self.tool.mount(self.place)
        self.program = spawn(
            command.arguments, env=inherited() | command.environment, cwd=command.directory,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + WAIT_SECONDS
        while not os.path.ismount(self.place):
            if self.program.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{' '.join(command.arguments)}\nmounted nothing")
            time.sleep(0.001)
        return self

    def __exit__(self, *_) -> None:
        self.program.send_signal(signal.SIGINT)
        # Only wait4 tells what one child used.
        _, _, usage = os.wait4(self.program.pid, 0)
        self.program.returncode = 0
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.peak_bytes = usage.ru_maxrss * 1024
        self.place.rmdir()

    def newest(self, path: Path) -> Path:
        """Where a directory of the newest snapshot is."""
        snapshots = self.place / "snapshots" if isinstance(self.tool, Restic) else self.place
        return snapshots / "latest" / path.relative_to("/")


def mount(bench) -> None:
    """Tar of the mounted kernel tree; the first listing in a repository of many snapshots."""
    machine.install("fuse3", "libfuse3-3")
    tools = [tool for tool in bench.tools if isinstance(tool, Varve | Restic)]
    read_all(bench, tools)
    first_look(bench, tools)


def read_all(bench, tools: list[Tool]) -> None:
    """Each fresh mount has nothing of the tree in the page cache; the repository is there."""
    tree = bench.data.kernel()
    for tool in tools:
        tool.start_anew()
        warm(tree)
        run(tool.snapshot(tree))
        warm(tool.repository)
        with Mounted(tool, mount_point(bench)) as mounted:
            read = ["tar", "-cf", "-", "-C", str(mounted.newest(tree)), "."]
            seconds = run(Command(read, {}, Path("/")), drain=["wc", "-c"]).seconds
        bench.record.add("mount.read", tool.name, Run(seconds, mounted.cpu_seconds, mounted.peak_bytes))


def first_look(bench, tools: list[Tool]) -> None:
    source = bench.scratch / "listed"
    source.mkdir(exist_ok=True)
    for number in range(FILES_LISTED):
        (source / f"{number}.txt").write_text(f"file {number}\n")
    count = bench.data.scale.snapshot_count
    for tool in tools:
        tool.start_anew()
        # Restic takes about a second for each start, so most of its snapshots are copies.
        for number in range(count if isinstance(tool, Varve) else 1):
            (source / "0.txt").write_text(f"change {number}\n")
            run(tool.snapshot(source), settle=False)
        if isinstance(tool, Restic):
            tool.multiply_snapshots(count)
        for _ in range(bench.data.scale.startup_runs):
            with Mounted(tool, mount_point(bench)) as mounted:
                look = Command(["ls", "-l", str(mounted.newest(source))], {}, Path("/"))
                seconds = run(look, settle=False).seconds
            bench.record.add(
                "mount.look", tool.name, Run(seconds, mounted.cpu_seconds, mounted.peak_bytes))


def mount_point(bench) -> Path:
    return Path(tempfile.mkdtemp(prefix="mount-", dir=bench.scratch)) / "here"
