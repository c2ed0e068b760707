// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// What `inspect` says: the keys of its JSON never change and none is ever left out.
@Suite struct RecordingInspectionTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    private func json(_ path: String) throws -> [String: Any] {
        let data = try RecordingInspection(openRecording(path)).json()
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func keys(_ value: Any?) throws -> Set<String> { Set(try #require(value as? [String: Any]).keys) }
    private func list(_ value: Any?) throws -> [[String: Any]] { try #require(value as? [[String: Any]]) }

    @Test func everyKeyIsThere() throws {
        let whole = try json(fixtures + "/recordings/by-pynwb.nwb")
        #expect(try keys(whole) == ["file", "format", "series", "units", "intervals", "problems"])
        #expect(whole["format"] as? String == "nwb")
        #expect(whole["file"] as? String == fixtures + "/recordings/by-pynwb.nwb")
        for series in try list(whole["series"]) {
            #expect(try keys(series) == ["path", "kind", "rate_hz", "channels", "frames", "unit", "segments", "electrodes", "storage"])
            #expect(series["unit"] as? String == "uV")
            for segment in try list(series["segments"]) { #expect(try keys(segment) == ["start_s", "first_frame", "frames"]) }
            for electrode in try list(series["electrodes"]) { #expect(try keys(electrode) == ["id", "location", "group"]) }
            #expect(try keys(series["storage"]) == ["layout", "filters"])
        }
        #expect(try keys(whole["units"]) == ["count", "spikes"])
        for problem in try list(whole["problems"]) { #expect(try keys(problem) == ["severity", "message"]) }
    }

    @Test func valuesAreWhatTheFileHolds() throws {
        let whole = try json(fixtures + "/recordings/by-pynwb.nwb")
        let series = try list(whole["series"])
        #expect(series.map { $0["kind"] as? String } == ["current-clamp", "lfp"])
        #expect(series.map { $0["path"] as? String } == ["/acquisition/current", "/processing/ecephys/LFP/ElectricalSeries"])
        #expect(series[1]["rate_hz"] as? Double == 1250)
        #expect(series[1]["channels"] as? Int == 2)
        #expect(series[1]["frames"] as? Int == 50)
        #expect(try list(series[1]["segments"]).map { $0["start_s"] as? Double } == [0.5])
        #expect(try list(series[1]["electrodes"]).map { $0["id"] as? String } == ["2", "1"])
        let units = try #require(whole["units"] as? [String: Int])
        #expect(units == ["count": 3, "spikes": 12])
        #expect(try list(whole["problems"]).map { $0["severity"] as? String } == ["refusal", "warning"])
        #expect((try list(whole["problems"])[1]["message"] as? String)?.hasPrefix("units with spikes outside their observed time") == true)
    }

    @Test func gapsAndFilters() throws {
        let gap = try list(json(fixtures + "/recordings/gap.nwb")["series"])
        let segments = try list(gap[0]["segments"])
        #expect(segments.map { $0["first_frame"] as? Int } == [0, 40])
        #expect(segments.map { $0["frames"] as? Int } == [40, 50])
        let chunks = try list(json(fixtures + "/recordings/chunks.nwb")["series"])
        let storage = chunks.compactMap { $0["storage"] as? [String: Any] }
        #expect(storage.allSatisfy { $0["layout"] as? String == "chunked" })
        #expect(storage.contains { $0["filters"] as? [String] == ["shuffle", "deflate"] })
    }

    @Test func whatIsUnknownIsNull() throws {
        let path = try makeNWB(folder, region: nil)
        let whole = try json(path)
        #expect(whole["units"] is NSNull)
        #expect(try list(whole["problems"]).isEmpty)
        for electrode in try list(list(whole["series"])[0]["electrodes"]) {
            #expect(electrode["location"] is NSNull)
            #expect(electrode["group"] is NSNull)
        }
    }

    @Test func aSpikeListHasUnitsAndNoSeries() throws {
        let path = folder.file("list.h5")
        let file = try HDF5File.create(path)
        try file.root.write("spikes", [1.0, 2.0])
        try file.root.write("sCount", [Int32(2)])
        try file.close()
        let whole = try json(path)
        #expect(whole["format"] as? String == "spike-list")
        #expect(try list(whole["series"]).isEmpty)
        #expect(whole["units"] as? [String: Int] == ["count": 1, "spikes": 2])
        #expect(try list(whole["problems"]).map { $0["severity"] as? String } == ["warning"])
    }

    @Test func theTextNamesSeriesGapsUnitsAndProblems() throws {
        let text = try RecordingInspection(openRecording(fixtures + "/recordings/gap.nwb")).text
        #expect(text.contains("/processing/ecephys/Filtered/ElectricalSeries  [electrical]"))
        #expect(text.contains("1 gap, so 2 segments:"))
        let other = try RecordingInspection(openRecording(fixtures + "/recordings/by-pynwb.nwb")).text
        #expect(other.contains("units: 3 with 12 spikes"))
        #expect(other.contains("refused: /acquisition/voltage: the series is a current in amperes"))
        // Read back, the JSON is the same inspection.
        let inspection = try RecordingInspection(openRecording(fixtures + "/recordings/by-pynwb.nwb"))
        #expect(try JSONDecoder().decode(RecordingInspection.self, from: inspection.json()) == inspection)
    }
}
