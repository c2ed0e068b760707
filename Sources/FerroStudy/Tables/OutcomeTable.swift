// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroStatistics

/// `outcomes.csv`: one row per unit (or electrode) and outcome.
package enum OutcomeTable {
    /// Reads a table; columns other than its own are ignored.
    ///
    /// `epoch` is needed where the design is epochs, `session` where it is sessions, `group` unless the comparison is within
    /// subjects, `cage` where the cage is the unit of analysis. `exposure_s` may be absent where no zero needs it.
    ///
    /// - Throws: `FerroError` (input) with file and line.
    package static func read(_ path: String, for definition: StudyDefinition) throws -> [OutcomeRow] {
        try rows(of: CSVTable(path: path), for: definition)
    }

    package static func rows(of table: CSVTable, for definition: StudyDefinition) throws -> [OutcomeRow] {
        let recording = try table.column("recording")
        let subject = try table.column("subject")
        let unit = try table.column("unit")
        let outcome = try table.column("outcome")
        let value = try table.column("value")
        let group = definition.comparison.isWithin ? table.columns.firstIndex(of: "group") : try table.column("group")
        let cage = definition.unitOfAnalysis == .cage ? try table.column("cage") : table.columns.firstIndex(of: "cage")
        let epoch = definition.design == .epochs ? try table.column("epoch") : table.columns.firstIndex(of: "epoch")
        let session = definition.design == .sessions ? try table.column("session") : table.columns.firstIndex(of: "session")
        let exposure = table.columns.firstIndex(of: "exposure_s")
        let needed = definition.names
        return try table.rows.map { row in
            let name = table.text(row, outcome)
            // Rows of other outcomes are nobody's business, whatever stands in them.
            let isUsed = needed.contains(name)
            return OutcomeRow(
                recording: table.text(row, recording), subject: table.text(row, subject), cage: table.optionalText(row, cage),
                group: group.map { table.text(row, $0) } ?? "", unit: table.text(row, unit), outcome: name,
                value: isUsed ? try table.number(row, value) : nil,
                exposure: isUsed ? try exposure.flatMap { try duration(table, row, $0) } : nil,
                session: table.optionalText(row, session), epoch: table.optionalText(row, epoch), place: table.place(of: row))
        }
    }

    private static func duration(_ table: CSVTable, _ row: CSVTable.Row, _ column: Int) throws -> Double? {
        guard let seconds = try table.number(row, column) else { return nil }
        guard seconds.isFinite, seconds >= 0 else {
            throw FerroError.input("an exposure of \(table.text(row, column)) s is impossible", at: table.place(of: row), expected: "seconds observed")
        }
        return seconds
    }

    /// The table as text. `session` and `epoch` are columns where the design has them.
    package static func text(_ rows: [OutcomeRow], design: StudyDesign) -> CSVText {
        var text = header(of: design)
        for row in rows { append(row, to: &text, design: design) }
        return text
    }

    /// The table with no row yet.
    package static func header(of design: StudyDesign) -> CSVText {
        var columns = ["recording", "subject", "cage", "group", "unit", "outcome", "value", "exposure_s"]
        if design == .sessions { columns.append("session") }
        if design == .epochs { columns.append("epoch") }
        return CSVText(columns: columns)
    }

    package static func append(_ row: OutcomeRow, to text: inout CSVText, design: StudyDesign) {
        var fields = [
            row.recording, row.subject, row.cage ?? "", row.group, row.unit, row.outcome, CSVText.number(row.value), CSVText.number(row.exposure),
        ]
        if design == .sessions { fields.append(row.session ?? "") }
        if design == .epochs { fields.append(row.epoch ?? "") }
        text.append(fields)
    }
}
