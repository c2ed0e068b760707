// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import FerroSpikes
import Foundation
import Testing

/// CellExplorer's own values for 23 CA1 neurons whose spikes are known from the intracellular electrode (CRCNS hc-1), from their spike times.
@Suite(.tags(.realData), .enabled(if: RealData.isNamed)) struct CellExplorerTests {
    private static let folder = (RealData.folder ?? "") + "/units/hc1-intracellular"
    private static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

    /// nil for NaN, which MATLAB gives for 0/0.
    private func stored(_ name: String, in file: HDF5File) throws -> Double? {
        let value = try #require(try file.dataset("/cell_metrics/\(name)").read(Double.self).first)
        return value.isNaN ? nil : value
    }

    private func agree(_ value: Double?, _ wanted: Double?) -> Bool {
        guard let value, let wanted else { return value == nil && wanted == nil }
        return abs(value - wanted) <= 1e-6 * abs(wanted)
    }

    @Test func everyFileIsThere() { #expect(Self.files.count == 23) }

    @Test(arguments: files) func itsOwnValuesFollowFromTheSpikeTimes(_ name: String) throws {
        let path = Self.folder + "/" + name
        let recording = try openRecording(path)
        #expect(recording.problems.map(\.severity) == [.warning])
        let train = try #require(try recording.units().trains.first)
        let file = try HDF5File.open(path)
        let measures = SpikeTrainMeasures(of: train, bursts: nil)
        func measured(_ name: String) -> Double? { measures[name]?.value }

        #expect(Double(train.times.count) == (try stored("spikeCount", in: file)))
        #expect(agree(measured("firing_rate_hz"), try stored("firingRate", in: file)))
        #expect(agree(measured("burst_index_royer2012"), try stored("burstIndex_Royer2012", in: file)))
        #expect(agree(measured("burst_index_doublets"), try stored("burstIndex_Doublets", in: file)))

        // Two values differ by definition, and by nothing else. CellExplorer's CV2 leaves pairs of 1.95 and more out;
        // its share of spikes in bursts leaves the first and the last spike out, divides by one spike less, and takes an interval of 6 ms
        // for shorter where the rounding of the times says so.
        let intervals = zip(train.times.dropFirst(), train.times).map { $0 - $1 }
        let contrasts = zip(intervals, intervals.dropFirst()).map { 2 * abs($1 - $0) / ($0 + $1) }
        #expect(agree(measured("isi_cv2"), contrasts.reduce(0, +) / Double(contrasts.count)))
        let kept = contrasts.filter { $0 < 1.95 }
        #expect(agree(kept.reduce(0, +) / Double(kept.count), try stored("cv2", in: file)))
        func inner(_ near: [Bool]) -> Int { zip(near, near.dropFirst()).count { $0 || $1 } }
        let share = Double(inner(intervals.map { $0 < 0.006 })) / Double(train.times.count - 1)
        #expect(agree(share, try stored("burstIndex_Mizuseki2012", in: file)))
        let near = intervals.map { $0 < 0.006 - 1e-9 }
        let ends = (near.first == true ? 1 : 0) + (near.last == true ? 1 : 0)
        #expect(agree(measured("burst_index_mizuseki2012"), Double(inner(near) + ends) / Double(train.times.count)))
    }
}
