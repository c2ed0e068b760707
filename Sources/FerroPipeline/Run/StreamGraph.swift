// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP

/// The signals of one recording: the series itself and the output of every transform, with who reads which.
///
/// The block grid is absolute: block k of a segment covers frames `k * step ..< (k + 1) * step` of it, whatever the machine. The step
/// follows from the margins and the decimations alone, so it belongs to the pipeline and never to the run.
struct StreamGraph: Sendable {
    struct Node: Sendable {
        /// Index of the signal it is made from; nil for the series.
        var parent: Int?
        var transform: (any SignalTransform)?
        var format: StreamFormat
        /// Frames of the series per frame of this signal.
        var divisor: Int
    }

    struct Reader: Sendable {
        /// Index of the signal it sees.
        var node: Int
        var margin: Margin
    }

    private(set) var nodes: [Node]

    init(source: StreamFormat) {
        nodes = [Node(parent: nil, transform: nil, format: source, divisor: 1)]
    }

    /// Adds the output of a transform; returns its index. `electrodes` are those of its channels; nil where they are the input's.
    mutating func add(_ transform: any SignalTransform, on parent: Int, electrodes: [Electrode]? = nil) -> Int {
        let input = nodes[parent]
        let electrodes = electrodes ?? input.format.electrodes
        precondition(electrodes.count == transform.outputChannels(ofInput: input.format.electrodes.count))
        let format = StreamFormat(rate: input.format.rate.divided(by: transform.decimation), electrodes: electrodes)
        nodes.append(Node(parent: parent, transform: transform, format: format, divisor: input.divisor * transform.decimation))
        return nodes.count - 1
    }

    /// Puts a transform of the same shape in the place of the one that makes a signal.
    mutating func replaceTransform(of node: Int, with transform: any SignalTransform) {
        nodes[node].transform = transform
    }

    /// Frames of the series in one block: a multiple of every decimation, at least four times the longest margin, so that what is computed
    /// twice at the joints stays below half of the work; and as many as fill 4 MB, but 4096 to 16384, so that a block is worth handing over and several fit
    /// into the last cache.
    func step(for readers: [Reader]) -> Int {
        let unit = nodes.map(\.divisor).reduce(1) { $0 / greatestCommonDivisor($0, $1) * $1 }
        let filling = (1 << 20) / max(1, SignalBlock.paddedChannels(forChannels: nodes[0].format.electrodes.count))
        let wanted = max(4 * longestMargin(of: readers), min(max(filling, 4096), 16384))
        var step = unit
        while step < wanted { step *= 2 }
        return step
    }

    /// The longest margin, in frames of the series, that any reader's chain adds up to.
    func longestMargin(of readers: [Reader]) -> Int {
        readers.map { reader in
            var total = max(reader.margin.before, reader.margin.after) * nodes[reader.node].divisor
            var index = reader.node
            while let parent = nodes[index].parent {
                let margin = nodes[index].transform?.margin ?? .none
                total += max(margin.before, margin.after) * nodes[parent].divisor
                index = parent
            }
            return total
        }.max() ?? 0
    }

    /// The farthest that one transform may look around a frame, in frames of its own input: its blocks are six to ten times as long, so that a
    /// worker takes up to 350 MB for every eight channels and every signal.
    static let farthest = 1 << 20
    /// The farthest that a chain may look around a frame, in frames of the series.
    static let farthestOfAll = 1 << 22

    /// - Throws: `FerroError` (usage) at the stage when a transform on the signal `node`, the last one added, looks so far around a frame that blocks
    ///   would take gigabytes.
    func checkReach(of transform: any SignalTransform, named stage: PlannedStage, on node: Int) throws {
        let own = max(transform.margin.before, transform.margin.after)
        let rate = nodes[node].format.rate
        guard own <= StreamGraph.farthest else {
            throw stage.place.error(
                "`\(stage.name)` has to see \(Seconds(rate.seconds(own).rounded())) of signal around every frame at \(rate), and blocks of that length take gigabytes",
                expected: "at most \(Seconds(rate.seconds(StreamGraph.farthest).rounded())) at this rate",
                advice: "decimate first, or take a higher cut-off, a lower order or a wider transition")
        }
        let all = longestMargin(of: [Reader(node: nodes.count - 1, margin: .none)])
        guard all <= StreamGraph.farthestOfAll else {
            let series = nodes[0].format.rate
            throw stage.place.error(
                "`\(stage.name)` and what stands before it have to see \(Seconds(series.seconds(all).rounded())) of the recording around every frame, and blocks of that length take gigabytes",
                expected: "at most \(Seconds(series.seconds(StreamGraph.farthestOfAll).rounded())) at \(series)",
                advice: "take a higher cut-off, a lower order or a wider transition")
        }
    }

    /// Frames of every signal in a segment of the series.
    func segmentFrames(_ frames: Int) -> [Int] {
        var lengths: [Int] = []
        for node in nodes {
            guard let parent = node.parent, let transform = node.transform else {
                lengths.append(frames)
                continue
            }
            lengths.append(transform.outputFrames(ofSegment: lengths[parent]))
        }
        return lengths
    }

    /// Frames a reader answers for in a block: the block at the rate of its signal.
    func core(of block: SampleRange, at node: Int, segmentFrames: [Int]) -> SampleRange {
        let divisor = nodes[node].divisor
        let lower = (block.lowerBound + divisor - 1) / divisor
        let upper = (block.upperBound + divisor - 1) / divisor
        return min(lower, segmentFrames[node])..<min(upper, segmentFrames[node])
    }

    /// The frames of every signal that a block needs; empty for a signal that nobody reads.
    func requirements(for block: SampleRange, readers: [Reader], segmentFrames: [Int]) -> [SampleRange] {
        var needed = [SampleRange?](repeating: nil, count: nodes.count)
        func require(_ range: SampleRange, of node: Int) {
            guard !range.isEmpty else { return }
            needed[node] = needed[node].map { min($0.lowerBound, range.lowerBound)..<max($0.upperBound, range.upperBound) } ?? range
        }
        for reader in readers {
            let limits = 0..<segmentFrames[reader.node]
            require(core(of: block, at: reader.node, segmentFrames: segmentFrames).grown(by: reader.margin, within: limits), of: reader.node)
        }
        // Signals are listed after what they are made from.
        for index in nodes.indices.reversed() {
            guard let range = needed[index], let parent = nodes[index].parent, let transform = nodes[index].transform else { continue }
            require(transform.inputFrames(for: range, segmentFrames: segmentFrames[parent]), of: parent)
        }
        return needed.map { $0 ?? 0..<0 }
    }

    /// How many blocks of the grid are better worked on at once.
    var blocksAtOnce: Int {
        nodes.map { node in
            guard let parent = node.parent, let transform = node.transform else { return 1 }
            return transform.blocksAtOnce(channels: nodes[parent].format.electrodes.count)
        }.max() ?? 1
    }

    /// Every signal of each of some blocks, from the samples of the series. A signal that is not among `kept` is gone once the last signal made
    /// from it is there, so that a transform may answer in its memory.
    func evaluate(_ source: consuming SignalBlock, requirements: [[SampleRange]], segmentFrames: [Int], kept: Set<Int>) -> [[SignalBlock?]] {
        var blocks = requirements.map { _ in [SignalBlock?](repeating: nil, count: nodes.count) }
        for number in blocks.indices { blocks[number][0] = copy source }
        // From here on the blocks alone hold the memory.
        source = SignalBlock(frames: 0..<0, channels: 0)
        for index in nodes.indices {
            guard let parent = nodes[index].parent, let transform = nodes[index].transform else { continue }
            let wanted = requirements.indices.filter { !requirements[$0][index].isEmpty && blocks[$0][parent] != nil }
            if wanted.count > 1, transform.blocksAtOnce(channels: nodes[parent].format.electrodes.count) > 1 {
                let made = transform.apply(
                    several: wanted.compactMap { blocks[$0][parent] }, producing: wanted.map { requirements[$0][index] },
                    segmentFrames: segmentFrames[parent])
                for (number, block) in zip(wanted, made) { blocks[number][index] = block }
                continue
            }
            for number in wanted {
                guard let input = blocks[number][parent] else { continue }
                let required = requirements[number]
                let isNeeded = kept.contains(parent) || nodes.indices.contains { $0 > index && nodes[$0].parent == parent && !required[$0].isEmpty }
                if isNeeded {
                    blocks[number][index] = transform.apply(input, producing: required[index], segmentFrames: segmentFrames[parent])
                } else {
                    blocks[number][parent] = nil
                    blocks[number][index] = transform.apply(consuming: consume input, producing: required[index], segmentFrames: segmentFrames[parent])
                }
            }
        }
        return blocks
    }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
}
