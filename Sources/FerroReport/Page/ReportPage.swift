// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import FerroStatistics
import FerroStudy

/// What the page template shows, section by section; property names are the template's names.
struct ReportPage {
    let style = ReportStyle.css
    let version = ferrospikeVersion
    let header: HeaderSection
    let failures: FailureSection?
    let verdicts: VerdictSection
    let limits: LimitsSection
    let outcomes: OutcomeSection
    let explore: ExploreSection?
    /// Why there is no interactive figure.
    let unexplored: String?
    let distributions: DistributionSection?
    let behaviour: BehaviourSection?
    let treatedControls: TreatedControlSection?
    let doses: DoseSection?
    let covariates: CovariateSection?
    let mediation: MediationSection?
    let examples: ExampleSection?
    let trains: TrainSection?
    let spectra: SpectrumSection?
    let exclusions: ExclusionSection?
    let groups: GroupSection
    let recordings: RecordingSection?
    let methods: [String]
    let references: [String]
    let provenance: ProvenanceSection

    init(_ results: StudyResults, evidence: RecordingEvidence, charts: Result<ChartLibrary, FerroError>) {
        var study = StudyWords(results.definition)
        let names = Set((results.groups + results.behaviourGroups).flatMap { $0.points.map(\.name) }).sorted()
        study.unitNumbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        header = HeaderSection(results, study)
        failures = FailureSection(results, study)
        verdicts = VerdictSection(results, study)
        limits = LimitsSection(results, study)
        outcomes = OutcomeSection(results, study)
        if case .failure(let error) = charts { unexplored = "Interactive figure \(ChartLibrary.absence(error))." } else { unexplored = nil }
        explore = (try? charts.get()).flatMap { ExploreSection(results, study, $0) }
        distributions = DistributionSection(results, study)
        behaviour = BehaviourSection(results, study)
        treatedControls = TreatedControlSection(results, study)
        doses = DoseSection(results, study)
        covariates = CovariateSection(results, study)
        mediation = MediationSection(results, study)

        let choice = ExampleChoice(results: results, study: study)
        let chosen = choice.examples
        var shown: [String: Result<RecordingResult, FerroError>] = [:]
        var spectra = GroupSpectra(study: study)
        var trains = GroupTrains(study: study)
        var notes: [String] = []
        var methods = MethodsText(study: study)
        // One recording at a time; only what is shown stays in memory.
        for state in results.recordings where state.status == .done {
            let result = evidence.result(of: state)
            if chosen.contains(where: { $0.state.recording.folderName == state.recording.folderName }) { shown[state.recording.folderName] = result }
            switch result {
            case .success(let result):
                spectra.take(result, of: state.recording)
                trains.take(result, of: state.recording)
                if methods.unitsDescription == nil {
                    methods.unitsDescription = result.unitsDescription
                    methods.burstsDescription = result.burstsDescription
                    methods.spectraDescription = result.spectra.first.map(ReportPage.description)
                }
            case .failure(let error): notes.append(error.description)
            }
        }
        examples = ExampleSection(chosen, shown, study, choice)
        self.trains = TrainSection(trains, study)
        self.spectra = SpectrumSection(spectra, study)
        exclusions = ExclusionSection(results, study)
        groups = GroupSection(results, study)
        let manifests = results.recordings.map { $0.status == .done ? evidence.manifest(of: $0) : nil }
        for case .failure(let error)? in manifests { notes.append(error.description) }
        let read = manifests.map { try? $0?.get() }
        recordings = RecordingSection(results, read, study, notes: notes)
        methods.pipeline = results.recordings.first { $0.status == .done }.flatMap(evidence.pipeline).flatMap { try? Pipeline.parse($0) }
        self.methods = methods.paragraphs
        references = methods.references
        provenance = ProvenanceSection(results, read, evidence, study, charts: charts)
    }

    private static func description(of spectrum: SpectrumResult) -> String {
        let steps = spectrum.frequencies.count > 1 ? ", frequencies \(shortest(spectrum.frequencies[1] - spectrum.frequencies[0])) Hz apart" : ""
        return "\(SpectrumSection.name(of: spectrum.method))\(steps), \(Numbers.counted(spectrum.windows, "window", "windows")) averaged in the first recording"
    }
}
