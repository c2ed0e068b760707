// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Writes what a run found in a recording as an NWB 2 file; it appears under its name when it is complete.
///
/// Equal results make equal bytes. Times, amplitudes, measures, spectra and the excerpt are stored as they are; the mean waveform is
/// stored in volts, as NWB wants it, in Float64, so that its Float32 microvolts come back to the last bit. A missing measure and a band
/// without a peak are NaN. See `NWBResultLayout` for what stands where, and `readRecordingResult` for what an NWB file cannot tell apart.
/// - Throws: `FerroError`: input where the folder cannot be written to, internal for a result that contradicts itself.
package func writeRecordingResult(_ result: RecordingResult, to path: String) throws {
    try NWBResultWriter(result, path: path).write()
}

private struct NWBResultWriter {
    typealias Layout = NWBResultLayout
    let result: RecordingResult
    let path: String
    /// Number of each unit in its table: the unit's own name where all names are numbers, else its row.
    let unitIDs: [Int]
    let builder: NWBFileBuilder

    init(_ result: RecordingResult, path: String) throws {
        self.result = result
        self.path = path
        let numbers = result.units.compactMap { Int($0.train.id) }
        let areUsable = numbers.count == result.units.count && Set(numbers).count == numbers.count && numbers.allSatisfy { $0 >= 0 }
        unitIDs = areUsable ? numbers : Array(result.units.indices)
        try NWBResultWriter.refuseContradictions(in: result, path: path)
        builder = try NWBFileBuilder(path: path, session: NWBResultWriter.session(of: result))
    }

    func write() throws {
        try writeGenerator()
        if !result.electrodes.isEmpty {
            try builder.writeElectrodes(
                result.electrodes, device: "probe", deviceDescription: "device of the recording; its make is not known here")
        }
        try writeUnits()
        try writeBursts()
        try writeSegments()
        let spectra = result.spectra.filter { !$0.electrodes.isEmpty }
        let excerpt = result.excerpt.flatMap { ($0.samples.first ?? []).isEmpty ? nil : $0 }
        if !spectra.isEmpty || excerpt != nil { try builder.writeModule(Layout.module, description: "power spectra and signal of the recording") }
        var names: [String] = []
        for spectrum in spectra {
            var name = NWBSchema.linkName(spectrum.stage)
            while names.contains(name) { name += "_" }
            names.append(name)
            try writeSpectrum(spectrum, named: name)
        }
        if let excerpt { try writeExcerpt(excerpt) }
        try writeFacts(spectra: names)
        try builder.finish()
    }

    // MARK: Checks

    private static func refuseContradictions(in result: RecordingResult, path: String) throws {
        func refuse(unless holds: Bool, _ what: String) throws {
            if !holds { throw FerroError.internalError("the result contradicts itself: \(what)", at: path) }
        }
        let electrodes = result.electrodes.indices
        let names = result.metrics.map(\.name)
        try refuse(
            unless: Set(names).count == names.count && names.allSatisfy { !Layout.Unit.all.contains($0) && NWBSchema.linkName($0) == $0 && $0 != "id" },
            "the measures \(names) cannot all be columns")
        for unit in result.units {
            let train = unit.train
            try refuse(unless: unit.values.count == names.count, "unit \(train.id) has \(unit.values.count) values for \(names.count) measures")
            try refuse(unless: train.electrode.map(electrodes.contains) ?? true, "unit \(train.id) sits on no electrode of the recording")
            try refuse(
                unless: train.amplitudes.isEmpty || train.amplitudes.count == train.times.count, "unit \(train.id) has not one amplitude a spike")
            try refuse(
                unless: (unit.bursts ?? []).allSatisfy { $0.spikes.upperBound <= train.times.count }, "unit \(train.id) has bursts beyond its spikes")
        }
        let rates = Set(result.units.compactMap { $0.meanWaveform == nil ? nil : $0.waveformRate })
        try refuse(unless: rates.count <= 1, "the mean waveforms have different rates")
        for spectrum in result.spectra {
            let isSound =
                spectrum.electrodes.allSatisfy(electrodes.contains) && spectrum.power.count == spectrum.electrodes.count
                && spectrum.power.allSatisfy { $0.count == spectrum.frequencies.count }
                && spectrum.bands.allSatisfy { electrodes.contains($0.electrode) }
            try refuse(unless: isSound, "the spectrum of \(spectrum.stage) does not fit its electrodes and frequencies")
        }
        if let excerpt = result.excerpt {
            let isSound =
                excerpt.electrodes.allSatisfy(electrodes.contains) && excerpt.samples.count == excerpt.electrodes.count
                && Set(excerpt.samples.map(\.count)).count <= 1
            try refuse(unless: isSound, "the excerpt does not fit its electrodes")
        }
    }

    // MARK: Session

    private static func session(of result: RecordingResult) -> NWBSession {
        // What was found is part of the identity: two pipelines make two files of one recording.
        let findings =
            [result.unitsDescription, result.burstsDescription] + result.metrics.map(\.name)
            + result.units.map { "\($0.train.id): \($0.train.times.count) spikes, \($0.bursts?.count ?? -1) bursts" }
            + result.spectra.map { "\($0.stage): \($0.method), \($0.windows) windows of \($0.frequencies.count) frequencies" }
        let identity = NWBSchema.objectID([result.name, result.session.identifier ?? ""].joined(separator: "\n"), findings.joined(separator: "\n"))
        return NWBSession(result.session, name: result.name, identifier: "ferrospike-result:\(result.name):\(identity)")
    }

    private func writeGenerator() throws {
        try builder.file.root.write("general/was_generated_by", strings: ["ferrospike", ferrospikeVersion], shape: [1, 2])
    }

    private func writeFacts(spectra: [String]) throws {
        let session = result.session
        let known: [(String, String?)] = [
            (Layout.Fact.name, result.name), (Layout.Fact.start, session.start), (Layout.Fact.description, session.description),
            (Layout.Fact.identifier, session.identifier), (Layout.Fact.subject, session.subjectID), (Layout.Fact.species, session.species),
            (Layout.Fact.sex, session.sex), (Layout.Fact.age, session.age),
        ]
        var unfound: [(String, String)] = []
        if result.units.isEmpty {
            if !result.unitsDescription.isEmpty { unfound.append((Layout.Fact.units, result.unitsDescription)) }
            unfound += result.metrics.map { (Layout.Fact.measure + $0.name, $0.meaning) }
        }
        if soughtBursts, bursts.isEmpty { unfound.append((Layout.Fact.bursts, result.burstsDescription)) }
        let others = session.other.sorted { $0.key < $1.key }.map { (Layout.Fact.other + $0.key, $0.value) }
        let rows = known.compactMap { name, value in value.map { (name, $0) } } + unfound + others + spectra.map { (Layout.Fact.spectrum, $0) }
        let table = NWBTable(
            description: "the session as the input describes it, and the names of the spectra in their order", ids: Array(rows.indices),
            columns: [
                NWBColumn("fact", "what is told", .texts(rows.map(\.0))), NWBColumn("value", "as the input has it", .texts(rows.map(\.1))),
            ])
        try builder.writeTable(table, at: Layout.facts, as: .dynamicTable)
    }

    // MARK: Units and intervals

    private func writeUnits() throws {
        let units = result.units
        guard !units.isEmpty else { return }
        let trains = units.map(\.train)
        var columns = [
            NWBColumn(Layout.Unit.name, "name of the unit", .texts(trains.map(\.id))),
            NWBColumn(Layout.Unit.times, "times of the spikes in seconds", .raggedDoubles(trains.map(\.times))),
        ]
        // Without the column nothing is said about observation, unless a reader takes the excerpt's time for it.
        if result.excerpt != nil || trains.contains(where: { !$0.observed.isEmpty }) {
            columns.append(
                NWBColumn(
                    Layout.Unit.observed, "stretches in which the unit was observed, in seconds", .raggedIntervals(trains.map(\.observed))))
        }
        if !result.electrodes.isEmpty {
            let rows = trains.map { $0.electrode.map { [$0] } ?? [] }
            columns.append(
                NWBColumn(Layout.Unit.electrodes, "electrode the unit was seen on", .raggedRegion(rows, table: NWBFileBuilder.electrodesPath)))
        }
        if trains.contains(where: { !$0.amplitudes.isEmpty }) {
            columns.append(
                NWBColumn(Layout.Unit.amplitudes, "peak value of each spike in microvolts", .raggedFloats(trains.map(\.amplitudes))))
        }
        let width = units.map { $0.meanWaveform?.count ?? 0 }.max() ?? 0
        if width > 0 {
            let rows = units.map { unit in
                let volts = (unit.meanWaveform ?? []).map { Double($0) * 1e-6 }
                return volts + [Double](repeating: .nan, count: width - volts.count)
            }
            columns.append(
                NWBColumn(Layout.Unit.waveform, "mean filtered waveform on the unit's own electrode in volts", .matrix(rows, width: width)))
        }
        for (index, metric) in result.metrics.enumerated() {
            columns.append(NWBColumn(metric.name, Layout.given(metric.meaning), .doubles(units.map { $0.values[index] ?? .nan })))
        }
        let table = NWBTable(description: Layout.given(result.unitsDescription), ids: unitIDs, columns: columns)
        try builder.writeTable(table, at: Layout.units, as: .units)
        let rate = units.lazy.compactMap(\.waveformRate).first
        // Spikes that were detected stand on frames of the signal.
        if let rate { try builder.file.dataset("\(Layout.units)/\(Layout.Unit.times)").setAttribute("resolution", .double(1 / rate.hertz)) }
        guard width > 0 else { return }
        let waveforms = try builder.file.dataset("\(Layout.units)/\(Layout.Unit.waveform)")
        try waveforms.setAttribute("unit", "volts")
        if let rate { try waveforms.setAttribute("sampling_rate", .double(rate.hertz)) }
    }

    private var soughtBursts: Bool { result.units.contains { $0.bursts != nil } || !result.burstsDescription.isEmpty }

    /// In order of their start, as NWB wants intervals; ties keep the order of the units.
    private var bursts: [(unit: Int, burst: Burst)] {
        result.units.enumerated().flatMap { unit, found in (found.bursts ?? []).map { (unit: unit, burst: $0) } }
            .sorted { ($0.burst.start, $0.unit, $0.burst.spikes.lowerBound) < ($1.burst.start, $1.unit, $1.burst.spikes.lowerBound) }
    }

    private func writeBursts() throws {
        let rows = bursts
        guard !rows.isEmpty else { return }
        let table = NWBTable(
            description: Layout.given(result.burstsDescription), ids: Array(rows.indices),
            columns: [
                NWBColumn(Layout.Time.start, "time of the first spike in seconds", .doubles(rows.map(\.burst.start))),
                NWBColumn(Layout.Time.stop, "time of the last spike in seconds", .doubles(rows.map(\.burst.stop))),
                NWBColumn(Layout.BurstColumn.unit, "id of the unit in the units table", .integers(rows.map { unitIDs[$0.unit] })),
                NWBColumn(
                    Layout.BurstColumn.first, "index of the first spike among the unit's spikes, from 0",
                    .integers(rows.map(\.burst.spikes.lowerBound))),
                NWBColumn(Layout.BurstColumn.count, "number of spikes", .integers(rows.map(\.burst.spikes.count))),
            ])
        try builder.writeTable(table, at: Layout.bursts, as: .timeIntervals)
    }

    private func writeSegments() throws {
        guard !result.segments.isEmpty else { return }
        let table = NWBTable(
            description: "stretches of the recording that were analysed, each without a gap", ids: Array(result.segments.indices),
            columns: [
                NWBColumn(Layout.Time.start, "start in seconds", .doubles(result.segments.map(\.start))),
                NWBColumn(Layout.Time.stop, "end in seconds", .doubles(result.segments.map(\.stop))),
            ])
        try builder.writeTable(table, at: Layout.recorded, as: .timeIntervals)
    }

    // MARK: Signal

    private func writeSpectrum(_ spectrum: SpectrumResult, named name: String) throws {
        typealias Column = Layout.SpectrumColumn
        let rows = spectrum.electrodes
        let width = spectrum.frequencies.count
        let table = NWBTable(
            description: "power spectrum of every electrode (\(spectrum.method)), one-sided density", ids: Array(rows.indices),
            columns: [
                NWBColumn(Layout.electrode, "electrode of the row", .region(rows, table: NWBFileBuilder.electrodesPath)),
                NWBColumn(Column.stage, "stage of the pipeline that made the spectrum", .texts(rows.map { _ in spectrum.stage })),
                NWBColumn(Column.method, "how the spectrum was estimated", .texts(rows.map { _ in spectrum.method })),
                NWBColumn(Column.windows, "number of windows averaged", .integers(rows.map { _ in spectrum.windows })),
                NWBColumn(
                    Column.frequencies, "frequencies in hertz, the same in every row", .matrix(rows.map { _ in spectrum.frequencies }, width: width)),
                NWBColumn(Column.power, "density at these frequencies in square microvolts per hertz", .matrix(spectrum.power, width: width)),
            ])
        try builder.writeTable(table, at: Layout.spectrum(name), as: .dynamicTable)
        if !spectrum.bands.isEmpty { try writeBands(spectrum, named: name) }
    }

    private func writeBands(_ spectrum: SpectrumResult, named name: String) throws {
        typealias Column = Layout.BandColumn
        let bands = spectrum.bands
        let table = NWBTable(
            description: "power of every electrode in the bands of the spectrum of \(spectrum.stage)", ids: Array(bands.indices),
            columns: [
                NWBColumn(Layout.electrode, "electrode of the row", .region(bands.map(\.electrode), table: NWBFileBuilder.electrodesPath)),
                NWBColumn(Column.band, "name of the band", .texts(bands.map(\.band))),
                NWBColumn(Column.low, "lower edge of the band in hertz", .doubles(bands.map(\.low.value))),
                NWBColumn(Column.high, "upper edge of the band in hertz", .doubles(bands.map(\.high.value))),
                NWBColumn(Column.power, "integral of the density over the band in square microvolts", .doubles(bands.map(\.power))),
                NWBColumn(
                    Column.share, "share of the power between the spectrum's first positive frequency and its last",
                    .doubles(bands.map(\.relativePower))),
                NWBColumn(
                    Column.peak, "frequency in hertz of the largest density inside the band; NaN where that is at its edge",
                    .doubles(bands.map { $0.peak ?? .nan })),
                NWBColumn(
                    Column.density, "mean density over the frequencies of the band, ends included, in square microvolts per hertz",
                    .doubles(bands.map { $0.meanDensity ?? .nan })),
            ])
        try builder.writeTable(table, at: Layout.bands(name), as: .dynamicTable)
    }

    private func writeExcerpt(_ excerpt: Excerpt) throws {
        let series = try builder.file.root.createGroup(Layout.excerpt)
        try series.mark(.core("TimeSeries"), identity: builder.identity, path: series.path)
        try series.setAttribute("description", "a stretch of the signal in which spikes were detected, for figures")
        try series.setAttribute("comments", "no comments")
        let frames = excerpt.samples.first?.count ?? 0
        let rows = (0..<frames).flatMap { frame in excerpt.samples.map { $0[frame] } }
        let data = try series.write("data", rows, shape: [frames, excerpt.samples.count])
        // Stored in microvolts; the factor makes volts of them.
        try data.setAttribute("conversion", .double(1e-6))
        try data.setAttribute("offset", .double(0))
        try data.setAttribute("resolution", .double(-1))
        try data.setAttribute("unit", "volts")
        let start = try series.write("starting_time", scalar: excerpt.start)
        try start.setAttribute("rate", .double(excerpt.rate.hertz))
        try start.setAttribute("unit", "seconds")
        let table = NWBTable(
            description: "electrodes of the columns of the excerpt", ids: Array(excerpt.electrodes.indices),
            columns: [
                NWBColumn(Layout.electrode, "electrode of the column", .region(excerpt.electrodes, table: NWBFileBuilder.electrodesPath))
            ])
        try builder.writeTable(table, at: Layout.excerptElectrodes, as: .dynamicTable)
    }
}
