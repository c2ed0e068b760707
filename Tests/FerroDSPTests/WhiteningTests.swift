// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct WhiteningTests {
    struct Reference: Decodable {
        struct Case: Decodable {
            var channels: Int, regularisation: Double, reach: Int?, frames: Int, rows: [Int], weights: [[Double]]
            var at: [Int], output: [[Double]], rms: Double
            var neighbours: [[Int]]? {
                reach.map { reach in (0..<channels).map { own in (0..<channels).filter { $0 != own && abs($0 - own) <= reach } } }
            }
        }
        var cases: [Case]
    }

    private func covariance(_ block: SignalBlock) -> ChannelCovariance {
        var covariance = ChannelCovariance(channels: block.channels)
        covariance.add(block, frames: block.frames)
        return covariance
    }

    private func whitening(_ block: SignalBlock, regularisation: Double = 1e-3, neighbours: [[Int]]? = nil) throws -> ChannelMatrix {
        ChannelMatrix(rows: try Whitening.weights(covariance: covariance(block).matrix, regularisation: regularisation, neighbours: neighbours))
    }

    @Test func equalsNumPy() throws {
        for reference in try readReference("whitening.json", as: Reference.self).cases {
            let input = referenceBlock(frames: reference.frames, channels: reference.channels)
            let weights = try Whitening.weights(
                covariance: covariance(input).matrix, regularisation: reference.regularisation, neighbours: reference.neighbours)
            for (row, expected) in zip(reference.rows, reference.weights) {
                let largest = expected.map(abs).max() ?? 0
                #expect(zip(weights[row], expected).allSatisfy { abs($0 - $1) < 1e-9 * largest }, "\(reference.channels) channels, row \(row)")
            }
            let output = ChannelMatrix(rows: weights).whole(input)
            for (frame, expected) in zip(reference.at, reference.output) {
                for channel in 0..<reference.channels {
                    let error = abs(Double(output[frame, channel]) - expected[channel])
                    #expect(error < 1e-6 * max(reference.rms, abs(expected[channel])), "\(reference.channels) channels, frame \(frame), channel \(channel)")
                }
            }
        }
    }

    @Test(arguments: lawfulChannels)
    func laws(channels: Int) throws {
        let input = referenceBlock(frames: 1000, channels: channels)
        let reach = (0..<channels).map { own in (0..<channels).filter { $0 != own && abs($0 - own) <= 2 } }
        for neighbours in [nil, reach] {
            let laws = TransformLaws(name: "whiten", transform: try whitening(input, neighbours: neighbours))
            laws.cutting(input, seed: UInt64(channels))
            laws.forgetsScratch(input)
            laws.linear(input, referenceBlock(frames: 1000, channels: channels, offset: 30), within: 1e-5)
            laws.timeShift(input, by: 137, away: 0, within: 0)
        }
    }

    @Test func outputIsUncorrelatedAndAsLoudAsTheMiddleChannel() throws {
        let input = referenceBlock(frames: 5000, channels: 12)
        let before = covariance(input).matrix
        let after = covariance(try whitening(input, regularisation: 1e-9).whole(input)).matrix
        let deviations = before.indices.map { before[$0][$0].squareRoot() }.sorted()
        let loud = ((deviations[5] + deviations[6]) / 2) * ((deviations[5] + deviations[6]) / 2)
        for row in 0..<12 {
            for column in 0..<12 { #expect(abs(after[row][column] - (row == column ? loud : 0)) < 1e-3 * loud, "\(row) \(column)") }
        }
    }

    @Test func partsMergedInOrderGiveTheSameBits() {
        let input = referenceBlock(frames: 900, channels: 11)
        let parts = [0..<100, 100..<101, 101..<640, 640..<900].map { range in
            var part = ChannelCovariance(channels: 11)
            part.add(input, frames: range)
            return part
        }
        func merged() -> ChannelCovariance {
            parts.reduce(into: ChannelCovariance(channels: 11)) { $0.merge($1) }
        }
        #expect(merged() == merged())
        let (one, whole) = (merged().matrix, covariance(input).matrix)
        for row in 0..<11 {
            for column in 0..<11 {
                #expect(abs(one[row][column] - whole[row][column]) < 1e-10 * whole[row][row].magnitude.squareRoot() * whole[column][column].squareRoot())
                #expect(one[row][column] == one[column][row])
            }
        }
    }

    @Test(arguments: [1, 2, 7, 8, 9, 40])
    func theRootTimesTheMatrixTimesTheRootIsOne(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let factor = (0..<count).map { _ in (0..<count).map { _ in generator.uniform() - 0.5 } }
        func product(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
            left.map { row in right[0].indices.map { column in row.indices.reduce(0.0) { $0 + row[$1] * right[$1][column] } } }
        }
        let transposed = factor.indices.map { row in factor.indices.map { factor[$0][row] } }
        var matrix = product(factor, transposed)
        // Eigenvalues over twelve orders of magnitude.
        for index in matrix.indices {
            matrix[index][index] += 1e-3
            for other in matrix.indices {
                matrix[index][other] *= pow(10, -Double(index % 4))
                matrix[other][index] *= pow(10, -Double(index % 4))
            }
        }
        let root = try #require(inverseSquareRoot(matrix))
        let one = product(product(root, matrix), root)
        for row in 0..<count {
            for column in 0..<count { #expect(abs(one[row][column] - (row == column ? 1 : 0)) < 1e-6, "\(row) \(column)") }
        }
        #expect(inverseSquareRoot(matrix) == root)
    }

    private func pow(_ base: Double, _ exponent: Double) -> Double { (0..<Int(-exponent)).reduce(1.0) { value, _ in value / base } }

    @Test func silentAndRepeatedChannels() throws {
        var input = referenceBlock(frames: 2000, channels: 6)
        for frame in 0..<2000 {
            input[frame, 2] = 0
            input[frame, 4] = input[frame, 3]
        }
        let whitening = try whitening(input)
        let output = whitening.whole(input)
        #expect(output.channel(2).allSatisfy { $0 == 0 })
        #expect(output.samples.allSatisfy { $0.isFinite })
        #expect(rms(output.channel(3)) > 1)
        #expect(inverseSquareRoot([[1, 2], [2, 1]]) == nil)
        #expect(inverseSquareRoot([[.nan]]) == nil)
        let singular = [[4.0, 4], [4, 4]]
        #expect { try Whitening.weights(covariance: singular, regularisation: 0) } throws: { ($0 as? FerroError)?.kind == .input }
        let silence = try Whitening.weights(covariance: [[0, 0], [0, 0]], regularisation: 1e-3)
        #expect(silence == Whitening.identity(2))
    }
}
