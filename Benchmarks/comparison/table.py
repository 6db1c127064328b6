"""The record as Markdown."""

from comparison.record import MEASURES, PEAK_BYTES_MAX, PEAK_BYTES_MAX_OF, Measure, Record

NOTHING = ""


def render(record: Record, tools: list[str], heading: list[str]) -> str:
    """`heading` says what was measured where; one table of results, one of resources."""
    measures = [measure for measure in MEASURES if record.samples.get(measure.key)]
    timed = [m for m in measures if not m.key.endswith((".stored", ".requests"))]
    lines = [f"{line}  " for line in heading]
    lines += ["", *results(record, tools, measures), "", *resources(record, tools, timed)]
    return "\n".join(lines) + "\n"


def results(record: Record, tools: list[str], measures: list[Measure]) -> list[str]:
    rows = [["work", *tools, "against restic", "target", "met"]]
    for measure in measures:
        sizes = [show_size(measure, record.size(measure.key, tool)) for tool in tools]
        rows.append([measure.title, *sizes, *verdict(record, measure)])
    for work in [None, *PEAK_BYTES_MAX_OF]:
        peaks = [largest_peak(record, tool, work) for tool in tools]
        if any(peaks):
            title = f"largest peak memory of {work}" if work else "largest peak memory"
            verdict_cells = peak_verdict(peaks[0], work)
            rows.append([title, *map(show_peak, peaks), NOTHING, *verdict_cells])
    return as_table(rows)


def resources(record: Record, tools: list[str], measures: list[Measure]) -> list[str]:
    rows = [["work", *(f"{tool} CPU" for tool in tools), *(f"{tool} peak" for tool in tools)]]
    for measure in measures:
        if measure.peer != "restic":
            continue
        seconds = [show_seconds(record.cpu_seconds(measure.key, tool)) for tool in tools]
        peaks = [show_peak(record.peak_bytes(measure.key, tool)) for tool in tools]
        rows.append([measure.title, *seconds, *peaks])
    return as_table(rows)


def verdict(record: Record, measure: Measure) -> list[str]:
    """The cells "against restic", "target" and "met"."""
    share = record.ratio(measure.key, "varve", measure.peer)
    against = NOTHING
    if share is not None:
        against = f"{1 / share:.2f} times as fast"
        for ending, unit in ((".stored", "bytes"), (".requests", "requests")):
            if measure.key.endswith(ending):
                against = f"{share:.3f} of the {unit}"
        if measure.slower:
            against = f"{share:.2f} times the seconds"
        if measure.peer != "restic":
            word = "as" if measure.faster else "of"
            against += f" {word} {measure.peer}: {show_size(measure, record.size(measure.key, measure.peer))}"
    if measure.faster:
        met = None if share is None else 1 / share >= measure.faster
        return [against, f"{measure.faster:g} times", answer(met)]
    if measure.slower:
        met = None if share is None else share <= measure.slower
        return [against, f"at most {measure.slower:g} times", answer(met)]
    if bound := measure.smaller or measure.fewer:
        met = None if share is None else share <= bound
        return [against, f"at most {bound:g}", answer(met)]
    if measure.requests:
        size = record.size(measure.key, "varve")
        met = None if size is None else size <= measure.requests
        return [against, f"at most {measure.requests}", answer(met)]
    if measure.seconds:
        size = record.size(measure.key, "varve")
        met = None if size is None else size <= measure.seconds
        return [against, f"at most {measure.seconds * 1000:.0f} ms", answer(met)]
    return [against, NOTHING, NOTHING]


def peak_verdict(peak: int | None, work: str | None) -> list[str]:
    """`peak` is Varve's, `work` one that has a bound of its own."""
    bound = PEAK_BYTES_MAX_OF[work] if work else PEAK_BYTES_MAX
    return [f"at most {bound >> 20} MiB", answer(None if peak is None else peak <= bound)]


def largest_peak(record: Record, tool: str, work: str | None) -> int | None:
    """Over one work, or over all that have no bound of their own."""
    peaks = [
        record.peak_bytes(measure.key, tool)
        for measure in MEASURES
        if (name := measure.key.split(".")[0]) == work or not work and name not in PEAK_BYTES_MAX_OF
    ]
    return max((peak for peak in peaks if peak is not None), default=None)


def answer(met: bool | None) -> str:
    return NOTHING if met is None else "yes" if met else "**no**"


def show_size(measure: Measure, size: float | None) -> str:
    if size is None:
        return NOTHING
    if measure.key.endswith(".stored"):
        return f"{size / 1e6:.1f} MB"
    if measure.key.endswith(".requests"):
        return f"{size:.0f}"
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
