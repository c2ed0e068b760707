# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one tool once on one recording in this process and prints what it took as JSON. Called by compare.py.

    python tools.py TOOL FILE [WORKERS]

The wall time is that of the call alone: imports, opening the file's header and warming up compiled code are outside.
Processor seconds include those of worker processes, imports excluded where there are none.
"""
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

SERIES = "acquisition/ElectricalSeries/data"
RATE = 30_000.0
BAND = (300.0, 6000.0)


def processor_seconds():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def raw(path):
    """The samples of a contiguous file as they lie in it; None when they are compressed."""
    with h5py.File(path) as file:
        data = file[SERIES]
        offset = data.id.get_offset()
        return None if offset is None else np.memmap(path, data.dtype, "r", offset, data.shape)


def spikeinterface(path, workers, engine, source):
    import spikeinterface.full as si
    from spikeinterface.core import BinaryRecordingExtractor
    from spikeinterface.sortingcomponents.peak_detection import detect_peaks

    with h5py.File(path) as file:
        data = file[SERIES]
        offset, channels = data.id.get_offset(), data.shape[1]
    if source == "binary":
        recording = BinaryRecordingExtractor(
            [path], sampling_frequency=RATE, dtype="int16", num_channels=channels, file_offset=offset, gain_to_uV=0.195, offset_to_uV=0)
    else:
        recording = si.read_nwb_recording(path)
    recording = si.bandpass_filter(recording, freq_min=BAND[0], freq_max=BAND[1], filter_order=5, dtype="float32")
    recording = si.common_reference(recording, operator="median")
    job = dict(n_jobs=workers, chunk_duration="1s", progress_bar=False, pool_engine=engine, mp_context="fork" if engine == "process" else None)

    def call(recording):
        noise = si.get_noise_levels(recording, return_in_uV=False, **job)
        return detect_peaks(recording, method="by_channel", method_kwargs=dict(
            peak_sign="neg", detect_threshold=5, exclude_sweep_ms=1.0, noise_levels=noise), job_kwargs=job)

    call(recording.frame_slice(0, 30_000))
    return lambda: len(call(recording))


def scipy(path, workers):
    from scipy import signal

    sections = signal.butter(5, BAND, "bandpass", fs=RATE, output="sos")

    def call():
        stored = raw(path)
        if stored is None:
            with h5py.File(path) as file:
                stored = file[SERIES][:]
        filtered = signal.sosfiltfilt(sections, stored.astype(np.float32), axis=0)
        filtered -= np.median(filtered, axis=1, keepdims=True)
        # The noise from ten seconds, as the other tools take it from a part too.
        part = filtered[:: max(len(filtered) // 300_000, 1)]
        noise = np.median(np.abs(part - np.median(part, axis=0)), axis=0) / 0.6744897501960817
        return sum(
            len(signal.find_peaks(-filtered[:, channel], height=5 * noise[channel], distance=30)[0])
            for channel in range(filtered.shape[1]))

    return call


def mne(path, workers):
    import mne as package

    package.set_log_level("error")
    stored = raw(path)
    if stored is None:
        with h5py.File(path) as file:
            stored = file[SERIES][:]

    def call():
        info = package.create_info(stored.shape[1], RATE, "eeg")
        signals = package.io.RawArray(np.asarray(stored.T, dtype=np.float64), info, copy="auto")
        signals.filter(*BAND, method="iir", iir_params=dict(order=5, ftype="butter", output="sos"), phase="zero", n_jobs=workers)
        # MNE's own reference is the mean; the median is taken off its samples.
        signals.apply_function(lambda x: x - np.median(x, axis=0), channel_wise=False)
        data = signals.get_data()
        noise = np.median(np.abs(data[:, ::12]), axis=1) / 0.6744897501960817
        return sum(len(package.preprocessing.peak_finder(-row, 5 * level)[0]) for row, level in zip(data[:2], noise))

    return call


def main():
    tool, path = sys.argv[1], sys.argv[2]
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    name, *variant = tool.split(":")
    if name == "spikeinterface":
        engine, source = variant or ("process", "binary")
        call = spikeinterface(path, workers, engine, source)
    else:
        call = {"scipy": scipy, "mne": mne}[name](path, workers)
    before, start = processor_seconds(), time.perf_counter()
    events = call()
    wall, processor = time.perf_counter() - start, processor_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps(dict(wall_s=wall, cpu_s=processor, peak_kB=peak, events=int(events))))


if __name__ == "__main__":
    main()
