// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct CommonReferenceTests {
    private func naive(_ values: [Float], _ operator: CommonReference.Operator) -> Float {
        if `operator` == .mean { return Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count)) }
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) * 0.5
    }

    @Test(arguments: Array(2...40) + [63, 64, 65, 95, 96, 97, 128, 200, 384, 1025], CommonReference.Operator.allCases)
    func equalsSorting(channels: Int, operator: CommonReference.Operator) throws {
        let input = referenceBlock(frames: 37, channels: channels)
        let reference = try CommonReference(operator: `operator`, groups: [Array(0..<channels)])
        let result = reference.apply(input, producing: 2..<37, segmentFrames: 37)
        #expect(result.frames == 2..<37)
        for frame in 2..<37 {
            let values = (0..<channels).map { input[frame, $0] }
            let expected = naive(values, `operator`)
            #expect((0..<channels).allSatisfy { result[frame, $0] == values[$0] - expected }, "frame \(frame)")
            for column in channels..<result.paddedChannels { #expect(result[frame, column] == 0) }
        }
    }

    /// Values with ties, runs of equal ones and far outliers, where counting below a pivot need never come out even.
    @Test(arguments: [95, 96, 97, 200, 383])
    func tiesAndOutliersHaveTheirMedianToo(channels: Int) throws {
        var generator = SeededGenerator(seed: 3)
        var input = SignalBlock(frames: 0..<120, channels: channels)
        for frame in 0..<120 {
            for channel in 0..<channels {
                let value = Float(generator.index(below: 1 + frame / 8) - frame / 16) * 0.195
                input[frame, channel] = generator.index(below: 50) == 0 ? value * 1e6 : value
            }
        }
        let result = try CommonReference(operator: .median, groups: [Array(0..<channels)]).whole(input)
        for frame in 0..<120 {
            let values = (0..<channels).map { input[frame, $0] }
            let expected = naive(values, .median)
            #expect((0..<channels).allSatisfy { result[frame, $0] == values[$0] - expected }, "frame \(frame)")
        }
    }

    @Test(arguments: [2, 5, 8, 12, 13, 64])
    func zerosOfEitherSignAreEqual(channels: Int) throws {
        var generator = SeededGenerator(seed: 5)
        var input = SignalBlock(frames: 0..<64, channels: channels)
        let values: [Float] = [0, -0.0, 0, -0.0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude]
        for frame in 0..<64 {
            for channel in 0..<channels { input[frame, channel] = values[generator.index(below: values.count)] }
        }
        let result = try CommonReference(operator: .median, groups: [Array(0..<channels)]).whole(input)
        for frame in 0..<64 {
            let values = (0..<channels).map { input[frame, $0] }
            let expected = naive(values, .median)
            #expect((0..<channels).allSatisfy { result[frame, $0] == values[$0] - expected }, "frame \(frame)")
        }
    }

    @Test(arguments: CommonReference.Operator.allCases)
    func someOfFewChannelsLoseTheirReference(operator: CommonReference.Operator) throws {
        for channels in 2...8 {
            for first in 0..<channels - 1 {
                for count in 2...channels - first {
                    let input = referenceBlock(frames: 41, channels: channels)
                    let group = Array(first..<first + count)
                    let result = try CommonReference(operator: `operator`, groups: [group]).whole(input)
                    for frame in 0..<41 {
                        let expected = naive(group.map { input[frame, $0] }, `operator`)
                        for channel in 0..<channels {
                            #expect(result[frame, channel] == (group.contains(channel) ? input[frame, channel] - expected : input[frame, channel]))
                        }
                    }
                }
            }
        }
    }

    @Test func medianOfAnEvenCountIsTheMeanOfTheMiddleTwo() throws {
        let reference = try CommonReference(operator: .median, groups: [[0, 1, 2, 3]])
        // numpy.median([1, 10, 3, 100]) is 6.5.
        #expect(reference.whole(block([[1], [10], [3], [100]])).samples.elementsEqual([-5.5, 3.5, -3.5, 93.5]))
    }

    @Test(arguments: CommonReference.Operator.allCases)
    func groupsAreSeparateAndOthersUntouched(operator: CommonReference.Operator) throws {
        let input = referenceBlock(frames: 50, channels: 21)
        let groups = [[20, 3, 1, 9], [0, 2, 4], [7], [15, 16]]
        let result = try CommonReference(operator: `operator`, groups: groups).whole(input)
        for frame in 0..<50 {
            for group in groups where group.count > 1 {
                let expected = naive(group.map { input[frame, $0] }, `operator`)
                for channel in group { #expect(result[frame, channel] == input[frame, channel] - expected) }
            }
            for channel in 0..<21 where !groups.joined().contains(channel) || channel == 7 {
                #expect(result[frame, channel] == input[frame, channel])
            }
        }
    }

    @Test func anInfiniteSampleStaysInItsGroup() throws {
        var input = referenceBlock(frames: 20, channels: 8)
        input[4, 1] = .infinity
        let result = try CommonReference(operator: .mean, groups: [[0, 1], [2, 3], [4, 5]]).whole(input)
        #expect((2..<8).allSatisfy { result[4, $0].isFinite })
    }

    @Test func aCommonSignalVanishes() throws {
        let common = referenceSignal(frames: 100, seed: 8, offset: 900)
        let input = block((0..<9).map { _ in common })
        let result = try CommonReference(operator: .median, groups: [Array(0..<9)]).whole(input)
        #expect(result.samples.allSatisfy { $0 == 0 })
    }

    @Test func chunkedEqualsWholeInEveryBit() throws {
        let input = referenceBlock(frames: 500, channels: 32)
        let reference = try CommonReference(operator: .median, groups: [Array(0..<16), Array(16..<32)])
        #expect(reference.chunked(input, step: 37, extra: 5).samples == reference.whole(input).samples)
    }

    @Test func repeatedOrNegativeColumnsAreRefused() {
        for groups in [[[0, 1], [1, 2]], [[0, 0]], [[-1, 2]]] {
            #expect { try CommonReference(operator: .median, groups: groups) } throws: { ($0 as? FerroError)?.kind == .usage }
        }
    }
}
