"""The machine: what is installed on it, and one line that says what it is."""

import os
import re
import shutil
import subprocess
from pathlib import Path


def install(*packages: str) -> None:
    """Installs the Debian packages that are missing; exits with a sentence when that fails."""
    missing = [package for package in packages if not is_installed(package)]
    if not missing:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if not all(is_known(package) for package in missing):
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"cannot install {' '.join(missing)}:\n{done.stdout[-1000:]}")


def is_installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${Status}", package]
    answer = subprocess.run(query, capture_output=True, text=True)
    return answer.stdout.endswith(" installed")


def is_known(package: str) -> bool:
    policy = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True)
    return "Candidate: " in policy.stdout and "Candidate: (none)" not in policy.stdout


def description(directory: Path) -> str:
    """One line: processor, cores, memory and the file system that holds `directory`."""
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    query = ["stat", "-f", "-c", "%T", str(directory)]
    file_system = subprocess.run(query, capture_output=True, text=True).stdout.strip()
    name = processor.group(1).strip() if processor else "unknown processor"
    cores = len(os.sched_getaffinity(0))
    return f"{name}, {cores} cores, {memory:.0f} GiB, {file_system}, Linux {os.uname().release}"


def first_line(*command: str) -> str:
    """The first line that a command prints, or "not there"."""
    if shutil.which(command[0]) is None:
        return "not there"
    answer = subprocess.run(command, capture_output=True, text=True)
    return (answer.stdout.strip().splitlines() or ["silent"])[0]
