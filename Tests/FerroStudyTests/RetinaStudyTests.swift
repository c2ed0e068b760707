// SPDX-License-Identifier: GPL-3.0-or-later
import FerroHDF5
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// `fixtures/studies/retina-bicuculline.yaml` on the published spike lists it is written for.
@Suite(.tags(.realData), .enabled(if: RealStudies.folder != nil, "FERROSPIKE_REAL_DATA names no folder of recordings"))
struct RetinaStudyTests {
    /// Log rate by the place of the electrode, straight from the counts of a file.
    private func logRates(_ path: String) throws -> [[Double]: Double] {
        let file = try HDF5File.open(path)
        let counts = try file.dataset("/sCount").read(Double.self)
        let places = try file.dataset("/epos").read(Double.self)
        let seconds = try #require(try file.dataset("/summary/duration").read(Double.self).first)
        let pairs = counts.enumerated().map { unit, count in ([places[unit], places[counts.count + unit]], log((count == 0 ? 0.5 : count) / seconds)) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test func everyElectrodeIsHeldAgainstItselfAndOneRetinaGivesNoVerdict() async throws {
        let scratch = try ScratchFolder()
        var definition = try StudyDefinition.load(RealStudies.study("retina-bicuculline"))
        definition.files = try #require(RealStudies.folder) + "/retina-bicuculline"
        let study = try StudyRun(definition, into: scratch.file("out"))
        #expect(study.recordings.map(\.folderName) == ["P5-retina-control", "P5-retina-bicuculline", "P5-retina-wash"])
        #expect(StudyRun.failure(try await study.process(RunOptions())) == nil)
        let results = try study.gather()

        let rates = try study.recordings.map { try logRates($0.path) }
        let shared = Set(rates[0].keys).intersection(rates[1].keys).intersection(rates[2].keys)
        #expect(shared.count == 56)
        let means = rates.map { rates in shared.reduce(0) { $0 + (rates[$1] ?? .nan) } / 56 }
        for (epoch, mean) in zip(["control", "bicuculline", "wash"], means) {
            let row = try #require(results.groups.first { $0.outcome == "firing_rate_hz" && $0.group == epoch })
            #expect((row.n, row.units) == (1, 56))
            #expect(abs(try #require(row.mean) - mean) < 1e-9, "\(epoch)")
        }
        let row = try #require(results.normalization.first { $0.outcome == "firing_rate_hz" })
        #expect(abs(try #require(row.pc.estimate) - (means[1] - means[0])) < 1e-9)
        #expect(row.pc.low == nil && row.rescue == nil && row.rescueStatus == .fewSubjects && row.verdict == .undetermined)
    }

    /// By their numbers, other electrodes would be compared.
    @Test func unitsThatAreOnlyNumberedAreNotMatchedByNumber() async throws {
        let scratch = try ScratchFolder()
        var definition = try StudyDefinition.load(RealStudies.study("retina-bicuculline"))
        definition.files = try #require(RealStudies.folder) + "/retina-bicuculline"
        definition.unitMatching = .name
        let study = try StudyRun(definition, into: scratch.file("out"))
        _ = try await study.process(RunOptions())
        let error = #expect(throws: (any Error).self) { try study.gather() }
        #expect("\(try #require(error))".contains("match-units: position"))
    }
}
