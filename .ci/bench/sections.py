# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes limit_sections.h: a Butterworth band-pass of order 5, 300-6000 Hz of 30 kHz, as five sections with the numerator 1 - z^-2.

    python sections.py > limit_sections.h        (SciPy 1.17.1)
"""
import numpy as np
from scipy import signal

zeros, poles, gain = signal.butter(5, [300, 6000], "bandpass", fs=30_000, output="zpk")
assert np.allclose(np.sort(zeros.real), np.repeat([-1, 1], 5)) and np.allclose(zeros.imag, 0)
real = np.sort(poles[np.isreal(poles)].real)
pairs = [(p, p.conj()) for p in poles if p.imag > 0] + list(zip(real[: len(real) // 2], real[::-1]))
pairs.sort(key=lambda pair: abs(pair[0]) * abs(pair[1]))
a1 = [-(p + q).real for p, q in pairs]
a2 = [(p * q).real for p, q in pairs]

# Frames after which less than 1e-7 of the impulse response's absolute sum is left.
sections = [[gain if k == 0 else 1, 0, -gain if k == 0 else -1, 1, a1[k], a2[k]] for k in range(len(pairs))]
response = np.abs(signal.sosfilt(sections, np.eye(1, 20_000)[0]))
tail = np.cumsum(response[::-1])[::-1]
margin = int(np.ceil(np.argmax(tail < 1e-7 * tail[0]) / 64) * 64)

print("// SPDX-License-Identifier: GPL-3.0-or-later")
print("// Made by sections.py. The gain is that of one direction and the other together.")
print(f"#define SECTIONS {len(pairs)}")
print("#define SECTION_A1 " + ", ".join(f"{value:.17g}" for value in a1))
print("#define SECTION_A2 " + ", ".join(f"{value:.17g}" for value in a2))
print(f"#define GAIN {gain**2:.17g}")
print(f"#define MARGIN {margin}")
