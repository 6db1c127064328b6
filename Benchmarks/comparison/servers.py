"""Servers on this machine: one that speaks S3, and a proxy in front of it."""

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEYS = {
    "AWS_ACCESS_KEY_ID": "varvetest",
    "AWS_SECRET_ACCESS_KEY": "varve-test-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class SeaweedFS:
    """The server that the tests use too; everything that it keeps lies below `directory`."""

    script = ROOT / "tools" / "testbeds" / "seaweedfs"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.endpoint = ""

    def __enter__(self) -> "SeaweedFS":
        self.directory.mkdir(parents=True)
        # The servers outlive the script, so its output must not be waited for to its end.
        with open(self.directory / "started", "w+") as output:
            subprocess.run([self.script, self.directory], stdout=output, check=True)
            output.seek(0)
            self.endpoint = output.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([self.script, "--stop", self.directory], check=True)
        # The next round starts with an empty one.
        shutil.rmtree(self.directory)

    @property
    def host(self) -> str:
        return self.endpoint.removeprefix("http://")


@dataclass(frozen=True)
class Traffic:
    """What passed a proxy."""

    requests: int
    by_method: dict[str, int]


class Proxy:
    """Lets each request to a server wait, and counts them."""

    def __init__(self, program: Path, to: str, delay_milliseconds: int = 0) -> None:
        self.call = [program, "--to", to, "--port", "0", "--delay", str(delay_milliseconds)]
        self.traffic: Traffic | None = None

    def __enter__(self) -> "Proxy":
        self.process = subprocess.Popen(self.call, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.endpoint = f"http://127.0.0.1:{line.split()[-1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        counts = json.loads(self.process.communicate()[0])["requests"]
        self.traffic = Traffic(sum(counts.values()), counts)


def proxy_program() -> Path:
    """Built as the program itself is."""
    program = ROOT / ".build" / "release" / "proxy"
    if not os.access(program, os.X_OK):
        build = "swift build -c release --product proxy"
        raise SystemExit(f"{program} is not there; build it with `{build}`")
    return program
