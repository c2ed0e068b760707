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
        [recording, values, contrasts, mixedModel, rescue, distribution, covariates, beside].filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
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
        if let exclusions = definition.exclusions {
            sentences.append(
                "Units were analysed only where \(exclusions.texts.joined(separator: " and ")), decided without looking at their \(study.conditionWord).")
        }
        if definition.unitMatching == .position {
            sentences.append("Units were matched over epochs by the position of their electrode; one without its like in another epoch was left out.")
        }
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
                : "Contrasts are differences of group means, with 95 % intervals and two-sided tests of Welch's t (Welch 1947)."
        ]
        sentences.append(
            "Permutation tests \(study.isWithin ? "change the signs of the differences" : "relabel the \(study.unit)s of the two groups compared"): all relabellings where there are at most 200\u{202F}000, else "
                + "\(Numbers.count(settings.permutations)) random ones (seed \(settings.seed)); the smallest p that the design can give is printed beside each (Phipson & Smyth 2010)."
        )
        switch settings.multiplicity {
        case .none: sentences.append("Permutation p-values were not adjusted for multiplicity.")
        case .holm, .bh:
            sentences.append(
                "Permutation p-values were adjusted after \(study.multiplicity) (\(definition.settings.multiplicity == .holm ? "1979" : "1995")), primary outcomes and the others apart, over outcomes for the perturbation and over outcomes and treatments together for the treatments."
            )
        }
        sentences.append(
            "Estimation plots show every contrast beside the distribution of \(Numbers.count(settings.bootstrap)) draws of a nested bootstrap (\(study.resampled); seed \(settings.seed)), which decides nothing (Davison & Hinkley 1997; Ho et al. 2019)."
        )
        return sentences
    }

    private var mixedModel: [String] {
        guard definition.design != .sessions else { return [] }
        let rows = definition.unitOfAnalysis == .cage ? "the means of the subjects, a random intercept for every cage" : "a random intercept for every subject"
        let model =
            study.isWithin
            ? "the differences of units between two epochs, with \(rows)" : "all groups of an outcome together, with \(rows)"
        return [
            "Beside them stands a mixed model of \(model), fitted by restricted maximum likelihood (Patterson & Thompson 1971); degrees of freedom are Satterthwaite's (Fai & Cornelius 1996; Kuznetsova et al. 2017), at most the number of \(study.unit)s minus that of fixed effects.",
            "The intraclass correlation is the share of the variance between \(study.unit)s, the design effect the factor by which clustering inflates the variance of a mean (Kish 1965).",
        ]
    }

    private var distribution: [String] {
        [
            "Distributions of units were compared by the share of them inside the central 95 % of control, and by Wasserstein's distance of order 1 with the \(study.unit)s, never the units, permuted (all permutations where there are at most \(Numbers.count(min(definition.settings.permutations, 10_000))), else as many random ones); every \(study.unit) weighs the same."
        ]
    }

    private var covariates: [String] {
        guard !definition.covariates.isEmpty else { return [] }
        return [
            "Covariates (\(definition.covariates.map(\.label).joined(separator: ", "))) were set beside the outcomes by Spearman's rank correlation of \(study.unit)s, over all of them, within each group, and pooled within groups (ranks taken and permuted inside each group), with two-sided permutation p-values that are not adjusted."
        ]
    }

    /// What a study has beside the contrasts of every study.
    private var beside: [String] {
        var sentences: [String] = []
        let behaviours = definition.covariates.filter { $0.behaviour != nil }
        if !behaviours.isEmpty {
            sentences.append("Behaviours (\(behaviours.map(\.label).joined(separator: ", "))) were judged by the same rule, as a family of their own.")
        }
        if study.conditions.contains(where: { $0.role == .treatedControl }) {
            sentences.append(
                "Treated controls give the effect of a treatment without the perturbation; the difference of the treatment's two effects is a contrast of four group means with Welch's t and Satterthwaite's degrees of freedom (Satterthwaite 1946)."
            )
        }
        if !DoseSeries.series(of: study.conditions).isEmpty {
            sentences.append(
                "A trend over doses is the linear contrast of group means over the order of doses, with Satterthwaite's degrees of freedom (Satterthwaite 1946) and a permutation test that relabels the \(study.unit)s of all its groups."
            )
        }
        if !definition.mediation.isEmpty {
            sentences.append(
                "Mediation is a product of coefficients of least squares (Baron & Kenny 1986) over all \(study.unit)s and within groups (means of groups taken away), with a percentile interval of \(Numbers.count(definition.settings.bootstrap)) bootstrap draws of \(study.unit)s."
            )
        }
        return sentences
    }

    private var rescue: [String] {
        guard study.conditions.contains(where: { $0.role == .treated }) else { return [] }
        var sentences = [
            "The rescue index is (perturbed − treated)/(perturbed − control) on the analysis scale: 0 is no rescue, 1 full rescue.",
            "Its 95 % interval is Fieller's set\(study.isWithin ? "" : ", with degrees of freedom that belong to each limit"); where the interval of perturbed − control includes no difference, the index is undefined and not printed (Fieller 1954\(study.isWithin ? "" : "; Hasler et al. 2008")).",
            "The draws of the nested bootstrap give a second, percentile interval as a check.",
        ]
        let margins = definition.outcomes.compactMap { outcome in
            outcome.margin.map { "\(study.outcome(outcome).inSentence): \(study.outcome(outcome).margin($0))" }
        }
        if margins.isEmpty {
            sentences.append("No equivalence margin was fixed, so equivalence to control could not be shown.")
        } else {
            sentences.append(
                "Equivalence to control was tested by two one-sided t tests (Schuirmann 1987) against margins fixed beforehand (\(margins.joined(separator: "; ")))."
            )
        }
        return sentences
    }

    /// The works that the paragraphs cite, in the order of the alphabet.
    var references: [String] {
        let text = paragraphs.joined(separator: " ")
        return Self.works.filter { text.contains($0.cited) }.map(\.reference)
    }

    private static let works: [(cited: String, reference: String)] = [
        (
            "Baron & Kenny 1986",
            "Baron RM, Kenny DA (1986). The moderator–mediator variable distinction in social psychological research: conceptual, strategic, and statistical considerations. Journal of Personality and Social Psychology 51:1173–1182."
        ),
        (
            "Benjamini-Hochberg (1995)",
            "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57:289–300."
        ),
        ("Davison & Hinkley 1997", "Davison AC, Hinkley DV (1997). Bootstrap Methods and their Application. Cambridge University Press."),
        (
            "Fai & Cornelius 1996",
            "Fai AH-T, Cornelius PL (1996). Approximate F-tests of multiple degree of freedom hypotheses in generalized least squares analyses of unbalanced split-plot experiments. Journal of Statistical Computation and Simulation 54:363–378."
        ),
        ("Fieller 1954", "Fieller EC (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B 16:175–185."),
        (
            "Hasler et al. 2008",
            "Hasler M, Vonk R, Hothorn LA (2008). Assessing non-inferiority of a new treatment in a three-arm trial in the presence of heteroscedasticity. Statistics in Medicine 27:490–503."
        ),
        (
            "Ho et al. 2019",
            "Ho J, Tumkaya T, Aryal S, Choi H, Claridge-Chang A (2019). Moving beyond P values: data analysis with estimation graphics. Nature Methods 16:565–566. doi:10.1038/s41592-019-0470-3."
        ),
        ("Holm (1979)", "Holm S (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6:65–70."),
        ("Kish 1965", "Kish L (1965). Survey Sampling. Wiley."),
        (
            "Kuznetsova et al. 2017",
            "Kuznetsova A, Brockhoff PB, Christensen RHB (2017). lmerTest package: tests in linear mixed effects models. Journal of Statistical Software 82(13)."
        ),
        (
            "Patterson & Thompson 1971",
            "Patterson HD, Thompson R (1971). Recovery of inter-block information when block sizes are unequal. Biometrika 58:545–554."
        ),
        (
            "Phipson & Smyth 2010",
            "Phipson B, Smyth GK (2010). Permutation p-values should never be zero: calculating exact p-values when permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology 9:39."
        ),
        (
            "Satterthwaite 1946",
            "Satterthwaite FE (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin 2:110–114."
        ),
        (
            "Schuirmann 1987",
            "Schuirmann DJ (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15:657–680."
        ),
        (
            "Welch 1947",
            "Welch BL (1947). The generalization of ‘Student's’ problem when several different population variances are involved. Biometrika 34:28–35."
        ),
    ]

    /// `a, b and c` with a capital.
    private func list(_ names: [String]) -> String {
        let text = names.count < 2 ? names.first ?? "" : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
