// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// The sorted units of a CellExplorer file (`cell_metrics`, MATLAB v7.3): spike times in seconds, a cell a unit.
///
/// The file does not say how long its units were observed. They are taken to be observed from their first to their last spike, which is
/// the time that CellExplorer's own `firingRate` divides by.
struct CellMetricsRecording: Recording {
    let format = RecordingFormat.cellMetrics
    let path: String
    let session: SessionFacts
    let series: [SeriesDescription] = []
    let problems: [RecordingProblem]
    let unitCounts: (units: Int, spikes: Int)?

    private let file: HDF5File
    private let counts: [Int]
    private static let root = "/cell_metrics"

    static func isOne(_ file: HDF5File) -> Bool { file.exists("\(root)/spikes/times") }

    init(_ file: HDF5File) throws {
        self.file = file
        path = file.path
        let cells = try CellMetricsRecording.timesOfUnits(file)
        counts = try cells.map { try $0.map(MATLABValues.count) ?? 0 }
        unitCounts = (counts.count, counts.reduce(0, +))
        let sessions = try CellMetricsRecording.texts("sessionName", file)
        session = SessionFacts(
            identifier: sessions.first, species: try CellMetricsRecording.texts("animal_species", file).first,
            sex: try CellMetricsRecording.texts("animal_sex", file).first, other: [:])
        problems =
            [
                RecordingProblem(
                    .warning,
                    "\(CellMetricsRecording.root): the file does not say how long its units were observed; they are taken to be from their first to their last spike"
                )
            ] + (try CellMetricsRecording.disagreements(file, cells, counts))
    }

    func signal(of path: String) throws -> any SignalSource {
        throw FerroError.input("a cell_metrics file holds no samples", at: "\(self.path): \(path)", advice: "use its units instead")
    }

    func units() throws -> UnitTable {
        let cells = try CellMetricsRecording.timesOfUnits(file)
        let numbers = try CellMetricsRecording.numbers("UID", file, units: cells.count)
        let ids = numbers.map { $0.map { shortest($0) } ?? "" }
        let areUnique = Set(ids).count == ids.count && !ids.contains("")
        let channels = try CellMetricsRecording.numbers("maxWaveformCh1", file, units: cells.count)
        let groups = try CellMetricsRecording.numbers("electrodeGroup", file, units: cells.count)
        let areas = try CellMetricsRecording.texts("brainRegion", file)
        var electrodes: [Electrode] = []
        let trains = try cells.indices.map { unit -> SpikeTrain in
            let id = areUnique ? ids[unit] : "unit_\(unit + 1)"
            let times = try cells[unit].map(MATLABValues.numbers) ?? []
            try NWBUnits.refuseDisorder(times, unit: id, at: "\(file.path): \(CellMetricsRecording.root)/spikes/times{\(unit + 1)}")
            var index: Int?
            if let channel = channels[unit] {
                let electrode = Electrode(
                    id: shortest(channel), location: areas.count == cells.count && !areas[unit].isEmpty ? areas[unit] : nil,
                    group: groups[unit].map { shortest($0) })
                index = electrodes.firstIndex { $0.id == electrode.id } ?? electrodes.count
                if index == electrodes.count { electrodes.append(electrode) }
            }
            let observed = times.count > 1 ? [TimeInterval(start: times[0], stop: times[times.count - 1])] : []
            return SpikeTrain(id: id, electrode: index, times: times, observed: observed)
        }
        return UnitTable(trains: trains, electrodes: electrodes)
    }

    private static func timesOfUnits(_ file: HDF5File) throws -> [HDF5Dataset?] {
        let array = try file.dataset("\(root)/spikes/times")
        let cells = try MATLABValues.cells(array)
        guard !cells.isEmpty else { throw FerroError.input("the file holds no units", at: array.place, expected: "one at least") }
        return cells
    }

    /// What the file says about its spikes that its spike times do not bear out.
    private static func disagreements(_ file: HDF5File, _ cells: [HDF5Dataset?], _ counts: [Int]) throws -> [RecordingProblem] {
        let promised = try numbers("spikeCount", file, units: cells.count)
        if let unit = counts.indices.first(where: { promised[$0] != nil && promised[$0] != Double(counts[$0]) }) {
            throw FerroError.input(
                "unit \(unit + 1) has \(counts[unit]) spike times, but `spikeCount` says \(shortest(promised[unit] ?? 0))",
                at: "\(file.path): \(root)/spikes/times",
                advice: "copy the file again from its source")
        }
        let rates = try numbers("firingRate", file, units: cells.count)
        let wrong = try counts.indices.filter { unit in
            guard let rate = rates[unit], counts[unit] > 1, let cell = cells[unit] else { return false }
            let times = try MATLABValues.numbers(cell)
            return abs(Double(counts[unit]) / (times[times.count - 1] - times[0]) / rate - 1) > 1e-6
        }
        guard !wrong.isEmpty else { return [] }
        return [
            RecordingProblem(
                .warning,
                "\(root)/spikes/times: spikes over the time from first to last are not the file's own `firingRate` for \(wrong.count) of \(counts.count) units, "
                    + "unit \(wrong[0] + 1) first; are the times in seconds?")
        ]
    }

    /// A number of each unit; nil where the file has none or it is NaN.
    private static func numbers(_ name: String, _ file: HDF5File, units: Int) throws -> [Double?] {
        let none = [Double?](repeating: nil, count: units)
        guard file.exists("\(root)/\(name)"), let dataset = try? file.dataset("\(root)/\(name)"), dataset.type.isNumeric else { return none }
        let values = try MATLABValues.numbers(dataset)
        return values.count == units ? values.map { $0.isFinite ? $0 : nil } : none
    }

    private static func texts(_ name: String, _ file: HDF5File) throws -> [String] {
        guard file.exists("\(root)/\(name)"), let dataset = try? file.dataset("\(root)/\(name)") else { return [] }
        return (try? MATLABValues.texts(dataset)) ?? []
    }
}
