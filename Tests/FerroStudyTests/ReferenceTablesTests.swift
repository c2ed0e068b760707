// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Designed tables against NumPy, SciPy and R (lme4, lmerTest): fixtures/generators/statistics_reference.py made
/// fixtures/reference/statistics-tables.json.
@Suite struct ReferenceTablesTests {
    enum Field: Decodable {
        case number(Double)
        case text(String)
        /// Quantiles of the bootstrap distribution between which a limit of 10 000 draws or as many as the study says must lie.
        case range([Double])
        case empty

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .empty
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let range = try? container.decode([Double].self) {
                self = .range(range)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    struct Case: Decodable, CustomTestStringConvertible, Sendable {
        let name: String
        let study: String
        let table: String
        let groups: [[String: Field]]
        let normalization: [[String: Field]]
        let distribution: [[String: Field]]
        var testDescription: String { name }
    }

    struct Document: Decodable {
        let permutations: Int
        let cases: [Case]
    }

    static func cases() -> [Case] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let url = root.appendingPathComponent("fixtures/reference/statistics-tables.json")
        guard let data = try? Data(contentsOf: url), let document = try? JSONDecoder().decode(Document.self, from: data) else { return [] }
        return document.cases
    }

    @Test func areThere() { #expect(Self.cases().count >= 23) }

    @Test(arguments: cases())
    func agree(_ one: Case) throws {
        let definition = try StudyDefinition.parse(one.study, path: "study.yaml")
        let rows = try OutcomeTable.rows(of: CSVTable(text: one.table, path: "outcomes.csv"), for: definition)
        let computed = try StudyStatistics.compute(definition, rows: rows)
        try compare(StatisticsTables.groups(computed.groups).text, one.groups, draws: definition.settings.permutations)
        try compare(StatisticsTables.normalization(computed.normalization).text, one.normalization, draws: definition.settings.permutations)
        try compare(StatisticsTables.distribution(computed.distribution).text, one.distribution, draws: definition.settings.permutations)
    }

    /// The same rows in another order give the same bytes.
    @Test(arguments: cases())
    func orderOfRowsCarriesNoInformation(_ one: Case) throws {
        let definition = try StudyDefinition.parse(one.study, path: "study.yaml")
        let rows = try OutcomeTable.rows(of: CSVTable(text: one.table, path: "outcomes.csv"), for: definition)
        let straight = try StudyStatistics.compute(definition, rows: rows)
        var generator = SeededGenerator(seed: 5)
        let mixed = try StudyStatistics.compute(definition, rows: rows.shuffled(using: &generator))
        #expect(mixed.groups == straight.groups)
        #expect(StatisticsTables.distribution(mixed.distribution).text == StatisticsTables.distribution(straight.distribution).text)
        #expect(StatisticsTables.normalization(mixed.normalization).text == StatisticsTables.normalization(straight.normalization).text)
    }

    private func compare(_ text: String, _ expected: [[String: Field]], draws: Int) throws {
        let table = try CSVTable(text: text, path: "computed.csv")
        try #require(table.rows.count == expected.count)
        for (row, fields) in zip(table.rows, expected) {
            #expect(Set(fields.keys) == Set(table.columns))
            for (index, column) in table.columns.enumerated() {
                let written = row.fields[index]
                let place = "\(row.fields[0]) \(row.fields[1]) \(column)"
                switch fields[column] {
                case .number(let value):
                    let number = try #require(Double(written), "\(place) is `\(written)`, not \(value)")
                    let allowed = tolerance(of: column, value, draws: isRandom(column, row, table) ? draws : nil)
                    #expect(abs(number - value) <= allowed, "\(place): \(number), not \(value)")
                case .range(let limits):
                    let number = try #require(Double(written), "\(place) is `\(written)`")
                    #expect(limits[0] <= number && number <= limits[1], "\(place): \(number), not in \(limits)")
                case .text(let value): #expect(written == value, "\(place)")
                case .empty, nil: #expect(written.isEmpty, "\(place)")
                }
            }
        }
    }

    /// Random relabellings stand behind the p-value.
    private func isRandom(_ column: String, _ row: CSVTable.Row, _ table: CSVTable) -> Bool {
        guard column.hasSuffix("_p_perm") || column.hasSuffix("_p_adjusted") else { return false }
        return table.columns.firstIndex(of: String(column.prefix(2)) + "_perm_kind").map { row.fields[$0] == "monte-carlo" } == true
    }

    /// Mixed models: lme4 stops near the optimum, and lmerTest differentiates numerically.
    private func tolerance(of column: String, _ value: Double, draws: Int?) -> Double {
        // The references of distances are random themselves, with 20 000 relabellings.
        if let draws { return 5 * (value * (1 - value) * (1 / Double(draws) + 1 / 20_000)).squareRoot() + 1 / Double(draws) }
        if column.hasSuffix("lmm_df_satterthwaite") || column.hasSuffix("lmm_df") { return 1e-3 * value }
        if column.hasSuffix("lmm_p") { return 1e-4 * value + 1e-12 }
        if column.contains("_lmm_") || column == "icc" || column == "design_effect" { return 1e-5 * abs(value) }
        return 1e-8 * abs(value) + 1e-13
    }
}
