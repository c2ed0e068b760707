// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import FerroStudy

/// A methods paragraph made of the settings that were in force, sentence by sentence.
struct MethodsText {
    let study: StudyWords
    /// An example of what the recordings were analysed with; nil where there are none.
    var unitsDescription: String?
    var burstsDescription: String?
    var spectraDescription: String?
    /// The resolved pipeline of the first recording.
    var pipeline: Pipeline?

    private var definition: StudyDefinition { study.definition }

    var paragraphs: [String] {
        [recording, values, contrasts, rescue].filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
    }

    private var recording: [String] {
        var sentences: [String] = []
        if let stages = pipeline?.stages, !stages.isEmpty {
            let told = stages.map { stage in
                stage.name + (stage.resolved.isEmpty ? "" : " (" + stage.resolved.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ")")
            }
            sentences.append("Every recording passed these stages: \(told.joined(separator: "; ")).")
        }
        func add(_ lead: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            sentences.append("\(lead): \(text)\(text.hasSuffix(".") ? "" : ".")")
        }
        add("Units", unitsDescription)
        add("Bursts", burstsDescription)
        add("Power spectra", spectraDescription)
        if pipeline != nil { sentences.append("What each stage reads stands in the resolved pipeline below.") }
        return sentences
    }

    private var values: [String] {
        var sentences = ["\(study.design)."]
        let log = definition.outcomes.filter { $0.scale == .log }.map { study.outcome($0).inSentence }
        let linear = definition.outcomes.filter { $0.scale == .linear }.map { study.outcome($0).inSentence }
        if !log.isEmpty {
            sentences.append(
                "\(list(log)) \(log.count == 1 ? "was" : "were") analysed as natural logarithms, so that differences are ratios of geometric means.")
        }
        if !linear.isEmpty { sentences.append("\(list(linear)) \(linear.count == 1 ? "was" : "were") analysed as measured.") }
        sentences += definition.outcomes.filter { $0.scale == .log }.compactMap(zeros)
        sentences.append(
            definition.unitOfAnalysis == .cage
                ? "The experimental unit is the cage: rows were averaged within subjects and subjects within cages."
                : "The experimental unit is the subject: rows were averaged within subjects.")
        sentences.append("Units of one \(study.unit) were never treated as independent.")
        return sentences
    }

    private func zeros(_ outcome: OutcomeDefinition) -> String? {
        let name = study.outcome(outcome).inSentence
        return switch outcome.zeros {
        case .halfCount: "Zeros of the \(name) were replaced by half an event in the time observed."
        case .exclude: "Zeros of the \(name) were dropped."
        case .replace(let value): "Zeros of the \(name) were replaced by \(Numbers.significant(value))."
        case nil: nil
        }
    }

    private var contrasts: [String] {
        let settings = definition.settings
        var sentences = [
            study.isWithin
                ? "Contrasts are means of differences within a \(study.unit), with 95 % intervals and two-sided tests of Student's t."
                : "Contrasts are differences of group means, with 95 % intervals and two-sided tests of Welch's t."
        ]
        sentences.append(
            "Permutation tests \(study.isWithin ? "change the signs of the differences" : "relabel the \(study.unit)s of the two groups compared"): all relabellings where there are at most 200\u{202F}000, else "
                + "\(Numbers.count(settings.permutations)) random ones (seed \(settings.seed)); the smallest p that the design can give is printed beside each."
        )
        switch settings.multiplicity {
        case .none: sentences.append("Permutation p-values were not adjusted for multiplicity.")
        case .holm, .bh:
            sentences.append(
                "Permutation p-values were adjusted after \(study.multiplicity), primary outcomes and the others apart, over outcomes for the perturbation and over outcomes and treatments together for the treatments."
            )
        }
        return sentences
    }

    private var rescue: [String] {
        guard study.conditions.contains(where: { $0.role == .treated }) else { return [] }
        var sentences = [
            "The rescue index is (perturbed − treated)/(perturbed − control) on the analysis scale: 0 is no rescue, 1 full rescue.",
            "Its 95 % interval is Fieller's set\(study.isWithin ? "" : ", with degrees of freedom that belong to each limit"); where the interval of perturbed − control includes no difference, the index is undefined and not printed.",
        ]
        let margins = definition.outcomes.compactMap { outcome in
            outcome.margin.map { "\(study.outcome(outcome).inSentence): \(study.outcome(outcome).margin($0))" }
        }
        if margins.isEmpty {
            sentences.append("No equivalence margin was fixed, so equivalence to control could not be shown.")
        } else {
            sentences.append(
                "Equivalence to control was tested by two one-sided t tests against margins fixed beforehand (\(margins.joined(separator: "; "))).")
        }
        return sentences
    }

    /// `a, b and c` with a capital.
    private func list(_ names: [String]) -> String {
        let text = names.count < 2 ? names.first ?? "" : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
