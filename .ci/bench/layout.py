# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the limit program about a recording in plain numbers: where its samples lie, its chunks, a threshold for each channel.

    python layout.py FILE.nwb        writes FILE.layout, FILE.limits and, for a compressed file, FILE.chunks
"""
import sys
from pathlib import Path

import h5py
import numpy as np
from scipy import signal

SERIES = "acquisition/ElectricalSeries/data"
THRESHOLD = 5


def limits(data):
    """Five times the noise of each channel behind the filter and the median, in counts, from ten seconds in the middle."""
    middle = data.shape[0] // 2
    part = data[max(middle - 150_000, 0) : middle + 150_000].astype(np.float64)
    sections = signal.butter(5, [300, 6000], "bandpass", fs=30_000, output="sos")
    part = signal.sosfiltfilt(sections, part, axis=0)
    part -= np.median(part, axis=1, keepdims=True)
    return THRESHOLD * np.median(np.abs(part - np.median(part, axis=0)), axis=0) / 0.6744897501960817


def chunks(data):
    found = [data.id.get_chunk_info(index) for index in range(data.id.get_num_chunks())]
    found.sort(key=lambda chunk: chunk.chunk_offset)
    lines = [f"{data.chunks[0]} {data.chunks[1]} {int(data.shuffle)}"]
    return "\n".join(lines + [f"{chunk.byte_offset} {chunk.size}" for chunk in found]) + "\n"


def main():
    path = Path(sys.argv[1])
    with h5py.File(path) as file:
        data = file[SERIES]
        np.savetxt(path.with_suffix(".limits"), limits(data))
        if data.chunks:
            path.with_suffix(".chunks").write_text(chunks(data))
        path.with_suffix(".layout").write_text(f"{data.id.get_offset() or 0} {data.shape[0]} {data.shape[1]}\n")


if __name__ == "__main__":
    main()
