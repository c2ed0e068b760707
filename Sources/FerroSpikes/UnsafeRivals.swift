// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The largest values of a neighbour near a candidate: in the frames where the neighbour would win a tie, and in the others.
struct Rival: Sendable {
    var winningTies: Float
    var losingTies: Float
}

private typealias Samples = SIMD16<Float>

/// What each of some neighbours has within the window around a candidate, which the block holds.
///
/// Neighbours of one panel are looked at together, all its channels a vector.
func rivals(
    of candidate: Candidate, on channels: [Int], in block: SignalBlock, _ samples: UnsafeBufferPointer<Float>, window: SampleRange, _ polarity: Polarity
) -> [Rival] {
    guard let start = samples.baseAddress else { return [] }
    let width = block.panelWidth
    var known: (panel: Int, before: Samples, at: Samples, after: Samples) = (-1, .zero, .zero, .zero)
    return channels.map { channel in
        let panel = channel / width * width
        if panel != known.panel {
            let top = start + block.place(window.lowerBound, panel)
            let frame = candidate.frame - window.lowerBound
            known = (
                panel, largest(top, 0..<frame, width, polarity), largest(top, frame..<frame + 1, width, polarity),
                largest(top, frame + 1..<window.count, width, polarity)
            )
        }
        let lane = channel - panel
        // In the candidate's own frame the lower channel wins.
        return channel < candidate.channel
            ? Rival(winningTies: max(known.before[lane], known.at[lane]), losingTies: known.after[lane])
            : Rival(winningTies: known.before[lane], losingTies: max(known.at[lane], known.after[lane]))
    }
}

/// The largest of each channel of a panel over some rows, in the first lanes.
@inline(__always)
private func largest(_ top: UnsafePointer<Float>, _ rows: Range<Int>, _ width: Int, _ polarity: Polarity) -> Samples {
    var largest = Samples(repeating: -.infinity)
    for row in rows {
        var value = Samples.zero
        if width == 16 {
            value = UnsafeRawPointer(top + 16 &* row).loadUnaligned(as: Samples.self)
        } else {
            for lane in 0..<width { value[lane] = top[row &* width + lane] }
        }
        let turned =
            switch polarity {
            case .negative: -value
            case .positive: value
            case .both: value.replacing(with: -value, where: value .< 0)
            }
        largest = largest.replacing(with: turned, where: turned .> largest)
    }
    return largest
}
