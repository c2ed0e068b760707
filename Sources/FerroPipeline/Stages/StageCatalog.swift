// SPDX-License-Identifier: GPL-3.0-or-later

/// Every stage there is, in the order `ferrospike stages` lists them.
package enum StageCatalog {
    package static let all: [any Stage.Type] = [
        BandpassStage.self, HighpassStage.self, LowpassStage.self, NotchStage.self, FIRStage.self,
        CommonReferenceStage.self, WhitenStage.self, SelectChannelsStage.self, BipolarStage.self, DecimateStage.self,
        DetectSpikesStage.self, ImportUnitsStage.self, DetectBurstsStage.self, FiringStage.self,
        PowerSpectrumStage.self, WriteSignalStage.self,
    ]

    package static func stage(named name: String) -> (any Stage.Type)? {
        all.first { $0.documentation.name == name }
    }

    package static var names: [String] { all.map { $0.documentation.name } }
}
