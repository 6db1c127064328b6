"""One run of one program: its time, its processor time and its peak memory."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """What to run; `feed` names a file that reaches standard input through a pipe."""

    arguments: list[str]
    environment: dict[str, str]
    directory: Path
    feed: Path | None = None
    may_fail: bool = False
    """Its time counts also when it ends with an error."""


@dataclass(frozen=True)
class Run:
    """What one run took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def run(command: Command, drain: list[str] | None = None, settle: bool = True) -> Run:
    """Runs a command that must succeed; `drain` is the program that its output is piped into."""
    if settle:
        # What an earlier run left to be written must not burden this one.
        os.sync()
    environment = inherited() | command.environment
    with tempfile.TemporaryFile() as messages:
        start = time.monotonic()
        feeder = spawn(["cat", str(command.feed)], stdout=subprocess.PIPE) if command.feed else None
        program = spawn(
            command.arguments,
            stdin=feeder.stdout if feeder else subprocess.DEVNULL,
            stdout=subprocess.PIPE if drain else subprocess.DEVNULL,
            stderr=messages,
            cwd=command.directory,
            env=environment,
        )
        if feeder:
            feeder.stdout.close()
        drainer = spawn(drain, stdin=program.stdout, stdout=subprocess.DEVNULL) if drain else None
        if drainer:
            program.stdout.close()
        # Only wait4 tells what one child used.
        _, status, usage = os.wait4(program.pid, 0)
        seconds = time.monotonic() - start
        program.returncode = os.waitstatus_to_exitcode(status)
        failed = program.returncode != 0 and not command.may_fail
        failed |= any([helper.wait() != 0 for helper in (feeder, drainer) if helper])
        if failed:
            messages.seek(0)
            text = messages.read()[-2000:].decode(errors="replace").strip()
            line = " ".join(command.arguments)
            raise SystemExit(f"{line}\nfailed with status {program.returncode}:\n{text}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def inherited() -> dict[str, str]:
    """The environment without what would change a tool's settings."""
    prefixes = ("VARVE_", "RESTIC_", "BORG_", "XDG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


def spawn(arguments: list[str], **options) -> subprocess.Popen:
    try:
        return subprocess.Popen(arguments, **options)
    except FileNotFoundError:
        raise SystemExit(f"{arguments[0]} is not there") from None


def stored_bytes(directory: Path) -> int:
    """The sum of the lengths of all files below a directory."""
    places = (os.path.join(base, name) for base, _, names in os.walk(directory) for name in names)
    return sum(os.lstat(place).st_size for place in places)
