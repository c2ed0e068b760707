// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The largest oriented values of one channel around a candidate: in the frames before it, in its own, and in those after it; −∞ where there are none.
struct WindowMaxima {
    var before: Float
    var at: Float
    var after: Float
}

/// The largest oriented values of every channel of one panel within the window around a frame, which the block holds.
struct PanelWindow {
    private let panel: Int
    private let width: Int
    private let before: Samples
    private let at: Samples
    private let after: Samples

    @inline(__always)
    init(around frame: Int, window: SampleRange, panelOf channel: Int, in block: SignalBlock, _ samples: UnsafeBufferPointer<Float>, _ polarity: Polarity) {
        width = block.panelWidth
        panel = channel / width * width
        let (rows, own) = (window.count, frame - window.lowerBound)
        guard let start = samples.baseAddress else {
            (before, at, after) = (lowest, lowest, lowest)
            return
        }
        let top = start + block.place(window.lowerBound, panel)
        switch polarity {
        case .negative: (before, at, after) = split(Downward.self, top, rows, at: own, width)
        case .positive: (before, at, after) = split(Upward.self, top, rows, at: own, width)
        case .both: (before, at, after) = split(Away.self, top, rows, at: own, width)
        }
    }

    func holds(_ channel: Int) -> Bool { panel == channel / width * width }

    /// Requires a channel of the panel.
    subscript(channel: Int) -> WindowMaxima {
        var maxima = WindowMaxima(before: -.infinity, at: -.infinity, after: -.infinity)
        for lane in stride(from: channel - panel, to: 16, by: width) {
            maxima.before = max(maxima.before, before[lane])
            maxima.at = max(maxima.at, at[lane])
            maxima.after = max(maxima.after, after[lane])
        }
        return maxima
    }
}

private let lowest = Samples(repeating: -.infinity)

@inline(__always)
private func split<Sense: Orientation>(
    _ sense: Sense.Type, _ top: UnsafePointer<Float>, _ rows: Int, at own: Int, _ width: Int
) -> (before: Samples, at: Samples, after: Samples) {
    (
        largest(sense, top, own &* width, width), largest(sense, top + own &* width, width, width),
        largest(sense, top + (own &+ 1) &* width, (rows &- own &- 1) &* width, width)
    )
}

/// The largest of some floats that lie in rows, each in a lane whose number is its column, or that and a multiple of the width.
@inline(__always)
private func largest<Sense: Orientation>(_ sense: Sense.Type, _ first: UnsafePointer<Float>, _ count: Int, _ width: Int) -> Samples {
    var largest = lowest
    guard count >= 16 else {
        for index in 0..<count {
            let lane = index & (width &- 1)
            largest[lane] = max(largest[lane], Sense.turned(first[index]))
        }
        return largest
    }
    for place in stride(from: 0, through: count &- 16, by: 16) {
        largest = larger(Sense.turned(UnsafeRawPointer(first + place).loadUnaligned(as: Samples.self)), largest)
    }
    // What is left, with some once more: whole rows, so that columns keep their lanes.
    return larger(Sense.turned(UnsafeRawPointer(first + (count &- 16)).loadUnaligned(as: Samples.self)), largest)
}
