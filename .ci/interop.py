#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what Ferrospike writes with PyNWB, NWBInspector, pynapple, SpikeInterface and Neo, and compares the numbers.

    python .ci/interop.py FERROSPIKE WORKDIR

Two simulated recordings (one contiguous, one deflated and with a gap), a file written by PyNWB and a spike list go through the command
line. Prints a line per check and exits with 1 at the first one that fails.
"""

import csv
import json
import math
import subprocess
import sys
import warnings
from pathlib import Path

import h5py
import neo.io
import numpy as np
import probeinterface
import pynapple
import pynwb
import spikeinterface
import spikeinterface.extractors as extractors
from nwbinspector import Importance, inspect_nwbfile

warnings.filterwarnings("ignore")

PROJECT = Path(__file__).resolve().parent.parent
SERIES = "/acquisition/ElectricalSeries"

RECORDING = """
ferrospike-recording: 1
seed: {seed}
subject: mouse-{seed}
duration: 20 s
rate: 20 kHz
electrodes: {{geometry: tetrode, count: 8, pitch: 25 um, location: vCA1}}
neurons:
  - {{count: 4, snr: 9, rate: 6 Hz, bursting: {{fraction: 0.4, spikes: [3, 5], interval: [3 ms, 6 ms]}}}}
background: {{noise: 6 uV, lfp: 100 uV}}
{more}
"""

SIGNALS = """
ferrospike: 1
stages:
  - write-signal: {id: raw, format: binary, from: recording}
  - bandpass:     {id: ap, low: 300 Hz, high: 6 kHz}
  - write-signal: {id: filtered, format: nwb}
  - write-signal: {id: exact, format: binary, type: float32}
  - decimate:     {id: lfp, from: recording, rate: 1250 Hz}
  - write-signal: {id: field, format: nwb, type: float32, compression: 4}
"""
STEP = 0.195

# What NWBInspector finds and Ferrospike does not decide: areas are written as the recording names them, and what a recording does not tell
# (the species of the animal, the clock of spikes that were sorted elsewhere) is not made up.
AREAS = {"check_electrodes_location_allen_ccf"}
UNTOLD = {"check_subject_species_exists", "check_units_resolution_is_set"}
# The file by PyNWB holds spikes outside its observed intervals.
UNOBSERVED = {"check_spike_times_not_in_unobserved_interval"}


class Checks:
    """Prints what holds and stops at what does not."""

    def __init__(self, subject):
        self.subject = subject

    def that(self, holds, what, detail=""):
        print(f"{'ok  ' if holds else 'FAIL'} {self.subject}: {what}{'' if holds or not detail else f' ({detail})'}", flush=True)
        if not holds:
            sys.exit(1)

    def same(self, found, expected, what, tolerance=0.0, apart=0.0):
        """Numbers are equal, or as near as `tolerance` times the expected or as `apart`; missing ones stand at the same places."""
        found, expected = np.asarray(found, float), np.asarray(expected, float)
        if found.shape != expected.shape:
            self.that(False, what, f"shapes {found.shape} and {expected.shape}")
        near = np.isclose(found, expected, rtol=tolerance, atol=apart, equal_nan=True)
        worst = "" if near.all() else f"{found[~near].flat[0]!r} is not {expected[~near].flat[0]!r}"
        self.that(bool(near.all()), f"{what} ({found.size})", worst)


def ferrospike(*arguments):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"FAIL ferrospike {' '.join(map(str, arguments))} exited with {done.returncode}\n{done.stderr}")
        sys.exit(1)
    return done.stdout


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else math.nan


# MARK: Files as NWB


def check_validity(checks, path, allowed):
    errors = pynwb.validate(path=str(path))
    checks.that(not errors, "pynwb.validate finds no error", "; ".join(map(str, errors[:3])))
    found = [
        message
        for message in inspect_nwbfile(nwbfile_path=str(path), importance_threshold=Importance.BEST_PRACTICE_VIOLATION)
        # A check that falls itself is named within a sentence.
        if not any(name in message.check_function_name for name in allowed)
    ]
    detail = "; ".join(f"{message.importance.name} {message.check_function_name}: {message.message}" for message in found[:3])
    checks.that(not found, "NWBInspector finds nothing critical and no violation", detail)


# MARK: Raw recordings


def check_recording(name, path):
    checks = Checks(path.name)
    check_validity(checks, path, AREAS)
    told = json.loads(ferrospike("inspect", path, "--json"))
    series = told["series"][0]
    checks.that(told["problems"] == [] and series["path"] == SERIES, "inspect finds the series and no problem", told["problems"])
    first = series["segments"][-1]["first_frame"]
    # Around the last segment's start, where there is a gap in one of the recordings.
    frames = range(max(0, first - 200), min(series["frames"], first + 1800))
    table = ferrospike("inspect", path, "--series", SERIES, "--samples", f"{frames.start}:{frames.stop}").splitlines()
    microvolts = np.array([[np.float32(cell) for cell in line.split(",")] for line in table[1:]])

    recording = extractors.read_nwb_recording(path, electrical_series_path=SERIES[1:])
    # Where there are timestamps, SpikeInterface estimates the rate from some of them.
    checks.same(recording.get_sampling_frequency(), series["rate_hz"], "SpikeInterface reads the same rate", tolerance=1e-7)
    checks.that(recording.get_num_frames() == series["frames"], "SpikeInterface reads as many frames")
    traces = recording.get_traces(start_frame=frames.start, end_frame=frames.stop, return_in_uV=True)
    # SpikeInterface scales in Float32.
    checks.same(traces, microvolts, "SpikeInterface reads the same microvolts", tolerance=3e-7)
    locations = recording.get_channel_locations()
    checks.that(len(np.unique(locations, axis=0)) == series["channels"], "SpikeInterface places every channel")
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        found = file.acquisition["ElectricalSeries"]
        stored = found.data[frames.start : frames.stop].astype(float)
        checks.same((stored * float(found.conversion) * 1e6).astype(np.float32), microvolts, "PyNWB reads the same microvolts")
        times = found.timestamps[:] if found.timestamps is not None else found.starting_time + np.arange(len(found.data)) / found.rate
        for segment in series["segments"]:
            checks.that(times[segment["first_frame"]] == segment["start_s"], f"PyNWB starts frame {segment['first_frame']} at the same time")
        spikes = [file.units.get_unit_spike_times(unit) for unit in range(len(file.units))]
    counted = {"count": len(spikes), "spikes": sum(map(len, spikes))}
    checks.that(told["units"] == counted, "PyNWB counts the same true spikes", counted)
    sorting = extractors.read_nwb_sorting(path, electrical_series_path=SERIES[1:])
    counts = [len(sorting.get_unit_spike_train(unit)) for unit in sorting.unit_ids]
    checks.that(counts == list(map(len, spikes)), "SpikeInterface counts the same true spikes", counts)


# MARK: Written signals


def read_binary(folder, name):
    """As a user reads it: the arguments stand in the JSON beside the samples."""
    arguments = json.loads((folder / f"{name}.json").read_text())
    arguments["file_paths"] = [folder / file for file in arguments["file_paths"]]
    return spikeinterface.read_binary(**arguments), arguments["t_starts"]


def whole(recording):
    parts = [recording.get_traces(segment_index=index, return_in_uV=True) for index in range(recording.get_num_segments())]
    return np.concatenate(parts).astype(float)


def check_signals(folder, path):
    """Every written signal of one recording against what SpikeInterface reads of the recording itself, and against each other."""
    checks = Checks(f"{folder.name}, written signals")
    told = json.loads(ferrospike("inspect", path, "--json"))["series"][0]
    original = extractors.read_nwb_recording(path, electrical_series_path=SERIES[1:])
    raw, starts = read_binary(folder, "raw")
    checks.same(starts, [segment["start_s"] for segment in told["segments"]], "binary stretches start where the recording's do")
    counts = [raw.get_num_samples(index) for index in range(raw.get_num_segments())]
    checks.that(counts == [segment["frames"] for segment in told["segments"]], "SpikeInterface reads as many frames a stretch", counts)
    checks.same(whole(raw), original.get_traces(return_in_uV=True), "SpikeInterface reads the same microvolts from int16", apart=0.51 * STEP)
    probe = probeinterface.read_probeinterface(folder / "raw.probe.json").probes[0]
    checks.same(probe.contact_positions, original.get_channel_locations(), "probeinterface reads the same positions")
    checks.that(list(probe.device_channel_indices) == list(range(told["channels"])), "probeinterface wires the channels in their order")
    raw.set_probe(probe)
    checks.that(list(raw.get_channel_ids()) == [site["id"] for site in told["electrodes"]], "SpikeInterface names the same channels")

    exact = whole(read_binary(folder, "exact")[0])
    for name, expected, step in (("filtered", exact, STEP), ("field", None, 0)):
        file = folder / f"{name}.nwb"
        check_validity(Checks(f"{folder.name}/{name}.nwb"), file, AREAS | UNTOLD)
        series = json.loads(ferrospike("inspect", file, "--json"))["series"][0]
        checks.that([segment["start_s"] for segment in series["segments"]] == starts, f"{name}.nwb has the same stretches")
        table = ferrospike("inspect", file, "--series", SERIES, "--samples", f"0:{min(series['frames'], 2000)}").splitlines()
        microvolts = np.array([[np.float32(cell) for cell in line.split(",")] for line in table[1:]])
        reader = extractors.read_nwb_recording(file, electrical_series_path=SERIES[1:])
        traces = reader.get_traces(return_in_uV=True).astype(float)
        checks.same(traces[: len(microvolts)], microvolts, f"SpikeInterface reads the microvolts of {name}.nwb", tolerance=3e-7)
        checks.same(reader.get_channel_locations(), original.get_channel_locations(), f"SpikeInterface reads the positions of {name}.nwb")
        if expected is not None:
            checks.same(traces, expected, f"{name}.nwb is the exact signal within half a step", apart=0.51 * step)
        with pynwb.NWBHDF5IO(file, "r") as io:
            found = io.read().acquisition["ElectricalSeries"]
            stored = found.data[: len(microvolts)].astype(float) * found.conversion * 1e6
            checks.same(stored.astype(np.float32), microvolts, f"PyNWB reads the microvolts of {name}.nwb")
        # pynapple leaves out the conversion to volts.
        loaded = pynapple.load_file(str(file))["ElectricalSeries"]
        scale = STEP if step else 1.0
        checks.same(loaded.values[: len(microvolts)] * scale, microvolts, f"pynapple reads the samples of {name}.nwb", tolerance=3e-7, apart=1e-6)


# MARK: Conversions


def inspected(path):
    """What is in a file, refused series apart."""
    return json.loads(subprocess.run([TOOL, "inspect", str(path), "--json"], capture_output=True, text=True).stdout)


def samples(path, series):
    table = ferrospike("inspect", path, "--series", series["path"], "--samples", f"0:{series['frames']}").splitlines()
    return np.array([[np.float32(cell) for cell in line.split(",")] for line in table[1:]])


def check_conversion(path, output, allowed=frozenset()):
    """A converted recording against what Ferrospike reads of the original."""
    checks = Checks(f"{path.name}, converted")
    output.unlink(missing_ok=True)
    told = json.loads(ferrospike("convert", path, "-o", output, "--json"))
    check_validity(checks, output, AREAS | UNTOLD | allowed)
    original = {series["path"]: series for series in inspected(path)["series"]}
    with pynwb.NWBHDF5IO(output, "r") as io:
        file = io.read()
        for one in told["series"]:
            expected = samples(path, original[one["from"]])
            found = file.acquisition[one["to"].rsplit("/", 1)[1]]
            factors = found.channel_conversion[:] if getattr(found, "channel_conversion", None) is not None else 1.0
            microvolts = (found.data[:].astype(float) * found.conversion * factors + found.offset) * 1e6
            checks.same(microvolts, expected, f"PyNWB reads the microvolts of {one['to']}", tolerance=1e-6, apart=1e-9)
            checks.that(str(found.data.dtype) == one["type"], f"PyNWB reads {one['type']}", found.data.dtype)
    for one in told["series"]:
        if isinstance(file.acquisition[one["to"].rsplit("/", 1)[1]], pynwb.ecephys.ElectricalSeries):
            reader = extractors.read_nwb_recording(output, electrical_series_path=one["to"][1:])
            traces = reader.get_traces(return_in_uV=True).astype(float)
            checks.same(traces, samples(path, original[one["from"]]), f"SpikeInterface reads the microvolts of {one['to']}", tolerance=1e-5, apart=1e-3)


def check_converted_units(name, allowed=frozenset()):
    """The units of a converted file against those that the generator of its fixture wrote."""
    formats = PROJECT / "fixtures/formats"
    told = next(one for one in json.loads((formats / "expected.json").read_text())["valid"] if one["name"] == name)
    output = WORK / f"converted-{name}-units.nwb"
    checks = Checks(f"{name}, converted units")
    output.unlink(missing_ok=True)
    ferrospike("convert", formats / told["file"], "-o", output)
    check_validity(checks, output, AREAS | UNTOLD | allowed)
    with pynwb.NWBHDF5IO(output, "r") as io:
        units = io.read().units
        found = {units["unit_name"][row]: units.get_unit_spike_times(row).tolist() for row in range(len(units))}
    checks.that(found == told["units"], "PyNWB reads the spikes that were written", found)


# MARK: Results


def check_neo(path, spikes):
    """Neo reads units with one observed interval; it has none for several, nor for any series with electrodes, PyNWB's own included."""
    checks = Checks(f"{path.parent.name}/{path.name}")
    blocks = neo.io.NWBIO(str(path), mode="r").read_all_blocks()
    trains = [train for block in blocks for segment in block.segments for train in segment.spiketrains]
    checks.that(list(map(len, trains)) == list(map(len, spikes)), "Neo counts the same spikes")
    checks.same(np.concatenate([train.rescale("s").magnitude for train in trains]), np.concatenate(spikes), "Neo reads the same spike times")


def check_result(folder, allowed, rate=None):
    path = folder / "result.nwb"
    checks = Checks(f"{folder.name}/result.nwb")
    check_validity(checks, path, AREAS | allowed)
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        spikes = check_units(checks, file.units, rows(folder / "units.csv"), rate)
        intervals = [len(file.units["obs_intervals"][unit]) for unit in range(len(spikes))]
        check_bursts(checks, file, rows(folder / "bursts.csv"))
        if (folder / "spectra.csv").exists():
            check_spectra(checks, file, folder)
        excerpt = file.processing["ecephys"]["excerpt"] if "ecephys" in file.processing else None
        # pynapple leaves out the conversion to volts.
        samples = None if excerpt is None else excerpt.data[:]

    if all(count == 1 for count in intervals):
        check_neo(path, spikes)
    loaded = pynapple.load_file(str(path))
    group = loaded["units"]
    # pynapple may round times to the nanosecond.
    times = [group[unit].index.values for unit in sorted(group.keys())]
    checks.same(np.concatenate(times), np.concatenate(spikes), "pynapple reads the same spike times", apart=1e-9)
    checks.that(list(map(len, times)) == list(map(len, spikes)), "pynapple counts the same spikes")
    if samples is not None:
        checks.same(loaded["excerpt"].values, samples, "pynapple reads the same excerpt")

    sorting = extractors.read_nwb_sorting(path, **({} if rate else {"sampling_frequency": 20_000.0}))
    names = [row["unit_id"] for row in rows(folder / "units.csv")]
    checks.that(list(sorting.unit_ids) == names, "SpikeInterface names the same units", sorting.unit_ids)
    seconds = [sorting.get_unit_spike_train_in_seconds(unit) for unit in sorting.unit_ids]
    checks.same(np.concatenate(seconds), np.concatenate(spikes), "SpikeInterface reads the same spike times")
    if rate:
        checks.that(math.isclose(sorting.sampling_frequency, rate), "SpikeInterface finds the rate of the spikes", sorting.sampling_frequency)


def check_units(checks, units, table, rate):
    spikes = [units.get_unit_spike_times(unit) for unit in range(len(units))]
    checks.that(list(units["unit_name"][:]) == [row["unit_id"] for row in table], "PyNWB reads the units of units.csv")
    # Counts and rates are of the time in which a unit was observed.
    intervals = [units.get_unit_obs_intervals(unit) for unit in range(len(units))]
    inside = [sum(np.count_nonzero((a <= times) & (times <= b)) for a, b in bounds) for times, bounds in zip(spikes, intervals)]
    checks.same(inside, [int(row["spike_count"]) for row in table], "PyNWB counts the spikes of units.csv")
    electrodes = [list(units["electrodes"][unit]["channel_name"]) for unit in range(len(units))] if "electrodes" in units.colnames else None
    if electrodes is not None:
        expected = [[row["electrode"]] if row["electrode"] else [] for row in table]
        checks.that(electrodes == expected, "PyNWB reads the electrodes of units.csv", electrodes)
    observed = [float(np.sum(np.diff(bounds))) for bounds in intervals]
    checks.same(observed, [number(row["observed_s"]) for row in table], "PyNWB reads the observed time of units.csv", tolerance=1e-12)
    fixed = {"unit_id", "electrode", "location", "group", "observed_s"}
    measures = [name for name in table[0] if name not in fixed]
    checks.that(set(measures) <= set(units.colnames), "every measure of units.csv is a column", measures)
    for name in measures:
        checks.same(units[name][:], [number(row[name]) for row in table], f"PyNWB reads {name} of units.csv")
    if rate:
        waveforms = units["waveform_mean"]
        checks.that(np.isfinite(waveforms[:]).any(), "PyNWB reads mean waveforms")
        # An amplitude is the mean waveform's trough, but for overlaps and for spikes at the ends of a segment.
        deepest = [np.median(units["spike_amplitudes"][unit]) for unit in range(len(units))]
        troughs = np.min(waveforms[:], axis=1) * 1e6
        checks.same(troughs, deepest, "the mean waveforms are as deep in volts as the amplitudes in microvolts", tolerance=0.25)
    return spikes


def check_bursts(checks, file, table):
    expected = sorted((row["unit_id"], number(row["start_s"]), number(row["stop_s"]), int(row["spike_count"])) for row in table)
    found = []
    if file.intervals and "bursts" in file.intervals:
        names = dict(zip(file.units.id[:].tolist(), file.units["unit_name"][:]))
        bursts = file.intervals["bursts"]
        columns = [bursts[name][:].tolist() for name in ("unit", "start_time", "stop_time", "spike_count")]
        found = sorted((names[unit], start, stop, count) for unit, start, stop, count in zip(*columns))
    checks.that(found == expected, f"PyNWB reads the {len(expected)} bursts of bursts.csv")


def check_spectra(checks, file, folder):
    module = file.processing["ecephys"]
    spectra, bands = rows(folder / "spectra.csv"), rows(folder / "bands.csv")
    for stage in dict.fromkeys(row["stage"] for row in spectra):
        table = module[f"spectrum_{stage}"]
        power = [number(row["power_uv2_per_hz"]) for row in spectra if row["stage"] == stage]
        frequency = [number(row["frequency_hz"]) for row in spectra if row["stage"] == stage]
        checks.same(np.ravel(table["power_uv2_per_hz"][:]), power, f"PyNWB reads the power of {stage}")
        checks.same(np.ravel(table["frequency_hz"][:]), frequency, f"PyNWB reads the frequencies of {stage}")
        electrodes = list(table["electrode"].to_dataframe()["channel_name"])
        expected = list(dict.fromkeys(row["electrode"] for row in spectra if row["stage"] == stage))
        checks.that(electrodes == expected, f"PyNWB reads the electrodes of {stage}", electrodes)
        found = module[f"bands_{stage}"]
        mine = [row for row in bands if row["stage"] == stage]
        checks.that(list(found["band"][:]) == [row["band"] for row in mine], f"PyNWB reads the bands of {stage}")
        for name in ("low_hz", "high_hz", "power_uv2", "relative_power", "peak_hz", "density_uv2_per_hz"):
            checks.same(found[name][:], [number(row[name]) for row in mine], f"PyNWB reads {name} of {stage}")


# MARK: Input


def write_spike_list(path):
    """Three units of a culture, one of them silent."""
    generator = np.random.default_rng(3)
    trains = [np.sort(generator.uniform(0, 60, count)) for count in (90, 0, 250)]
    with h5py.File(path, "w") as file:
        file["spikes"] = np.concatenate(trains)
        file["sCount"] = np.array([len(train) for train in trains], dtype=np.int32)
        file["names"] = np.array(["ch_12a", "ch_47a", "ch_63b"], dtype="S6")
        file["epos"] = np.array([[0.0, 200.0, 400.0], [0.0, 200.0, 0.0]])
        file["recordingtime"] = np.array([0.0, 60.0])
        file["meta/age"] = np.array([21.0])


def main(work):
    inputs, results = work / "recordings", work / "results"
    inputs.mkdir(parents=True, exist_ok=True)
    recordings = {
        "contiguous": RECORDING.format(seed=1, more=""),
        "gap": RECORDING.format(seed=2, more="gaps: [{after: 8 s, duration: 3 s}]\nstorage: {layout: gzip}"),
    }
    for name, text in recordings.items():
        specification = inputs / f"{name}.yaml"
        specification.write_text(text)
        ferrospike("simulate", "recording", specification, "-o", inputs / f"{name}.nwb")
        check_recording(name, inputs / f"{name}.nwb")
    ferrospike("run", PROJECT / "pipelines/vhpc-extracellular.yaml", *(inputs / f"{name}.nwb" for name in recordings), "-o", results)
    for name in recordings:
        check_result(results / name, allowed=set(), rate=20_000.0)

    pipeline = inputs / "signals.yaml"
    pipeline.write_text(SIGNALS)
    ferrospike("run", pipeline, *(inputs / f"{name}.nwb" for name in recordings), "-o", work / "signals")
    for name in recordings:
        check_signals(work / "signals" / name, inputs / f"{name}.nwb")

    for name in ("mcs", "mcs-scales", "brw3", "brw4", "maxwell"):
        check_conversion(PROJECT / f"fixtures/formats/{name}.h5", work / f"converted-{name}.nwb")
    # A cell without spikes has no observed interval, over which this check of NWBInspector 0.7 falls itself.
    check_converted_units("cell-metrics", allowed=UNOBSERVED)
    for name in ("mcs-streams-recordings-spikes", "brw4-spikes", "maxwell-spikes"):
        check_converted_units(name)
    check_conversion(PROJECT / "fixtures/recordings/by-pynwb.nwb", work / "converted-by-pynwb.nwb", allowed=UNOBSERVED)

    write_spike_list(inputs / "culture.h5")
    sorted_file = PROJECT / "fixtures/recordings/by-pynwb.nwb"
    ferrospike("run", PROJECT / "pipelines/spike-list.yaml", inputs / "culture.h5", sorted_file, "-o", results)
    check_result(results / "culture", allowed=UNTOLD)
    check_result(results / "by-pynwb", allowed=UNTOLD | UNOBSERVED)
    print("Everything that was compared is the same.")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    TOOL = str(Path(sys.argv[1]).resolve())
    WORK = Path(sys.argv[2]).resolve()
    main(WORK)
