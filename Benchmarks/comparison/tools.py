"""Varve, restic and borg behind one set of verbs; each verb answers the command to run."""

import json
import shutil
import subprocess
from pathlib import Path

from comparison import machine
from comparison.measure import Command, inherited, run

PASSPHRASE = "only a benchmark"


class Tool:
    """One tool with one repository, its cache and its settings, all below `home`."""

    name: str

    def __init__(self, home: Path) -> None:
        self.home = home
        self.repository = home / "repository"
        self.environment = {"HOME": str(home)}

    def install(self) -> None:
        """Installs the tool, or exits when it is not there."""

    def version(self) -> str:
        """The tool's name and version in one line."""
        raise NotImplementedError

    def start_anew(self) -> None:
        """Makes an empty repository, with an empty cache."""
        self.remove()
        self.home.mkdir(parents=True)
        run(self.initialise())

    def start_from(self, prepared: Path) -> None:
        """Takes a copy of a directory that was another tool's `home`."""
        self.remove()
        shutil.copytree(prepared, self.home, symlinks=True)

    def remove(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def command(
        self, *arguments: str | Path, directory: Path = Path("/"), feed: Path | None = None
    ) -> Command:
        """`arguments` begin with the tool's program."""
        return Command([str(part) for part in arguments], self.environment, directory, feed)

    def initialise(self) -> Command:
        raise NotImplementedError

    def snapshot(self, path: Path, force: bool = False) -> Command:
        """A snapshot of a directory; with `force` every byte is read again."""
        raise NotImplementedError

    def snapshot_stream(self, feed: Path, name: str) -> Command:
        """A snapshot of standard input, stored under `name`."""
        raise NotImplementedError

    def dump(self, name: str) -> Command:
        """Writes the newest stream called `name` to standard output."""
        raise NotImplementedError

    def dump_tree(self, path: Path) -> Command:
        """Writes a directory of the newest snapshot to standard output, as tar."""
        raise NotImplementedError

    def restore(self, target: Path) -> Command:
        """Lays the newest snapshot out below a directory, empty or not."""
        raise NotImplementedError

    def list_snapshots(self) -> Command:
        raise NotImplementedError

    def check(self, read_data: bool = False) -> Command:
        """Looks for damage; with `read_data` in every stored byte."""
        raise NotImplementedError

    def forget(self, age: int) -> Command:
        """Forgets the snapshot that has so many newer ones."""
        raise NotImplementedError

    def forget_all_but(self, count: int) -> Command:
        """Forgets all but the newest snapshots."""
        raise NotImplementedError

    def prune(self) -> Command:
        raise NotImplementedError

    def mount(self, place: Path) -> Command:
        """Serves all snapshots as files until it is interrupted."""
        raise NotImplementedError


class Varve(Tool):
    name = "varve"

    def __init__(self, home: Path, program: Path) -> None:
        super().__init__(home)
        self.program = program
        self.key = home / "key"
        self.environment |= {
            "VARVE_REPOSITORY": str(self.repository),
            "VARVE_KEY_FILE": str(self.key),
            "VARVE_CACHE_DIR": str(home / "cache"),
            "XDG_STATE_HOME": str(home / "state"),
        }

    def install(self) -> None:
        if not self.program.is_file():
            raise SystemExit(
                f"{self.program} is not there; build it with `swift build -c release"
                " --scratch-path .build`, or name it with --varve, or leave it out with --tools"
            )

    def version(self) -> str:
        line = machine.first_line(str(self.program), "--version")
        return line if line.startswith("varve") else f"varve {line}"

    def show_version(self) -> Command:
        return self.command(self.program, "--version")

    def initialise(self) -> Command:
        return self.command(self.program, "init", "--key-file", self.key)

    def snapshot(self, path: Path, force: bool = False) -> Command:
        flags = ["--force"] if force else []
        return self.command(self.program, "snapshot", "create", *flags, path)

    def snapshot_stream(self, feed: Path, name: str) -> Command:
        return self.command(self.program, "snapshot", "create", "--stdin", name, feed=feed)

    def dump(self, name: str) -> Command:
        return self.command(self.program, "snapshot", "dump", f"latest:/{name}")

    def dump_tree(self, path: Path) -> Command:
        return self.command(self.program, "snapshot", "dump", f"latest:{path}")

    def restore(self, target: Path) -> Command:
        return self.command(self.program, "snapshot", "restore", "latest", "--target", target)

    def list_snapshots(self) -> Command:
        return self.command(self.program, "snapshot", "list")

    def check(self, read_data: bool = False) -> Command:
        return self.command(self.program, "check", *["--read-data"][: int(read_data)])

    def forget(self, age: int) -> Command:
        return self.command(self.program, "snapshot", "forget", f"latest~{age}")

    def forget_all_but(self, count: int) -> Command:
        rule = ["--keep-last", str(count), "--yes"]
        return self.command(self.program, "snapshot", "forget", *rule)

    def prune(self) -> Command:
        return self.command(self.program, "prune")

    def diff(self) -> Command:
        return self.command(self.program, "snapshot", "diff", "latest~1", "latest")

    def find(self, name: str) -> Command:
        return self.command(self.program, "snapshot", "find", name)

    def mount(self, place: Path) -> Command:
        return self.command(self.program, "mount", place)


class Restic(Tool):
    """Restic with what it does by itself: zstd, level "auto"."""

    name = "restic"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.environment |= {
            "RESTIC_REPOSITORY": str(self.repository),
            "RESTIC_PASSWORD": PASSPHRASE,
            "RESTIC_CACHE_DIR": str(home / "cache"),
        }

    def install(self) -> None:
        machine.install("restic")

    def version(self) -> str:
        return " ".join(machine.first_line("restic", "version").split()[:2])

    def initialise(self) -> Command:
        # Version 2 is the format that can compress.
        return self.command("restic", "init", "--repository-version", "2")

    def snapshot(self, path: Path, force: bool = False) -> Command:
        flags = ["--force"] if force else []
        return self.command("restic", "backup", "--quiet", *flags, path)

    def snapshot_stream(self, feed: Path, name: str) -> Command:
        source = ["--stdin", "--stdin-filename", name]
        return self.command("restic", "backup", "--quiet", *source, feed=feed)

    def dump(self, name: str) -> Command:
        return self.command("restic", "dump", "--quiet", "latest", f"/{name}")

    def dump_tree(self, path: Path) -> Command:
        return self.command("restic", "dump", "--quiet", "latest", path)

    def restore(self, target: Path) -> Command:
        return self.command("restic", "restore", "--quiet", "latest", "--target", target)

    def list_snapshots(self) -> Command:
        return self.command("restic", "snapshots")

    def check(self, read_data: bool = False) -> Command:
        return self.command("restic", "check", "--quiet", *["--read-data"][: int(read_data)])

    def forget(self, age: int) -> Command:
        return self.command("restic", "forget", "--quiet", self.newest_last()[-1 - age])

    def diff(self) -> Command:
        return self.command("restic", "diff", *self.newest_last()[-2:])

    def find(self, name: str) -> Command:
        return self.command("restic", "find", name)

    def newest_last(self) -> list[str]:
        """The ids of all snapshots."""
        listing = subprocess.run(
            ["restic", "snapshots", "--json"], env=inherited() | self.environment, check=True,
            stdout=subprocess.PIPE,
        )
        snapshots = sorted(json.loads(listing.stdout), key=lambda snapshot: snapshot["time"])
        return [snapshot["id"] for snapshot in snapshots]

    def forget_all_but(self, count: int) -> Command:
        rule = ["--group-by", "", "--keep-last", str(count)]
        return self.command("restic", "forget", "--quiet", *rule)

    def prune(self) -> Command:
        return self.command("restic", "prune", "--quiet")

    def mount(self, place: Path) -> Command:
        return self.command("restic", "mount", place)

    def multiply_snapshots(self, count: int) -> None:
        """Turns the one snapshot into `count`, without paying a start of the tool for each."""
        other = Restic(self.home / "other")
        reached = 1
        while reached < count:
            # A copy with another tag is another snapshot, and so comes back as one more.
            other.start_anew()
            other.copy_from(self)
            other.do("tag", "--add", f"copy-{reached}")
            self.copy_from(other)
            reached *= 2
        self.do("forget", "--group-by", "", "--keep-last", str(count))
        other.remove()

    def copy_from(self, other: "Restic") -> None:
        source = {
            "RESTIC_FROM_REPOSITORY": str(other.repository),
            "RESTIC_FROM_PASSWORD": PASSPHRASE,
        }
        self.do("copy", **source)

    def do(self, *arguments: str, **environment: str) -> None:
        call = ["restic", "--quiet", *arguments]
        run(Command(call, self.environment | environment, self.home))


class Borg(Tool):
    name = "borg"
    compression = "zstd,3"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.archives = 0
        self.environment |= {"BORG_PASSPHRASE": PASSPHRASE, "BORG_BASE_DIR": str(home / "base")}

    def install(self) -> None:
        machine.install("borgbackup")

    def version(self) -> str:
        return machine.first_line("borg", "--version")

    def initialise(self) -> Command:
        self.archives = 0
        return self.command("borg", "init", "--encryption", "repokey", self.repository)

    def snapshot(self, path: Path, force: bool = False) -> Command:
        flags = ["--files-cache=disabled"] if force else []
        return self.command(*self._create(), *flags, self._next_archive(), path)

    def snapshot_stream(self, feed: Path, name: str) -> Command:
        archive = self._next_archive()
        return self.command(*self._create(), "--stdin-name", name, archive, "-", feed=feed)

    def dump(self, name: str) -> Command:
        return self.command("borg", "extract", "--stdout", self._newest_archive(), name)

    def dump_tree(self, path: Path) -> Command:
        below = str(path).removeprefix("/")
        return self.command("borg", "export-tar", self._newest_archive(), "-", below)

    def restore(self, target: Path) -> Command:
        return self.command("borg", "extract", self._newest_archive(), directory=target)

    def list_snapshots(self) -> Command:
        return self.command("borg", "list", self.repository)

    def _create(self) -> list[str]:
        return ["borg", "create", "--compression", self.compression]

    def _next_archive(self) -> str:
        self.archives += 1
        return self._newest_archive()

    def _newest_archive(self) -> str:
        return f"{self.repository}::{self.archives}"
