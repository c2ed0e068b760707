// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The weight of each frame of a spectral window, periodic as `scipy.signal.get_window` makes them.
package enum Taper: String, Sendable, Codable, CaseIterable {
    case hann, hamming, boxcar

    package func weights(_ count: Int) -> [Double] {
        (0..<count).map { index in
            let turn = cos(2 * Double.pi * Double(index) / Double(count))
            return switch self {
            case .hann: 0.5 - 0.5 * turn
            case .hamming: 0.54 - 0.46 * turn
            case .boxcar: 1
            }
        }
    }
}
