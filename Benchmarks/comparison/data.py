"""The data that is measured: prepared once, reused by every later run."""

import filecmp
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from comparison import dumps, machine, sqlites

KERNEL_ARCHIVE = Path("/usr/src/linux-source-6.1.tar.xz")
RELEASE_PACKAGE = "botocore"


@dataclass(frozen=True)
class Scale:
    """How much of everything."""

    name: str
    dump_rows: int
    dump_count: int
    database_rows: int
    sqlite_rows: int
    random_bytes: int
    kernel_part: str
    release_versions: tuple[str, ...]
    small_directories: int
    snapshot_count: int
    startup_runs: int
    history_count: int


FULL = Scale(
    name="full",
    dump_rows=1_500_000,
    dump_count=8,
    database_rows=3_500_000,
    sqlite_rows=3_400_000,
    random_bytes=4_000_000_000,
    kernel_part="linux-source-6.1",
    release_versions=tuple(f"1.29.{patch}" for patch in range(3, 166, 18)),
    small_directories=1000,
    snapshot_count=1000,
    startup_runs=30,
    history_count=500,
)
QUICK = Scale(
    name="quick",
    dump_rows=40_000,
    dump_count=2,
    database_rows=40_000,
    sqlite_rows=20_000,
    random_bytes=100_000_000,
    kernel_part="linux-source-6.1/fs",
    release_versions=("1.29.3", "1.29.21"),
    small_directories=5,
    snapshot_count=2,
    startup_runs=5,
    history_count=20,
)


class Data:
    """Where the data of one scale lies; each property prepares what is not there yet."""

    def __init__(self, directory: Path, scale: Scale) -> None:
        self.directory = directory
        self.scale = scale

    def prepare(self) -> None:
        """Prepares everything, one after the other."""
        trees = (self.kernel, self.releases, self.million, self.wide)
        databases = (self.database, self.sqlite)
        for part in (self.dumps, *databases, *trees, self.incompressible):
            part()

    def dumps(self) -> list[Path]:
        """Successive plain dumps of one database, oldest first."""
        scale = self.scale

        def build(directory: Path) -> None:
            machine.install("postgresql-15")
            dumps.make_dumps(directory, scale.dump_rows, scale.dump_count)

        directory = self.once("dumps", build)
        return [directory / f"{number}.sql" for number in range(1, scale.dump_count + 1)]

    def database(self) -> Path:
        """A PostgreSQL database of 1 GB with a few indexes, in the form that pg_restore takes."""

        def build(directory: Path) -> None:
            machine.install("postgresql-15")
            dumps.make_packed(directory / "database.dump", self.scale.database_rows)

        return self.once("database", build) / "database.dump"

    def sqlite(self) -> Path:
        """An SQLite database of 1 GB, in pages of 4 KiB."""

        def build(directory: Path) -> None:
            machine.install("sqlite3")
            sqlites.make(directory / "app.db", self.scale.sqlite_rows)

        return self.once("sqlite", build) / "app.db"

    def incompressible(self) -> Path:
        """A directory with one file of random bytes."""

        def build(directory: Path) -> None:
            with open(directory / "random.bin", "wb") as file:
                count = str(self.scale.random_bytes)
                subprocess.run(["head", "-c", count, "/dev/urandom"], stdout=file, check=True)

        return self.once("incompressible", build)

    def kernel(self) -> Path:
        """The source tree of Linux 6.1, or one directory of it."""

        def build(directory: Path) -> None:
            machine.install("linux-source-6.1")
            archive = ["tar", "-xJf", KERNEL_ARCHIVE, "-C", directory, self.scale.kernel_part]
            subprocess.run(archive, check=True)

        return self.once("kernel", build) / self.scale.kernel_part

    def million(self) -> Path:
        """Directories of a thousand small text files each."""

        def build(directory: Path) -> None:
            words = [f"{number * 2654435761 % 1000003:x}" for number in range(1 << 16)]
            for folder in range(self.scale.small_directories):
                place = directory / f"{folder:04}"
                place.mkdir()
                for number in range(1000):
                    start = (folder * 1009 + number * 31) % 65_000
                    text = " ".join(words[start : start + 10 + (folder + number) % 150])
                    (place / f"{number:03}.txt").write_text(f"{folder} {number}\n{text}\n")

        return self.once("million", build)

    def wide(self) -> Path:
        """As many small files as `million`, all in one directory."""

        def build(directory: Path) -> None:
            for number in range(self.scale.small_directories * 1000):
                (directory / f"e{number:07}").write_text(f"entry {number}\n")

        return self.once("wide", build)

    def releases(self) -> list[Path]:
        """Successive releases of one source tree, oldest first, each in its own directory."""

        def build(directory: Path) -> None:
            if importlib.util.find_spec("pip") is None:
                machine.install("python3-pip")
            for version in self.scale.release_versions:
                download_release(version, directory / version)

        directory = self.once("releases", build)
        return [directory / version for version in self.scale.release_versions]

    def once(self, name: str, build: Callable[[Path], None]) -> Path:
        """Builds beside the final name, so that what was interrupted is never taken for done."""
        done = self.directory / name
        if not done.exists():
            print(f"preparing {self.scale.name} {name} ...", file=sys.stderr, flush=True)
            partial = self.directory / f"{name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            build(partial)
            partial.rename(done)
        return done


def download_release(version: str, directory: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        download = ["download", "-q", "--no-deps", "--only-binary", ":all:", "-d", scratch]
        requirement = f"{RELEASE_PACKAGE}=={version}"
        subprocess.run([sys.executable, "-m", "pip", *download, requirement], check=True)
        [wheel] = Path(scratch).glob("*.whl")
        zipfile.ZipFile(wheel).extractall(directory)


def replace_tree(target: Path, source: Path) -> None:
    """Makes `target` equal to `source` and leaves alone what is equal, as a checkout does."""
    target.mkdir(exist_ok=True)
    wanted = {entry.name: entry for entry in os.scandir(source)}
    for entry in list(os.scandir(target)):
        if entry.name not in wanted or entry.is_dir() != wanted[entry.name].is_dir():
            shutil.rmtree(entry.path) if entry.is_dir() else os.unlink(entry.path)
    for name, entry in wanted.items():
        place = target / name
        if entry.is_dir():
            replace_tree(place, Path(entry.path))
        elif not place.exists() or not filecmp.cmp(entry.path, place, shallow=False):
            place.unlink(missing_ok=True)
            shutil.copy2(entry.path, place)


def warm(path: Path) -> None:
    """Reads a file or a tree once, so that every tool finds it in the page cache."""
    # A pipe, since tar reads nothing when it writes to /dev/null itself.
    command = f"tar -cf - -C {str(path.parent)!r} {path.name!r} | cat > /dev/null"
    subprocess.run(["sh", "-c", command], check=True)
