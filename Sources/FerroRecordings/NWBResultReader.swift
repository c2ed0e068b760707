// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Reads what `writeRecordingResult` wrote: the same value, but for what an NWB file does not tell apart.
///
/// A measure, a band's peak or its density that is NaN comes back as missing. An empty text where NWB wants one (an area, a group, a
/// description) comes back as absent. Where any unit has bursts looked for, all have. An empty mean waveform, a spectrum of no electrode
/// and an excerpt without samples are not stored.
/// - Throws: `FerroError` (input) for a file that cannot be read, is no result of Ferrospike or contradicts itself.
package func readRecordingResult(_ path: String) throws -> RecordingResult {
    try NWBResultReader(file: try HDF5File.open(path)).read()
}

private struct NWBResultReader {
    typealias Layout = NWBResultLayout
    let file: HDF5File

    func read() throws -> RecordingResult {
        let facts = try facts()
        let electrodes = try electrodes()
        let table = try table(Layout.units)
        let bursts = try self.table(Layout.bursts)
        let soughtBursts = bursts?.description ?? facts.first(Layout.Fact.bursts)
        let measures = try table.map { try self.measures(in: $0) } ?? []
        let measured = measures.map { MetricDescription(name: $0.name, meaning: Layout.known($0.description) ?? "") }
        var units = try table.map { try self.units(in: $0, measures, electrodes.count) } ?? []
        if soughtBursts != nil {
            let found = try bursts.map { try self.bursts(in: $0, units: table?.ids ?? [], spikes: units.map(\.train.times.count)) }
            for index in units.indices { units[index].bursts = found?[index] ?? [] }
        }
        return RecordingResult(
            name: facts.first(Layout.Fact.name) ?? "", session: session(facts), electrodes: electrodes, segments: try segments(), units: units,
            unitsDescription: Layout.known(table?.description ?? facts.first(Layout.Fact.units)) ?? "",
            burstsDescription: Layout.known(soughtBursts) ?? "",
            metrics: table == nil ? facts.under(Layout.Fact.measure).map { MetricDescription(name: $0, meaning: $1) } : measured,
            spectra: try facts.all(Layout.Fact.spectrum).map { try spectrum($0, electrodes.count) }, excerpt: try excerpt(electrodes.count))
    }

    // MARK: Session

    private struct Facts {
        let rows: [(name: String, value: String)]
        func all(_ name: String) -> [String] { rows.filter { $0.name == name }.map(\.value) }
        /// Facts whose name begins so, without that beginning.
        func under(_ beginning: String) -> [(String, String)] {
            rows.filter { $0.name.hasPrefix(beginning) }.map { (String($0.name.dropFirst(beginning.count)), $0.value) }
        }
        func first(_ name: String) -> String? { all(name).first }
    }

    private func facts() throws -> Facts {
        guard let table = try table(Layout.facts) else {
            throw FerroError.input(
                "this is no result of Ferrospike", at: file.path, expected: "the file `result.nwb` of `ferrospike run`")
        }
        let names = try column("fact", in: table, at: Layout.facts, \.texts)
        let values = try column("value", in: table, at: Layout.facts, \.texts)
        return Facts(rows: zip(names, values).map { ($0, $1) })
    }

    private func session(_ facts: Facts) -> SessionFacts {
        SessionFacts(
            start: facts.first(Layout.Fact.start), description: facts.first(Layout.Fact.description),
            identifier: facts.first(Layout.Fact.identifier), subjectID: facts.first(Layout.Fact.subject),
            species: facts.first(Layout.Fact.species), sex: facts.first(Layout.Fact.sex), age: facts.first(Layout.Fact.age),
            other: Dictionary(facts.under(Layout.Fact.other)) { first, _ in first })
    }

    private func electrodes() throws -> [Electrode] {
        guard let names = try table(NWBFileBuilder.electrodesPath)?["channel_name"]?.texts else { return [] }
        let rows = try NWBElectrodeTable(file.group(NWBFileBuilder.electrodesPath)).rows
        return zip(names, rows).map { name, row in
            Electrode(id: name, location: Layout.known(row.location), group: Layout.known(row.group), position: row.position)
        }
    }

    private func segments() throws -> [TimeInterval] {
        guard let table = try table(Layout.recorded) else { return [] }
        let starts = try column(Layout.Time.start, in: table, at: Layout.recorded, \.doubles)
        let stops = try column(Layout.Time.stop, in: table, at: Layout.recorded, \.doubles)
        return zip(starts, stops).map { TimeInterval(start: $0, stop: $1) }
    }

    // MARK: Units

    private func measures(in table: NWBTable) throws -> [NWBColumn] {
        try table.columns.filter { !Layout.Unit.all.contains($0.name) }.map { found in
            _ = try column(found.name, in: table, at: Layout.units, \.doubles)
            return found
        }
    }

    private func units(in table: NWBTable, _ measures: [NWBColumn], _ electrodes: Int) throws -> [UnitResult] {
        let names = try column(Layout.Unit.name, in: table, at: Layout.units, \.texts)
        let times = try column(Layout.Unit.times, in: table, at: Layout.units, \.raggedDoubles)
        let observed = try optional(Layout.Unit.observed, in: table, at: Layout.units, \.raggedIntervals)
        let sites = try optional(Layout.Unit.electrodes, in: table, at: Layout.units, \.raggedIntegers)
        try refuse(unless: (sites ?? []).joined().allSatisfy { 0..<electrodes ~= $0 }, "a unit sits on no electrode of the file", Layout.units)
        let amplitudes = try optional(Layout.Unit.amplitudes, in: table, at: Layout.units, \.raggedDoubles)
        let waveforms = try optional(Layout.Unit.waveform, in: table, at: Layout.units, \.matrix)
        let rate = try waveformRate(waveforms)
        return names.indices.map { row in
            let train = SpikeTrain(
                id: names[row], electrode: sites?[row].first, times: times[row], amplitudes: (amplitudes?[row] ?? []).map(Float.init),
                observed: observed?[row] ?? [])
            let waveform = waveforms.flatMap { microvolts($0[row]) }
            let values = measures.map { $0.doubles.flatMap { known($0[row]) } }
            return UnitResult(train: train, values: values, meanWaveform: waveform, waveformRate: waveform == nil ? nil : rate)
        }
    }

    private func waveformRate(_ waveforms: [[Double]]?) throws -> SampleRate? {
        guard waveforms != nil else { return nil }
        return try file.dataset("\(Layout.units)/\(Layout.Unit.waveform)").doubleAttribute("sampling_rate").map { try SampleRate(hertz: $0) }
    }

    /// A row of volts without the filling behind it; nil for a row that is all filling.
    private func microvolts(_ volts: [Double]) -> [Float]? {
        guard let last = volts.lastIndex(where: { !$0.isNaN }) else { return nil }
        return volts[...last].map { Float($0 * 1e6) }
    }

    private func bursts(in table: NWBTable, units: [Int], spikes: [Int]) throws -> [[Burst]] {
        let place = Layout.bursts
        let starts = try column(Layout.Time.start, in: table, at: place, \.doubles)
        let stops = try column(Layout.Time.stop, in: table, at: place, \.doubles)
        let owners = try column(Layout.BurstColumn.unit, in: table, at: place, \.integers)
        let firsts = try column(Layout.BurstColumn.first, in: table, at: place, \.integers)
        let counts = try column(Layout.BurstColumn.count, in: table, at: place, \.integers)
        let rows = Dictionary(zip(units, units.indices)) { first, _ in first }
        var bursts = [[Burst]](repeating: [], count: units.count)
        for index in starts.indices {
            guard let row = rows[owners[index]] else {
                throw FerroError.input("burst \(index) is of unit \(owners[index]), which is not in the table of units", at: "\(file.path): \(place)")
            }
            try refuse(
                unless: firsts[index] >= 0 && counts[index] >= 0 && firsts[index] <= spikes[row] - counts[index],
                "burst \(index) lies outside its unit's spikes", place)
            bursts[row].append(
                Burst(spikes: firsts[index]..<firsts[index] + counts[index], start: starts[index], stop: stops[index]))
        }
        return bursts
    }

    // MARK: Signal

    private func spectrum(_ name: String, _ electrodes: Int) throws -> SpectrumResult {
        typealias Column = Layout.SpectrumColumn
        let place = Layout.spectrum(name)
        guard let table = try table(place) else { throw FerroError.input("the spectrum is missing", at: "\(file.path): \(place)") }
        let rows = try column(Layout.electrode, in: table, at: place, \.integers)
        try refuse(unless: rows.allSatisfy { 0..<electrodes ~= $0 }, "a row is of no electrode of the file", place)
        let frequencies = try column(Column.frequencies, in: table, at: place, \.matrix).first ?? []
        let power = try column(Column.power, in: table, at: place, \.matrix)
        try refuse(unless: power.allSatisfy { $0.count == frequencies.count }, "there is not one density at every frequency", place)
        return SpectrumResult(
            stage: try column(Column.stage, in: table, at: place, \.texts).first ?? name,
            method: try column(Column.method, in: table, at: place, \.texts).first ?? "", frequencies: frequencies, electrodes: rows,
            power: power, windows: try column(Column.windows, in: table, at: place, \.integers).first ?? 0, bands: try bands(name, electrodes))
    }

    private func bands(_ name: String, _ electrodes: Int) throws -> [BandResult] {
        typealias Column = Layout.BandColumn
        let place = Layout.bands(name)
        guard let table = try table(place) else { return [] }
        let rows = try column(Layout.electrode, in: table, at: place, \.integers)
        try refuse(unless: rows.allSatisfy { 0..<electrodes ~= $0 }, "a row is of no electrode of the file", place)
        let names = try column(Column.band, in: table, at: place, \.texts)
        let numbers = try [Column.low, Column.high, Column.power, Column.share, Column.peak, Column.density].map {
            try column($0, in: table, at: place, \.doubles)
        }
        return rows.indices.map { row in
            BandResult(
                electrode: rows[row], band: names[row], low: Hertz(numbers[0][row]), high: Hertz(numbers[1][row]), power: numbers[2][row],
                relativePower: numbers[3][row], peak: known(numbers[4][row]), meanDensity: known(numbers[5][row]))
        }
    }

    private func known(_ value: Double) -> Double? { value.isNaN ? nil : value }

    private func excerpt(_ electrodes: Int) throws -> Excerpt? {
        guard file.exists(Layout.excerpt), let table = try table(Layout.excerptElectrodes) else { return nil }
        let series = try file.group(Layout.excerpt)
        let rows = try column(Layout.electrode, in: table, at: Layout.excerptElectrodes, \.integers)
        let data = try series.dataset("data")
        let start = try series.dataset("starting_time")
        guard let first = try start.read(Double.self).first, let hertz = try start.doubleAttribute("rate") else {
            throw FerroError.input("the excerpt has no time", at: start.place, expected: "`starting_time` with an attribute `rate`")
        }
        let shape = try data.shape
        try refuse(
            unless: shape.count == 2 && shape[1] == rows.count && rows.allSatisfy { 0..<electrodes ~= $0 },
            "the excerpt does not fit its electrodes", Layout.excerpt)
        let values = try data.read(Float.self)
        return Excerpt(
            rate: try SampleRate(hertz: hertz), start: first, electrodes: rows,
            samples: rows.indices.map { column in (0..<shape[0]).map { values[$0 * shape[1] + column] } })
    }

    // MARK: Tables

    private func table(_ path: String) throws -> NWBTable? { try NWBTable.read(path, in: file) }

    /// A column with as many rows as the table has ids.
    private func column<Value>(_ name: String, in table: NWBTable, at path: String, _ values: (NWBColumn) -> [Value]?) throws -> [Value] {
        guard let found = try optional(name, in: table, at: path, values) else {
            throw FerroError.input("the table has no column `\(name)`", at: "\(file.path): \(path)", expected: "a result of Ferrospike")
        }
        return found
    }

    private func optional<Value>(_ name: String, in table: NWBTable, at path: String, _ values: (NWBColumn) -> [Value]?) throws -> [Value]? {
        guard let column = table[name] else { return nil }
        guard let found = values(column), found.count == table.ids.count else {
            throw FerroError.input(
                "the column `\(name)` does not fit the table of \(table.ids.count) rows", at: "\(file.path): \(path)",
                expected: "a result of Ferrospike")
        }
        return found
    }

    private func refuse(unless holds: Bool, _ what: String, _ path: String) throws {
        if !holds { throw FerroError.input(what, at: "\(file.path): \(path)", expected: "a result of Ferrospike") }
    }
}
