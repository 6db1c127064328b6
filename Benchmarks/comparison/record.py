"""What was measured: samples by measure and tool, and the targets they are held against."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from statistics import median

from comparison.measure import Run

Sample = Run | int


@dataclass(frozen=True)
class Measure:
    """A row of the table; at most one of the targets is set."""

    key: str
    title: str
    faster: float | None = None
    """So many times as fast as restic."""
    smaller: float | None = None
    """At most this share of restic's bytes."""
    seconds: float | None = None
    """At most so many seconds."""
    slower: float | None = None
    """At most so many times the peer's seconds."""
    fewer: float | None = None
    """At most this share of restic's requests."""
    requests: int | None = None
    """At most so many requests."""
    peer: str = "restic"
    """What it is compared with."""


MEASURES = [
    Measure("dumps.first", "dumps from standard input, the first"),
    Measure("dumps.next", "dumps from standard input, each later one", faster=4),
    Measure("dumps.stored", "dumps, all stored", smaller=0.20),
    Measure("dumps.out", "dump of the newest to standard output", faster=2),
    Measure("incompressible.first", "incompressible, first snapshot", faster=2),
    Measure("incompressible.stored", "incompressible, stored"),
    Measure("incompressible.again", "incompressible, again with `--force`", faster=3),
    Measure("kernel.first", "kernel tree, first snapshot", faster=2.5),
    Measure("kernel.stored", "kernel tree, stored", smaller=0.82),
    Measure("kernel.unchanged", "kernel tree, nothing changed", faster=6),
    Measure("kernel.restore", "kernel tree, restore", faster=1.5),
    Measure("kernel.restore", "the same, against `tar -x`", faster=1, peer="tar"),
    Measure("kernel.again", "kernel tree, restore over an unchanged copy", faster=4),
    Measure("kernel.tar", "kernel tree, dump as tar (1.30 GB, 0.5 GB/s)", seconds=2.6),
    Measure("million.first", "a million small files, first snapshot", faster=2.5),
    Measure("million.unchanged", "a million small files, nothing changed", faster=6),
    Measure("wide.first", "a million files in one directory, first snapshot"),
    Measure("wide.unchanged", "a million files in one directory, nothing changed"),
    Measure("wide.restore", "a million files in one directory, restore"),
    Measure("releases.first", "releases, the first"),
    Measure("releases.next", "releases, each later one"),
    Measure("releases.stored", "releases, all stored", smaller=0.40),
    Measure("startup.version", "`varve --version`", seconds=0.010),
    Measure("startup.list", "list of many snapshots", seconds=0.050),
    Measure("maintenance.check", "check of 500 snapshots of the kernel tree", faster=3),
    Measure("maintenance.read", "the same, with `--read-data`", faster=2),
    Measure("maintenance.prune", "prune after forgetting one of 500", faster=10),
    Measure(
        "maintenance.grown", "the same where four times as much is stored", slower=1.3, peer="small"
    ),
    Measure("maintenance.forget", "forget of 400 out of 500", seconds=1),
    Measure("look.diff", "diff of two snapshots of the kernel tree, 100 files changed", seconds=0.3),
    Measure("look.find", "find of a name in 500 snapshots of 2,200 files", faster=10),
    Measure("bucket.first", "kernel tree into a bucket, first snapshot", faster=2.5),
    Measure("bucket.first.requests", "the same, requests", fewer=0.5),
    Measure("bucket.unchanged", "kernel tree in a bucket, nothing changed", faster=4),
    Measure("bucket.unchanged.requests", "the same, requests", requests=12),
    Measure("bucket.restore", "kernel tree from a bucket, restore", faster=2),
    Measure("bucket.far.first", "first snapshot, each request 50 ms away", slower=1.3, peer="near"),
    Measure("bucket.far.restore", "restore, each request 50 ms away", slower=1.3, peer="near"),
    Measure("bucket.sync", "sync of the kernel tree's repository into a bucket", faster=3),
    Measure("bucket.sync", "the same, against `rclone sync`", slower=1.3, peer="rclone"),
    Measure("databases.first", "PostgreSQL, 1 GB, first dump against `pg_dump -Fd -j2 -Z1`",
            slower=1, peer="pg_dump"),
    Measure("databases.next", "PostgreSQL, the next against `pg_dump -Fd -j2 -Z0`",
            slower=1.5, peer="pg_dump"),
    Measure("databases.changed", "PostgreSQL, after 0.5 % of the rows changed"),
    Measure("databases.changed.stored", "the same, stored, against the first",
            smaller=0.05, peer="first"),
    Measure("databases.restore", "PostgreSQL, restore against `pg_restore -j2` of `-Z0`",
            slower=1, peer="pg_restore of -Z0"),
    Measure("databases.restore", "the same, against `pg_restore -j2` of `-Z1`",
            slower=1, peer="pg_restore of -Z1"),
    Measure("databases.table", "PostgreSQL, one small table of 1 GB", seconds=2),
    Measure("databases.sqlite", "SQLite, 1 GB, against `.backup`", slower=1, peer=".backup"),
    Measure("databases.sqlite.changed", "SQLite, after 1 % of the pages changed"),
    Measure("databases.sqlite.stored", "the same, stored, against the first",
            smaller=0.02, peer="first"),
    Measure("mount.read", "tar of the kernel tree through a mount", faster=3),
    Measure("mount.look", "first `ls -l` in a mount of many snapshots", seconds=0.100),
]
# Of all works, and of those that have another bound.
PEAK_BYTES_MAX = 160 << 20
PEAK_BYTES_MAX_OF = {work: 200 << 20 for work in ("million", "wide", "bucket", "look", "mount")}


class Record:
    """Samples in the order they were taken, so that those of one turn stand side by side."""

    def __init__(self) -> None:
        self.samples: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))

    def add(self, measure: str, tool: str, sample: Sample) -> None:
        self.samples[measure][tool].append(sample)

    def of(self, measure: str, tool: str) -> list[Sample]:
        return self.samples.get(measure, {}).get(tool, [])

    def size(self, measure: str, tool: str) -> float | None:
        """The median of seconds or of stored bytes; none when nothing was measured."""
        sizes = [size_of(sample) for sample in self.of(measure, tool)]
        return median(sizes) if sizes else None

    def ratio(self, measure: str, tool: str, peer: str) -> float | None:
        """The median of `tool`'s size divided by its peer's in the same turn."""
        pairs = zip(self.of(measure, tool), self.of(measure, peer))
        ratios = [size_of(mine) / size_of(theirs) for mine, theirs in pairs]
        return median(ratios) if ratios else None

    def cpu_seconds(self, measure: str, tool: str) -> float | None:
        runs = [sample for sample in self.of(measure, tool) if isinstance(sample, Run)]
        return median(run.cpu_seconds for run in runs) if runs else None

    def peak_bytes(self, measure: str, tool: str) -> int | None:
        """The largest of all runs, not the median: a bound is a bound."""
        runs = [sample for sample in self.of(measure, tool) if isinstance(sample, Run)]
        return max((run.peak_bytes for run in runs), default=None)

    def plain(self) -> dict:
        """The samples as JSON can hold them."""
        return {
            measure: {tool: list(map(plain, samples)) for tool, samples in tools.items()}
            for measure, tools in self.samples.items()
        }


def size_of(sample: Sample) -> float:
    return sample.seconds if isinstance(sample, Run) else sample


def plain(sample: Sample) -> dict | int:
    return asdict(sample) if isinstance(sample, Run) else sample
