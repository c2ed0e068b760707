// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroSpikes

/// `firing`: rate, regularity and bursting of every unit.
package struct FiringStage: DeriveStage {
    package static let documentation = StageDocumentation(
        "firing", .derive, takes: .units, gives: .units,
        "Rate over observed time, regularity (CV, CV2, LV) and, behind detect-bursts, bursting of every unit.")

    package init(_ parameters: StageParameters) throws {}

    package func derive(id: String, _ findings: inout Findings) throws {
        let bursting = findings.units.contains { $0.bursts != nil }
        let descriptions = SpikeTrainMeasures.descriptions.filter { bursting || !$0.ofBursts }
        findings.metrics = descriptions.map { MetricDescription(name: $0.name, meaning: $0.meaning) }
        for index in findings.units.indices {
            let unit = findings.units[index]
            let measures = SpikeTrainMeasures(of: unit.train, bursts: unit.bursts)
            findings.units[index].values = descriptions.map { measures[$0.name]?.value }
        }
    }
}
