"""The record as Markdown."""

from comparison.record import MEASURES, PEAK_BYTES_MAX, Measure, Record

NOTHING = ""


def render(record: Record, tools: list[str], heading: list[str]) -> str:
    """`heading` says what was measured where; one table of results, one of resources."""
    measures = [measure for measure in MEASURES if record.samples.get(measure.key)]
    timed = [measure for measure in measures if not measure.key.endswith(".stored")]
    lines = [f"{line}  " for line in heading]
    lines += ["", *results(record, tools, measures), "", *resources(record, tools, timed)]
    return "\n".join(lines) + "\n"


def results(record: Record, tools: list[str], measures: list[Measure]) -> list[str]:
    rows = [["work", *tools, "against restic", "target", "met"]]
    for measure in measures:
        sizes = [show_size(measure, record.size(measure.key, tool)) for tool in tools]
        rows.append([measure.title, *sizes, *verdict(record, measure)])
    peaks = [largest_peak(record, tool) for tool in tools]
    if any(peaks):
        rows.append(["largest peak memory", *map(show_peak, peaks), NOTHING, *peak_verdict(record)])
    return as_table(rows)


def resources(record: Record, tools: list[str], measures: list[Measure]) -> list[str]:
    rows = [["work", *(f"{tool} CPU" for tool in tools), *(f"{tool} peak" for tool in tools)]]
    for measure in measures:
        seconds = [show_seconds(record.cpu_seconds(measure.key, tool)) for tool in tools]
        peaks = [show_peak(record.peak_bytes(measure.key, tool)) for tool in tools]
        rows.append([measure.title, *seconds, *peaks])
    return as_table(rows)


def verdict(record: Record, measure: Measure) -> list[str]:
    """The cells "against restic", "target" and "met"."""
    share = record.ratio(measure.key, "varve", "restic")
    stored = measure.key.endswith(".stored")
    against = NOTHING
    if share is not None:
        against = f"{share:.3f} of the bytes" if stored else f"{1 / share:.2f} times as fast"
    if measure.faster:
        met = None if share is None else 1 / share >= measure.faster
        return [against, f"{measure.faster:g} times", answer(met)]
    if measure.smaller:
        met = None if share is None else share <= measure.smaller
        return [against, f"at most {measure.smaller:g}", answer(met)]
    if measure.seconds:
        size = record.size(measure.key, "varve")
        met = None if size is None else size <= measure.seconds
        return [against, f"at most {measure.seconds * 1000:.0f} ms", answer(met)]
    return [against, NOTHING, NOTHING]


def peak_verdict(record: Record) -> list[str]:
    peak = largest_peak(record, "varve")
    return [
        f"at most {PEAK_BYTES_MAX >> 20} MiB",
        answer(None if peak is None else peak <= PEAK_BYTES_MAX),
    ]


def largest_peak(record: Record, tool: str) -> int | None:
    peaks = [record.peak_bytes(measure.key, tool) for measure in MEASURES]
    return max((peak for peak in peaks if peak is not None), default=None)


def answer(met: bool | None) -> str:
    return NOTHING if met is None else "yes" if met else "**no**"


def show_size(measure: Measure, size: float | None) -> str:
    if size is None:
        return NOTHING
    if measure.key.endswith(".stored"):
        return f"{size / 1e6:.1f} MB"
    return show_seconds(size)


def show_seconds(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def show_peak(peak: int | None) -> str:
    return NOTHING if peak is None else f"{peak / 2**20:.0f} MiB"


def as_table(rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|---" + "|--:" * (len(rows[0]) - 1) + "|")
    return lines
