# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares whole runs of ferrospike with SpikeInterface, SciPy, MNE and the C limit program on the same files, run in turn.

    python compare.py FERROSPIKE [--quick] [--rounds N] [--scaling] [--long] [--append docs/performance.md]

One task: band-pass 300-6000 Hz (Butterworth of order 5, forward and backward), the median of all channels taken off, noise of each
channel, negative extrema beyond five times the noise, one in a millisecond.
"""
import argparse
import datetime
import os
import statistics
from pathlib import Path

import measure
import scaling
from measure import ferrospike, in_turn, limit, ratios, spread, table, tool
from recordings import Recording

FULL = [
    Recording(64, 120), Recording(64, 120, "gzip"), Recording(384, 60), Recording(16, 600),
]


def comparison(program, recording, rounds, with_others):
    recording.make(program)
    recording.limit_arguments()
    measure.warm(recording.path)
    engine = "spikeinterface:process:" + ("binary" if recording.layout == "contiguous" else "nwb")
    contenders = {
        "SpikeInterface, 2 processes": lambda: tool(engine, recording),
        "ferrospike run, 2 workers": lambda: ferrospike(program, recording, "--workers", 2),
        "ferrospike run, 1 worker": lambda: ferrospike(program, recording, "--workers", 1),
        "limit, float64, 2 threads": lambda: limit(recording, "--precision", "float64", "--threads", 2),
        "limit, float64": lambda: limit(recording, "--precision", "float64"),
        "limit, float64, 256 bits": lambda: limit(recording, "--precision", "float64", program="limit-256"),
        "limit, float32": lambda: limit(recording, "--precision", "float32"),
        "limit, float64, no median": lambda: limit(recording, "--precision", "float64", "--median", "off"),
        "limit, float32, no median": lambda: limit(recording, "--precision", "float32", "--median", "off"),
        "limit, reading alone": lambda: limit(recording, "--only-read", "on"),
    }
    if with_others and recording.samples < 300e6:
        contenders["SciPy, 1 process"] = lambda: tool("scipy", recording)
        contenders["MNE, 2 jobs"] = lambda: tool("mne", recording)
    runs = in_turn(contenders, rounds)
    rows = []
    for name, taken in runs.items():
        walls, cpus = [run.wall for run in taken], [run.cpu for run in taken]
        rows.append([
            name, spread(walls), spread(cpus), f"{recording.samples / statistics.median(cpus) / 1e6:.0f}",
            spread(ratios(runs, "SpikeInterface, 2 processes", name, "wall"), 1),
            spread(ratios(runs, "SpikeInterface, 2 processes", name, "cpu"), 1),
            spread(ratios(runs, name, "limit, float64", "cpu"), 2), spread(ratios(runs, name, "limit, float64, 2 threads", "cpu"), 2),
            spread(ratios(runs, name, "limit, float64, 256 bits", "cpu"), 2),
            f"{max(run.peak_mb for run in taken):.0f}", f"{taken[-1].events}",
        ])
    header = [
        "", "wall s", "processor s", "M samples per processor s", "x faster than SpikeInterface, wall", "the same, processors",
        "processor s over the limit's (float64)", "the same, limit of 2 threads", "the same, limit of 256 bits", "peak MB", "events"]
    return f"#### {recording.name}\n\n" + table(header, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ferrospike", type=Path)
    parser.add_argument("--quick", action="store_true", help="64 channels x 30 s, one round, without SciPy and MNE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-others", action="store_true", help="without SciPy and MNE, which take most of the time")
    parser.add_argument("--no-scaling", action="store_true", help="the comparison alone")
    parser.add_argument("--only-scaling", action="store_true", help="the scaling alone")
    parser.add_argument("--long", action="store_true", help="durations up to 30 minutes")
    parser.add_argument("--append", type=Path, help="a Markdown file that gets a dated section")
    options = parser.parse_args()
    measure.limit_program()
    load = os.getloadavg()[0]
    parts = [
        f"### {datetime.date.today().isoformat()}\n\n{measure.machine()}.\n"
        + measure.versions("spikeinterface", "scipy", "numpy", "numba", "mne", "h5py", "pynwb")
        + f".\nLoad before the start {load:.1f}; medians (ranges) of {1 if options.quick else options.rounds} rounds, each of which runs all in turn."
    ]
    if not options.only_scaling:
        for recording in [Recording(64, 30)] if options.quick else FULL:
            parts.append(comparison(options.ferrospike, recording, 1 if options.quick else options.rounds, not options.quick and not options.no_others))
            print(parts[-1] + "\n", flush=True)
    if not options.no_scaling and not options.quick:
        for part in scaling.sections(options.ferrospike, options.rounds, options.long):
            parts.append(part)
            print(part + "\n", flush=True)
    text = "\n\n".join(parts)
    if options.append:
        with open(options.append, "a") as file:
            file.write("\n" + text + "\n")


if __name__ == "__main__":
    main()
