"""Databases, dumped and restored beside what comes with them."""

import shutil
from pathlib import Path

from comparison import dumps, sqlites
from comparison.data import warm
from comparison.measure import Command, run, stored_bytes
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
    for measure, level in (("databases.first", "1"), ("databases.next", "0")):
        bench.record.add(measure, "varve", run(snapshot))
        target = bench.scratch / f"dump-{level}"
        bench.record.add(measure, "pg_dump", run(pg_dump(varve, socket, level, target)))
    first = stored_bytes(varve.repository)
    for name in dumps.SHARES:
        update = dumps.UPDATES[name].format(share=CHANGED_ROWS)
        dumps.execute(socket, f"select setseed(0.5); {update}; vacuum {name}", "app")
    bench.record.add("databases.changed", "varve", run(snapshot))
    later = stored_bytes(varve.repository)
    bench.record.add("databases.changed.stored", "varve", later - first)
    bench.record.add("databases.changed.stored", "first", first)


def pg_dump(varve: Tool, socket: str, level: str, target: Path) -> Command:
    return varve.command(
        *program("pg_dump", socket), "-Fd", "-j", JOBS, f"-Z{level}", "-f", target, "app")


def restore(bench, varve: Varve, socket: str) -> None:
    """Into empty databases of the same server; the peer reads a dump that is not compressed."""
    new = varve.command(
        varve.program, "snapshot", "restore", "latest", "--jobs", JOBS, "--to", url(socket, "back"))
    bench.record.add("databases.restore", "varve", run(new))
    dumps.quiet(*program("dropdb", socket), "back")
    for level in ("0", "1"):
        dumps.quiet(*program("createdb", socket), "-T", "template0", "back")
        old = varve.command(
            *program("pg_restore", socket), "-j", JOBS, "-d", "back", bench.scratch / f"dump-{level}")
        bench.record.add("databases.restore", f"pg_restore of -Z{level}", run(old))
        dumps.quiet(*program("dropdb", socket), "back")
        shutil.rmtree(bench.scratch / f"dump-{level}")


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
