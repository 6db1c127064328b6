"""Databases, dumped and restored beside what comes with them."""

import shutil
from pathlib import Path

from comparison import dumps, sqlites
from comparison.data import warm
from comparison.measure import Command, Run, run, stored_bytes
from comparison.tools import Tool, Varve

CHANGED_ROWS = 0.005
JOBS = "2"


def program(name: str, socket: str) -> list[str | Path]:
    return [dumps.BINARIES / name, "-h", socket, "-U", "postgres"]


def databases(bench) -> None:
    """PostgreSQL against pg_dump and pg_restore, then SQLite against its own backup."""
    varve = next((tool for tool in bench.tools if isinstance(tool, Varve)), None)
    if varve is None:
        return
    packed = bench.data.database()
    with dumps.server() as socket:
        dumps.quiet(*program("createdb", socket), "-T", "template0", "app")
        dumps.quiet(*program("pg_restore", socket), "-j", JOBS, "-d", "app", packed)
        dumps.execute(socket, "vacuum analyze", "app")
        take(bench, varve, socket)
        restore(bench, varve, socket)
        table(bench, varve, socket)
    sqlite(bench, varve)


def url(socket: str, name: str) -> str:
    return f"postgres://postgres@/{name}?host={socket}"


def take(bench, varve: Varve, socket: str) -> None:
    """A first dump, one of the same rows, and one after some have changed."""
    varve.start_anew()
    snapshot = varve.command(
        varve.program, "snapshot", "create", "--jobs", JOBS, url(socket, "app"))
    warm_up(pg_dump(varve, socket, "1", bench.scratch / "warm"), bench.scratch / "warm")
    for measure, level in (("databases.first", "1"), ("databases.next", "0")):
        bench.record.add(measure, "varve", settled(socket, snapshot))
        target = bench.scratch / f"dump-{level}"
        bench.record.add(
            measure, "pg_dump", settled(socket, pg_dump(varve, socket, level, target)))
    first = stored_bytes(varve.repository)
    for name in dumps.SHARES:
        update = dumps.UPDATES[name].format(share=CHANGED_ROWS)
        dumps.execute(socket, f"select setseed(0.5); {update}; vacuum {name}", "app")
    bench.record.add("databases.changed", "varve", run(snapshot))
    later = stored_bytes(varve.repository)
    bench.record.add("databases.changed.stored", "varve", later - first)
    bench.record.add("databases.changed.stored", "first", first)


def warm_up(command: Command, written: Path) -> None:
    """Runs a command once before it counts, and removes what it has written.

    Who is the first to fill so much memory waits for a virtual machine to be given it.
    """
    run(command)
    if written.is_dir():
        shutil.rmtree(written)
    else:
        written.unlink(missing_ok=True)


def settled(socket: str, command: Command) -> Run:
    """Runs a command when the server has written what the one before it has changed."""
    dumps.execute(socket, "checkpoint")
    return run(command)


def pg_dump(varve: Tool, socket: str, level: str, target: Path) -> Command:
    return varve.command(
        *program("pg_dump", socket), "-Fd", "-j", JOBS, f"-Z{level}", "-f", target, "app")


def restore(bench, varve: Varve, socket: str) -> None:
    """Into new databases of the same server; the peer's first does not count, as in `warm_up`."""
    new = varve.command(
        varve.program, "snapshot", "restore", "latest", "--jobs", JOBS, "--to", url(socket, "back"))
    pg_restore(bench, varve, socket, "0")
    bench.record.add("databases.restore", "varve", settled(socket, new))
    dumps.quiet(*program("dropdb", socket), "back")
    for level in ("0", "1"):
        taken = pg_restore(bench, varve, socket, level)
        bench.record.add("databases.restore", f"pg_restore of -Z{level}", taken)
        shutil.rmtree(bench.scratch / f"dump-{level}")


def pg_restore(bench, varve: Tool, socket: str, level: str) -> Run:
    dumps.quiet(*program("createdb", socket), "-T", "template0", "back")
    taken = settled(socket, varve.command(
        *program("pg_restore", socket), "-j", JOBS, "-d", "back", bench.scratch / f"dump-{level}"))
    dumps.quiet(*program("dropdb", socket), "back")
    return taken


def table(bench, varve: Varve, socket: str) -> None:
    """One small table of the large dump, into a database without it."""
    dumps.quiet(*program("createdb", socket), "-T", "template0", "part")
    one = varve.command(
        varve.program, "snapshot", "restore", "latest", "--table", "public.words", "--to",
        url(socket, "part"))
    bench.record.add("databases.table", "varve", run(one))


def sqlite(bench, varve: Varve) -> None:
    """A database that is backed up, and again after some of its pages have changed."""
    live = bench.scratch / "app.db"
    shutil.copyfile(bench.data.sqlite(), live)
    varve.start_anew()
    snapshot = varve.command(varve.program, "snapshot", "create", f"sqlite:{live}")
    copy = bench.scratch / "copy.db"
    backup = varve.command("sqlite3", live, f".backup {copy}")
    warm_up(backup, copy)
    for tool, command in (("varve", snapshot), (".backup", backup)):
        warm(live)
        bench.record.add("databases.sqlite", tool, run(command))
    first = stored_bytes(varve.repository)
    sqlites.change_pages(live)
    bench.record.add("databases.sqlite.changed", "varve", run(snapshot))
    later = stored_bytes(varve.repository)
    bench.record.add("databases.sqlite.stored", "varve", later - first)
    bench.record.add("databases.sqlite.stored", "first", first)
    live.unlink()
    copy.unlink()
