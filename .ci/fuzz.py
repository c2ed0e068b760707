#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds Ferrospike with mutated recordings.

    python .ci/fuzz.py FERROSPIKE WORKDIR [--count 5000] [--first 0] [--seed 1] [--limit 5]

File i of a seed is always the same. Every file goes through a worker process (inspect, then the samples of every series) and, in batches, through
`ferrospike run`. What must hold:

- a batch goes on whatever happens, ends with 0, 3 or 4, speaks of every file, and leaves whole folders only;
- nothing takes longer than the limit;
- nothing falls by our own code;
- samples that are given out are those of the unmutated file, or those that h5py reads from the mutated one.

Crashes and hangs of the worker are counted and named: they are the library's, or, where Swift says `Fatal error`, ours, and then a failure.
Prints a summary; exits with 1 where something does not hold. Files that something happened to stay in WORKDIR/kept.
"""

import argparse
import collections
import json
import multiprocessing
import random
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import yaml

PROJECT = Path(__file__).resolve().parent.parent
BATCH = 50
# What Swift says when our own code falls.
OURS = ["Fatal error", "Could not allocate", "FerroHDF5"]
# Of a series, and of one that is said to be endless, the beginning.
FRAMES = 4000

PIPELINE = """
ferrospike: 1
{recording}stages:
  - detect-spikes: {{method: by-channel, threshold: 5}}
  - firing: {{}}
"""
SPIKES = "ferrospike: 1\nstages:\n  - import-units: {}\n  - firing: {}\n"

SIMULATED = """
ferrospike-recording: 1
seed: 7
duration: 0.05 s
rate: 20 kHz
electrodes: {geometry: tetrode, count: 4, pitch: 25 um, location: vCA1}
neurons:
  - {count: 1, snr: 9, rate: 20 Hz}
background: {noise: 6 uV, lfp: 100 uV}
gaps: [{after: 20 ms, duration: 3 s}]
"""


# MARK: Files to start from


def seeds(tool, work):
    """Small recordings of every layout that is read, each with what a pipeline has to say of it."""
    folder = work / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for path in sorted((PROJECT / "fixtures/recordings").glob("*.nwb")):
        found[path] = ""
    formats = PROJECT / "fixtures/formats"
    for entry in json.loads((formats / "expected.json").read_text())["valid"]:
        path = formats / entry["file"]
        if not entry["allow_external"] and path.stat().st_size < 1 << 17:
            found.setdefault(path, entry["recording"] or "")
    for layout in ("contiguous", "gzip"):
        (folder / f"{layout}.yaml").write_text(SIMULATED + f"storage: {{layout: {layout}}}\n")
        made = folder / f"simulated-{layout}.nwb"
        subprocess.run([tool, "simulate", "recording", folder / f"{layout}.yaml", "-o", made], check=True, capture_output=True)
        found[made] = ""
    generator = np.random.default_rng(3)
    trains = [np.sort(generator.uniform(0, 60, count)) for count in (30, 0, 50)]
    with h5py.File(folder / "culture.h5", "w") as file:
        file["spikes"] = np.concatenate(trains)
        file["sCount"] = np.array([len(train) for train in trains], dtype=np.int32)
        file["names"] = np.array(["ch_12a", "ch_47a", "ch_63b"], dtype="S6")
        file["epos"] = np.array([[0.0, 200.0, 400.0], [0.0, 200.0, 0.0]])
    found[folder / "culture.h5"] = ""
    return found


def pipeline(recording):
    declared = "recording:\n" + "".join(f"  {line}\n" for line in recording.split("\n")) if recording else ""
    return PIPELINE.format(recording=declared)


# MARK: Mutations


SIGNATURES = [b"TREE", b"HEAP", b"SNOD", b"OHDR", b"OCHK", b"BTHD", b"BTLF", b"FRHP", b"FHDB", b"GCOL", b"FADB", b"FAHD", b"EAHD", b"\x89HDF"]
SIZES = [0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 62) + 3, (1 << 63) - 1, 0xFFFFFFFFFFFFFFFF]


def place(data, chance):
    """Any byte, but mostly one of the structures by which the file is found through."""
    if chance.random() < 0.35:
        return chance.randrange(len(data))
    found = []
    for mark in SIGNATURES:
        start = data.find(mark)
        while start >= 0:
            found.append(start)
            start = data.find(mark, start + 1)
    if not found:
        return chance.randrange(len(data))
    return min(len(data) - 1, chance.choice(found) + int(chance.expovariate(1 / 60)))


def flip(data, chance):
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        data[place(data, chance)] ^= 1 << chance.randrange(8)


def scribble(data, chance):
    for _ in range(chance.choice([1, 2, 8])):
        data[place(data, chance)] = chance.randrange(256)


def truncate(data, chance):
    del data[chance.randrange(len(data)) :]


def blank(data, chance):
    start = place(data, chance)
    length = min(len(data) - start, chance.choice([4, 16, 64, 512, 4096]))
    data[start : start + length] = bytes([chance.choice([0, 0, 0xFF])]) * length


def oversize(data, chance):
    """A number in the structures of the file becomes absurd."""
    for _ in range(chance.choice([1, 1, 3])):
        width = chance.choice([2, 4, 8])
        start = max(0, min(place(data, chance), len(data) - width))
        data[start : start + width] = struct.pack("<Q", chance.choice(SIZES))[:width]


def splice(data, chance):
    length = min(len(data) // 2, chance.choice([8, 64, 512]))
    source, target = chance.randrange(len(data) - length + 1), min(place(data, chance), len(data) - length)
    data[target : target + length] = data[source : source + length]


def redirect(data, chance):
    """An address in the file leads to another object of the file, such as a group above it."""
    addresses = [at for at in range(0, len(data) - 8, 4) if 48 <= int.from_bytes(data[at : at + 8], "little") < len(data)]
    for _ in range(chance.choice([1, 2, 4])):
        if addresses:
            source, target = chance.choice(addresses), chance.choice(addresses)
            data[target : target + 8] = data[source : source + 8]


BYTES = [flip, scribble, truncate, blank, oversize, splice, redirect]


def groups_of(file):
    found = []
    file.visititems(lambda name, item: found.append(item) if isinstance(item, h5py.Group) else None)
    return found


def datasets_of(file):
    found = []
    file.visititems(lambda name, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return found


def link_cycle(file, chance):
    groups = groups_of(file) or [file]
    for _ in range(chance.choice([1, 3])):
        inner = chance.choice(groups)
        outer = chance.choice([file["/"], *groups])
        name = f"loop{chance.randrange(1 << 30)}"
        if chance.random() < 0.6:
            inner[name] = outer
        else:
            inner[name] = h5py.SoftLink(f"{inner.name}/{name}" if chance.random() < 0.5 else outer.name)


def link_elsewhere(file, chance):
    """A name leads to another object, or out of the file, or nowhere."""
    items = [item for item in datasets_of(file) + groups_of(file) if item.parent is not None]
    item = chance.choice(items)
    parent, name = item.parent, item.name.rsplit("/", 1)[1]
    del parent[name]
    parent[name] = chance.choice([chance.choice(items), h5py.SoftLink("/nowhere"), h5py.ExternalLink("/dev/zero", "/x"), h5py.ExternalLink(file.filename, "/")])


def nest(file, chance):
    group = chance.choice(groups_of(file) or [file])
    for depth in range(chance.choice([50, 400, 2000])):
        group = group.create_group("g")
    group.attrs["neurodata_type"] = "LFP"


def reshape(file, chance):
    """A dataset becomes absurdly large, or empty, or of another type, or of more dimensions."""
    dataset = chance.choice(datasets_of(file))
    attributes, parent, name = dict(dataset.attrs), dataset.parent, dataset.name.rsplit("/", 1)[1]
    del parent[name]
    shape = chance.choice([(1 << 50, 4), (1 << 40,), (0,), (0, 4), (), (3, 1 << 33), (10, 4, 2), (10, 0)])
    kind = chance.choice(["i2", "i8", "f4", "f8", "u1", "S3", h5py.string_dtype(), np.dtype([("a", "i2"), ("b", "f4")]), "c8"])
    try:
        if shape and 0 not in shape and np.prod(shape, dtype=float) > 1e6:
            chunk = tuple(min(length, chance.choice([1, 16, 20000])) for length in shape)
            new = parent.create_dataset(name, shape, kind, chunks=chunk, compression=chance.choice([None, "gzip"]))
            if chance.random() < 0.5 and kind in ("i2", "f4", "f8"):
                new[0:3] = 1
        else:
            new = parent.create_dataset(name, shape, kind)
        for key, value in attributes.items():
            new.attrs[key] = value
    except (ValueError, TypeError, OSError, MemoryError):
        pass


def reattribute(file, chance):
    items = [item for item in datasets_of(file) + groups_of(file) if len(item.attrs)]
    item = chance.choice(items)
    name = chance.choice(list(item.attrs))
    value = chance.choice(
        [float("nan"), float("inf"), -1.0, 0.0, 1e300, 1 << 40, "", "volts", "x" * 5000, np.zeros((3, 3)), np.zeros(0), file.ref, "NWB", "2.0.0", "TimeSeries",
         "ElectricalSeries", "DynamicTable", h5py.Empty("f8"), np.array(["a", "b"], dtype="S1")]
    )
    item.attrs[name] = value


STRUCTURE = [link_cycle, link_elsewhere, nest, reshape, reattribute]


def mutate(paths, seed, number, target):
    """Writes file `number` of a seed; returns the seed file it was made from and how."""
    chance = random.Random(f"{seed}/{number}")
    source = chance.choice(sorted(paths, key=lambda path: (path.parent.name, path.name)))
    if chance.random() < 0.2:
        how = chance.choice(STRUCTURE)
        shutil.copy(source, target)
        with h5py.File(target, "r+") as file:
            try:
                how(file, chance)
            except (ValueError, TypeError, OSError, KeyError, IndexError, RuntimeError, MemoryError):
                # Some changes do not fit some files; what was done before stays.
                pass
    else:
        how = chance.choice(BYTES)
        data = bytearray(source.read_bytes())
        how(data, chance)
        target.write_bytes(data)
    return source, how.__name__


# MARK: The worker


class Worker:
    """`ferrospike worker`, asked as the command line asks it."""

    def __init__(self, tool, limit):
        self.tool, self.limit, self.process = tool, limit, None

    def ask(self, request):
        """What it answers: ("answer", texts, refusal), ("crash", signal, words) or ("hang",)."""
        if self.process is None:
            self.process = subprocess.Popen(
                [self.tool, "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"SWIFT_BACKTRACE": "enable=no"})
            self.held = b""
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        texts, words, started = [], [], time.monotonic()
        while True:
            while b"\n" in self.held:
                line, self.held = self.held.split(b"\n", 1)
                try:
                    reply = json.loads(line)
                    assert isinstance(reply, dict)
                except (ValueError, AssertionError):
                    words.append(line.decode(errors="replace"))
                    continue
                if "text" in reply:
                    texts.append(reply["text"]["_0"])
                elif "inspected" in reply:
                    return "answer", "".join(texts), None
                elif "failed" in reply:
                    # As the command line does: damage may be left behind.
                    self.end()
                    return "answer", "".join(texts), reply["failed"]["_0"]
            left = self.limit - (time.monotonic() - started)
            if left <= 0:
                self.end()
                return ("hang",)
            if select.select([self.process.stdout], [], [], left)[0]:
                data = self.process.stdout.read1(1 << 20)
                if not data:
                    code = self.process.wait()
                    self.process = None
                    return "crash", signal.Signals(-code).name if code < 0 else f"code {code}", " ".join(words)[:300]
                self.held += data

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


# MARK: What h5py reads


SCALES = {"volts": 1e6, "volt": 1e6, "v": 1e6, "mv": 1e3, "millivolt": 1e3, "millivolts": 1e3, "uv": 1.0, "µv": 1.0, "μv": 1.0, "microvolt": 1.0, "microvolts": 1.0}


def word(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def one(value):
    return float(np.ravel(value)[0])


def nwb_samples(file, series, declared):
    data = file[series]["data"]
    attributes = {key: data.attrs[key] for key in data.attrs}
    unit = word(attributes.get("unit", "")).strip() or declared.get("unit", "")
    values = np.asarray(data[:FRAMES], float)
    if values.ndim == 1:
        values = values[:, None]
    gains = one(attributes.get("conversion", declared.get("conversion", 1.0))) * np.ones(values.shape[1])
    if "channel_conversion" in file[series]:
        gains = gains * np.ravel(file[series]["channel_conversion"][()])
    return values * gains + one(attributes.get("offset", 0.0)), SCALES.get(unit.lower(), np.nan)


def mcs_samples(file, series, declared):
    """(stored - ADZero) x ConversionFactor x 10^Exponent in Unit, a row of InfoChannel for each channel."""
    # Column by column: one that nobody needs may be damaged.
    info = {name: file[series]["InfoChannel"][name] for name in ("RowIndex", "ADZero", "ConversionFactor", "Exponent", "Unit")}
    rows, zeros, factors, exponents = (info[name].tolist() for name in ("RowIndex", "ADZero", "ConversionFactor", "Exponent"))
    units = [SCALES.get(word(unit).replace(" ", "").lower(), np.nan) for unit in info["Unit"]]
    data = file[series]["ChannelData"]
    columns = [
        (np.asarray(data[row, :FRAMES], float) - zero) * factor * 10.0**exponent * unit
        for row, zero, factor, exponent, unit in zip(rows, zeros, factors, exponents, units)]
    return np.stack(columns, 1), 1.0


def brw_samples(file, series, declared):
    if series.startswith("/3BData"):
        facts = file["3BRecInfo/3BRecVars"]
        low, high, bits, sign = (one(facts[name][()]) for name in ("MinVolt", "MaxVolt", "BitDepth", "SignalInversion"))
        channels = len(file["3BRecInfo/3BMeaStreams/Raw/Chs"])
        gain, offset = sign * (high - low) / 2.0**bits, sign * low
    else:
        key = "ExperimentSettings" if "ExperimentSettings" in file else "ExperimentInfo"
        facts = json.loads(word(np.ravel(file[key][()])[0]))
        if key == "ExperimentSettings":
            names = facts["ValueConverter"]
            low, high = names["MinAnalogValue"], names["MaxAnalogValue"]
        else:
            names = facts["SignalConverter"]["DigitalToAnalogConverter"]
            low, high = names["MinAnalogValueMicroVolt"], names["MaxAnalogValueMicroVolt"]
        channels = len(file[series.rsplit("/", 1)[0]]["StoredChIdxs"])
        gain = (high - low) / (names["MaxDigitalValue"] - names["MinDigitalValue"])
        offset = low - names["MinDigitalValue"] * gain
    data = file[series]
    values = data[:FRAMES] if data.ndim == 2 else data[: FRAMES * channels].reshape(-1, channels)
    return np.asarray(values, float) * gain + offset, 1.0


def maxwell_samples(file, series, declared):
    if series == "/sig":
        settings, channels = file["settings"], np.asarray(file["mapping"]["channel"], int)
        data = np.stack([file["sig"][channel, :FRAMES] for channel in channels[channels >= 0]])
    else:
        settings, data = file[series.rsplit("/", 2)[0]]["settings"], file[series]["raw"][:, :FRAMES]
    step = one(settings["lsb"][()]) if "lsb" in settings else 3.3 / (1024 * one(settings["gain"][()]))
    return np.asarray(data, float).T * step, 1e6


def pointed(file, path):
    """What a path of a declared layout leads to: a dataset, an attribute after `@`, or a cell of a MATLAB cell array."""
    path, _, attribute = path.partition("@")
    if attribute:
        return file[path].attrs[attribute]
    if path.endswith("}"):
        path, number = path[:-1].split("{")
        return file[np.ravel(file[path][()])[int(number) - 1]]
    return file[path]


def numbers(file, declared):
    if isinstance(declared, dict):
        found = pointed(file, declared["from"])
        return np.ravel(found[()] if isinstance(found, h5py.Dataset) else found).astype(float)
    return np.ravel(declared).astype(float)


def declared_samples(file, series, declared):
    paths = declared["dataset"] if isinstance(declared["dataset"], list) else [declared["dataset"]]
    if declared["axes"] == ["channel", "time"]:
        values = np.asarray(pointed(file, paths[0])[:, :FRAMES], float).T
    else:
        parts = [np.asarray(pointed(file, path)[:FRAMES], float) for path in paths]
        values = np.concatenate([part if part.ndim == 2 else part[:, None] for part in parts], 1)
    return values * numbers(file, declared["gain"]) + numbers(file, declared["offset"]), SCALES.get(declared["unit"].lower(), np.nan)


RULES = {"nwb": nwb_samples, "multi-channel-systems": mcs_samples, "3brain-brw": brw_samples, "maxwell": maxwell_samples, "declared": declared_samples}


def expected_samples(path, series, form, recording):
    """Microvolts as the rules of the format give them, read with h5py."""
    declared = yaml.safe_load(recording) if recording else {}
    with h5py.File(path, "r") as file:
        values, scale = RULES[form](file, series, declared)
        return values * scale


def reading(path, series, form, recording, answer):
    try:
        answer.put(expected_samples(path, series, form, recording))
    except Exception:  # Whatever it is: h5py does not read it.
        answer.put(None)


def independent(path, series, form, recording):
    """The same in a process of its own, as h5py falls over damaged files like everyone else."""
    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    child = context.Process(target=reading, args=(path, series, form, recording, answer))
    child.start()
    try:
        return answer.get(timeout=10)
    except Exception:
        return None
    finally:
        child.kill()
        child.join()


def table(text):
    rows = [[np.float32(cell) for cell in line.split(",")] for line in text.splitlines()[1:]]
    return np.array(rows)


def alike(text, expected):
    """Whether samples are the expected ones, but for the last bits and the rounding of offsets that cancel."""
    if expected is None:
        return False
    found = table(text).astype(float)
    expected = expected[: len(found)]
    apart = 1e-9 * min(1.0, np.nanmax(np.abs(expected), initial=0.0))
    return found.shape == expected.shape and np.allclose(found, expected.astype(np.float32), rtol=1e-6, atol=apart, equal_nan=True)


# MARK: The run


class Fuzzing:
    def __init__(self, arguments):
        self.tool = str(Path(arguments.tool).resolve())
        self.work = Path(arguments.work).resolve()
        self.arguments = arguments
        self.counts = collections.Counter()
        self.failures = []
        self.happenings = []
        self.worker = Worker(self.tool, arguments.limit)

    def start(self):
        shutil.rmtree(self.work / "seeds", ignore_errors=True)
        self.kept = self.work / "kept"
        shutil.rmtree(self.kept, ignore_errors=True)
        self.kept.mkdir(parents=True)
        self.paths = seeds(self.tool, self.work)
        self.originals = {path: self.series_of(path) for path in self.paths}
        self.counts["series that files are made from, judged alike"] = sum(map(len, self.originals.values()))
        first, count = self.arguments.first, self.arguments.count
        try:
            for start in range(first, first + count, BATCH):
                self.batch(range(start, min(start + BATCH, first + count)))
        except KeyboardInterrupt:
            print("Stopped early.")
        self.worker.end()
        self.summary()
        return 1 if self.failures else 0

    def job(self, path, source):
        message = {"text": pipeline(self.paths[source]), "path": "pipeline.yaml", "allElectrodes": False}
        return {"file": str(path), "allowsExternal": False, **({"pipeline": message} if self.paths[source] else {})}

    def series_of(self, path):
        """Samples of every series of an unmutated file, as text."""
        told = self.worker.ask({"inspect": {"_0": self.job(path, path), "asJSON": True}})
        described = json.loads(told[1]) if told[0] == "answer" and told[1] else {"series": []}
        texts = {series["path"]: self.samples(path, path, series)[1] for series in described["series"]}
        # The judge itself is judged by the files that are whole.
        for series, text in texts.items():
            if not alike(text, independent(path, series, described["format"], self.paths[path])):
                self.failures.append(f"the rules and Ferrospike read {path.name}: {series} otherwise")
        return texts

    def samples(self, path, source, series):
        frames = [0, min(series["frames"], FRAMES)]
        return self.worker.ask({"samples": {"_0": self.job(path, source), "series": series["path"], "frames": frames}})

    def batch(self, numbers):
        folder = self.work / "files"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        made = {}
        for number in numbers:
            path = folder / f"{number:06}.h5"
            made[path] = mutate(self.paths, self.arguments.seed, number, path)
        started = time.monotonic()
        for path, (source, how) in made.items():
            self.counts["files"] += 1
            self.single(path, source, how)
        for recording in sorted(set(self.paths.values())):
            chosen = [path for path, (source, _) in made.items() if self.paths[source] == recording and source.name != "culture.h5"]
            self.run(chosen, pipeline(recording))
        self.run([path for path, (source, _) in made.items() if source.name in ("culture.h5", "by-pynwb.nwb")], SPIKES)

    def happened(self, what, path, how, fails=False, detail=""):
        self.counts[what] += 1
        self.happenings.append(f"{path.name} ({how}): {what}{': ' + detail if detail else ''}")
        shutil.copy(path, self.kept / path.name)
        if fails:
            self.failures.append(self.happenings[-1])

    def asked(self, answer, path, how):
        """Notes a crash or a hang; whether there is an answer at all."""
        if answer[0] == "crash":
            ours = any(word in answer[2] for word in OURS)
            self.happened("the worker crashed by our own code" if ours else "the library crashed", path, how, fails=ours, detail=f"{answer[1]} {answer[2]}")
        elif answer[0] == "hang":
            self.happened("hung", path, how)
        return answer[0] == "answer"

    def single(self, path, source, how):
        answer = self.worker.ask({"inspect": {"_0": self.job(path, source), "asJSON": True}})
        if not self.asked(answer, path, how):
            return
        _, text, error = answer
        if error:
            self.counts["refused"] += 1
            if str(path) not in str(error.get("place", "")) + error["what"]:
                self.happened("a refusal does not name the file", path, how, fails=True, detail=json.dumps(error))
            if error["kind"] not in (2, 3):
                self.happened("an internal error", path, how, fails=True, detail=json.dumps(error))
            return
        told = json.loads(text)
        self.counts["opened"] += 1
        for series in told["series"]:
            answer = self.samples(path, source, series)
            if not self.asked(answer, path, how):
                return
            _, text, error = answer
            if error:
                self.counts["series refused on reading"] += 1
                if error["kind"] not in (2, 3):
                    self.happened("an internal error", path, how, fails=True, detail=json.dumps(error))
                continue
            if text == self.originals[source].get(series["path"]):
                self.counts["series read unchanged"] += 1
                continue
            self.judge(path, how, series, text, told["format"], source)

    def judge(self, path, how, series, text, form, source):
        """Samples that are not those of the unmutated file have to be what the mutated file says."""
        expected = independent(path, series["path"], form, self.paths[source])
        if expected is None:
            # Larger than memory, or unreadable for h5py: only what was never written may be given out.
            if series["frames"] > FRAMES and not np.any(np.diff(table(text)[3:], axis=0)):
                self.counts["series of fill values"] += 1
                return
            # Filters without a checksum that the library alone undoes: an older HDF5 decodes what a newer one refuses.
            if {"scaleoffset", "nbit", "szip"} & set(series["storage"]["filters"]):
                self.counts["series that a newer HDF5 refuses, read by this one"] += 1
                return
            self.happened("samples that h5py does not read", path, how, fails=True, detail=series["path"])
            return
        if alike(text, expected):
            self.counts["series read as mutated"] += 1
        else:
            self.happened("wrong samples", path, how, fails=True, detail=series["path"])

    def run(self, paths, script_text):
        if not paths:
            return
        out, script = self.work / "out", self.work / "pipeline.yaml"
        shutil.rmtree(out, ignore_errors=True)
        script.write_text(script_text)
        started = time.monotonic()
        done = subprocess.run(
            [self.tool, "run", str(script), *map(str, paths), "-o", str(out), "--json", "--open-limit", f"{self.arguments.limit} s"], capture_output=True, text=True)
        self.counts["batches"] += 1
        self.counts["seconds in batches"] += round(time.monotonic() - started)
        if done.returncode not in (0, 3, 4):
            self.failures.append(f"a batch ended with {done.returncode}: {done.stderr[-500:]}")
            return
        entries = json.loads(done.stdout)["recordings"]
        if [entry["file"] for entry in entries] != list(map(str, paths)):
            self.failures.append("a batch does not speak of every file")
        for entry in entries:
            self.counts[f"runs {entry['status']}"] += 1
            if entry["status"] == "failed":
                if entry["exit_code"] not in (2, 3) or entry["file"] not in entry["message"]:
                    self.failures.append(f"a run says: {entry['message']}")
                if any(word in entry["message"] for word in OURS):
                    self.failures.append(f"a run fell by our own code: {entry['message']}")
                    shutil.copy(entry["file"], self.kept)
                if "crashed (" in entry["message"] or "longer than" in entry["message"] or "stood still" in entry["message"]:
                    self.counts["runs that crashed or hung"] += 1
        names = {entry["recording"] for entry in entries if entry["status"] != "failed"}
        left = {path.name for path in out.iterdir()}
        if left != names:
            self.failures.append(f"a batch left {sorted(left ^ names)[:5]}")
        if names and subprocess.run([self.tool, "verify", str(out)], capture_output=True).returncode != 0:
            self.failures.append("a batch left folders that are not whole")

    def summary(self):
        for line in self.happenings:
            print(line)
        print(f"\nseed {self.arguments.seed}, files {self.arguments.first} to {self.arguments.first + self.arguments.count - 1}, made from {len(self.paths)} files")
        for what, count in sorted(self.counts.items()):
            print(f"  {count:7} {what}")
        for failure in self.failures:
            print(f"FAIL {failure}")
        print("Everything held." if not self.failures else f"{len(self.failures)} failures")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("work")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=5.0, help="seconds that opening may take")
    # A time limit from outside ends with a summary, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Whatever a file makes a library ask for, the machine lives on.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    sys.exit(Fuzzing(parser.parse_args()).start())
