# SPDX-License-Identifier: GPL-3.0-or-later
"""How time and memory grow with duration, channels and workers."""
import math
import statistics

import measure
from measure import ferrospike, in_turn, ratios, spread, table
from recordings import Recording


def exponent(points):
    """Slope of log time over log size by least squares."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mx, my = statistics.mean(xs), statistics.mean(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


def _runs(program, recordings, rounds, *options, pipelines=("pipeline",)):
    for recording in recordings:
        recording.make(program)
        measure.warm(recording.path)

    def run(recording, pipeline):
        return lambda: ferrospike(program, recording, *options, pipeline=measure.HERE / f"{pipeline}.yaml")

    return in_turn({(recording, pipeline): run(recording, pipeline) for recording in recordings for pipeline in pipelines}, rounds)


def _cpu(runs):
    return statistics.median(run.cpu for run in runs)


def durations(program, rounds, count, seconds):
    runs = {recording: taken for (recording, _), taken in _runs(program, [Recording(count, each) for each in seconds], rounds, "--workers", "1").items()}
    points = [(recording.seconds, _cpu(taken)) for recording, taken in runs.items()]
    # A straight line: starting, ending and the noise of ten seconds of any recording are its height at 0.
    longest, shortest = points[-1], points[0]
    slope = (longest[1] - shortest[1]) / (longest[0] - shortest[0])
    fixed = max(shortest[1] - slope * shortest[0], 0)
    beyond = [(length, time - fixed) for length, time in points]
    rows = [
        [f"{recording.seconds} s", spread([run.cpu for run in taken]), f"{_cpu(taken) / recording.samples * 1e9:.2f}",
         f"{(_cpu(taken) - fixed) / recording.samples * 1e9:.2f}", f"{max(run.peak_mb for run in taken):.0f}"] for recording, taken in runs.items()]
    return (
        f"#### Duration, {count} channels\n\nProcessor time grows as duration to the power {exponent(points):.3f}; less {fixed:.2f} s that do not depend on it "
        f"(starting and ending, and the noise of 10 s of any recording), {exponent(beyond):.3f}.\n\n"
        + table(["duration", "processor s", "ns a sample", "less the fixed part", "peak MB"], rows))


def channels(program, rounds, counts, samples):
    """What a further sample costs: the difference between a recording and one three times as long, so that starting and noise drop out."""
    shorts = {count: Recording(count, min(max(round(samples / 30_000 / count), 20), 1500)) for count in counts}
    longs = {count: Recording(count, 3 * short.seconds) for count, short in shorts.items()}
    runs = _runs(program, [*shorts.values(), *longs.values()], rounds, "--workers", "1", pipelines=("pipeline", "quiet"))

    def between(count, pipeline):
        return [
            (long.cpu - short.cpu) / (longs[count].samples - shorts[count].samples) * 1e9
            for long, short in zip(runs[longs[count], pipeline], runs[shorts[count], pipeline])]

    def events(count):
        long, short = runs[longs[count], "pipeline"][0], runs[shorts[count], "pipeline"][0]
        return (long.events - short.events) / count / (longs[count].seconds - shorts[count].seconds)

    costs = {(count, pipeline): statistics.median(between(count, pipeline)) for count in counts for pipeline in ("pipeline", "quiet")}
    best = {pipeline: min(costs[count, pipeline] for count in counts) for pipeline in ("pipeline", "quiet")}
    wide = [(count, costs[count, "pipeline"] * count) for count in counts if count >= 16]
    rows = [
        [count, f"{shorts[count].seconds} and {longs[count].seconds}", spread(between(count, "quiet")), f"{costs[count, 'quiet'] / best['quiet']:.2f}",
         spread(between(count, "pipeline")), f"{costs[count, 'pipeline'] / best['pipeline']:.2f}", f"{events(count):.1f}",
         f"{max(run.peak_mb for run in runs[longs[count], 'pipeline']):.0f}"] for count in counts]
    return (
        f"#### Channels\n\nFrom 16 channels on, processor time grows as channels to the power {exponent(wide):.3f}. What a further sample costs, without events "
        "(a threshold that nothing reaches) and with them: two durations of the same channels, so that starting and the noise pass drop out.\n\n"
        + table(
            ["channels", "seconds", "ns a sample without events", "over the best", "with events", "over the best", "events a second and channel", "peak MB"],
            rows))


def workers(program, rounds):
    rows = []
    for recording in (Recording(64, 120), Recording(64, 600), Recording(16, 600)):
        recording.make(program)
        measure.warm(recording.path)
        runs = in_turn({count: (lambda count=count: ferrospike(program, recording, "--workers", count)) for count in (1, 2)}, rounds)
        rows.append([
            recording.name, *(spread([run.wall for run in runs[count]]) for count in (1, 2)),
            spread(ratios(runs, 1, 2, "wall")), spread(ratios(runs, 2, 1, "cpu"))])
    return "#### Workers\n\n" + table(
        ["recording", "wall s with one", "with two", "two are so many times as fast", "for so many times the processor seconds"], rows)


def memory(program, rounds, minutes):
    rows = []
    for count in (16, 64, 384):
        for length in minutes:
            if count == 384 and length > 3:
                continue
            recording = Recording(count, 60 * length)
            recording.make(program)
            row = [count, f"{length} min"]
            for workers in (1, 2):
                row.append(spread([ferrospike(program, recording, "--workers", workers).peak_mb for _ in range(rounds)], digits=0))
            for budget in (200, 400):
                row.append(f"{measure.peak_or_refusal(program, recording, budget)}")
            rows.append(row)
    return "#### Peak memory\n\n" + table(["channels", "duration", "peak MB, 1 worker", "2 workers", "2 with --memory 200MB", "2 with --memory 400MB"], rows)


def sections(program, rounds, is_long):
    for count in (16, 64):
        yield durations(program, rounds, count, [30, 60, 120, 300, 600] + ([1800] if is_long else []))
    yield channels(program, rounds, [1, 2, 3, 4, 7, 16, 31, 32, 33, 64, 96, 128, 384], 45e6)
    yield workers(program, rounds)
    yield memory(program, rounds, [1, 3, 10] + ([30] if is_long else []))
