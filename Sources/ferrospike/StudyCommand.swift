// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline
import FerroReport
import FerroStudy

/// `ferrospike study`: from a table of recordings to the verdict.
struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study", abstract: "Every recording of a study, its statistics and its verdict.",
        discussion:
            "`run` does everything; `plan`, `gather` and `report` are its steps, `stats` computes from a table alone, and `power` says what could be found.",
        subcommands: [Run.self, Plan.self, Gather.self, Report.self, Stats.self, Power.self])

    /// What every step takes.
    struct Place: ParsableArguments {
        @Argument(help: ArgumentHelp("The study file.", valueName: "STUDY.yaml")) var study: String
        @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Folder for the results.", valueName: "OUT")) var output: String
        @Flag(help: "Print JSON instead of text.") var json = false

        var folder: StudyFolder { StudyFolder(output) }

        /// Statistics in a few lines, and where the rest stands.
        func show(_ results: StudyResults, files: [String]) throws {
            if json {
                Output.line(try StudySummary.json(results, files: files))
                return
            }
            if !results.recordings.isEmpty { Output.line(StudySummary.counts(results.recordings.map(\.status.rawValue))) }
            if let flow = results.exclusions { Output.line(StudyExclusions.sentence(flow)) }
            Output.write(StudySummary.verdicts(results.normalization))
            for warning in StudySummary.warnings(results) { Output.note("warning: \(warning)") }
            for file in files { Output.line(file) }
        }
    }

    /// What steps take that go back to the recordings.
    struct Table: ParsableArguments {
        @Option(help: ArgumentHelp("Table of recordings in place of the one that the study names.", valueName: "recordings.csv")) var recordings: String?
        @Option(help: ArgumentHelp("Folder that the files in the table are taken from, in place of the table's own.", valueName: "FOLDER"))
        var files: String?

        func open(_ place: Place, checkFiles: Bool) throws -> StudyRun {
            var definition = try StudyDefinition.load(place.study)
            if let recordings { definition.recordings = recordings }
            if let files { definition.files = files }
            return try StudyRun(definition, into: place.folder.path, checkFiles: checkFiles)
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Processes every recording, then gathers, computes the statistics and writes the report.",
            discussion: "Exits with 4 where some recordings failed and the rest are done; run again with --resume to keep what is finished.")

        @OptionGroup var place: Place
        @OptionGroup var table: Table
        @OptionGroup var runOptions: RunOptionGroup
        @Option(
            help: ArgumentHelp("Process just this recording and gather nothing; may stand several times. `study plan` lists the names.", valueName: "NAME"))
        var only: [String] = []

        func run() async throws {
            let study = try table.open(place, checkFiles: only.isEmpty)
            let line = ProgressLine()
            var warnings = RecordingWarnings()
            let reports = try await study.process(try runOptions.options(progress: line.reporter), only: only) { report in
                line.clear()
                switch report.result {
                case .success(let outcome):
                    guard !place.json else { return }
                    Output.line(RunSummary.text(outcome, directory: report.directory))
                    warnings.tell(outcome.manifest)
                case .failure(let error): Output.note("ferrospike: \(report.recording.folderName): \(error)")
                }
            }
            warnings.conclude()
            let failure = StudyRun.failure(reports)
            if !only.isEmpty {
                if place.json { Output.line(try StudySummary.json(reports)) }
            } else if failure == nil || failure?.kind == .partial {
                let results = try study.gather()
                try StudyReport.write(results, to: place.folder.report)
                try place.show(results, files: [place.folder.normalization, place.folder.report])
            }
            if let failure { throw failure }
        }
    }

    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan", abstract: "Says which recordings are done, which are to run and which have changed, and makes the catalog.")

        @OptionGroup var place: Place
        @OptionGroup var table: Table

        func run() throws {
            let planned = try table.open(place, checkFiles: true).plan()
            if place.json {
                Output.line(try StudySummary.json(planned))
            } else {
                Output.write(StudySummary.columns(planned.map { [$0.recording.folderName, $0.standing.rawValue, $0.message ?? ""] }))
                Output.line(StudySummary.counts(planned.map(\.standing.rawValue)))
            }
        }
    }

    struct Gather: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gather", abstract: "Writes outcomes.csv from the recordings that are done, and the statistics.")

        @OptionGroup var place: Place
        @OptionGroup var table: Table

        func run() throws {
            let results = try table.open(place, checkFiles: false).gather()
            try place.show(results, files: [place.folder.outcomes, place.folder.normalization])
        }
    }

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "report", abstract: "Writes report.html from what was gathered.")

        @OptionGroup var place: Place
        @OptionGroup var table: Table

        func run() throws {
            let results = try table.open(place, checkFiles: false).results()
            try StudyReport.write(results, to: place.folder.report)
            try place.show(results, files: [place.folder.report])
        }
    }

    struct Stats: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stats", abstract: "Computes the statistics and the report from a table of outcomes, whoever made it.",
            discussion: """
                Writes groups.csv, normalization.csv, distribution.csv and report.html, and of what the study declares also exclusions.csv, \
                covariates.csv, behaviour.csv, mediation.csv, trend.csv (doses) and interaction.csv (treated controls). Covariates are read from \
                the table of recordings that the study names.
                """)

        @OptionGroup var place: Place
        @Option(help: ArgumentHelp("Table of outcomes: recording, subject, cage, group, unit, outcome, value, exposure_s.", valueName: "outcomes.csv"))
        var table: String

        func run() throws {
            let results = try StudyStatistics.run(StudyDefinition.load(place.study), table: table, into: place.folder.path)
            try StudyReport.write(results, to: place.folder.report)
            try place.show(results, files: [place.folder.groups, place.folder.normalization, place.folder.report])
        }
    }
    struct Power: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "power", abstract: "Says which perturbation and which rescue a study of this design could detect.",
            discussion: """
                Studies are simulated with as many subjects and cells as the table has and with its variances between and within subjects. The smallest \
                perturbation whose 95 % interval leaves out 0 with the power asked for, the smallest rescue shown beside it, and how often a full \
                rescue would be called normalized.
                """)

        @Argument(help: ArgumentHelp("The study file.", valueName: "STUDY.yaml")) var study: String
        @Option(help: ArgumentHelp("Table of outcomes; without one, that of the results folder.", valueName: "outcomes.csv")) var table: String?
        @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Results folder, which gets power.csv.", valueName: "OUT")) var output: String?
        @Option(help: "Share of studies that shall find the effect, between 0 and 1.") var power = 0.8
        @Option(
            name: .customLong("n"),
            help: ArgumentHelp("Subjects (or cages) in every group, for the next study; without it, as many as the table has.", valueName: "N"))
        var number: Int?
        @Option(help: "Studies to simulate for each row.") var simulations = 4000
        @Flag(help: "Print JSON instead of text.") var json = false

        func validate() throws {
            guard power > 0, power < 1 else { throw ValidationError("--power is \(power); it lies between 0 and 1") }
            guard 2...10_000 ~= number ?? 2 else { throw ValidationError("--n is \(number ?? 0); expected 2 to 10000") }
            guard 100...1_000_000 ~= simulations else { throw ValidationError("--simulations is \(simulations); expected 100 to 1000000") }
            guard table != nil || output != nil else {
                throw ValidationError("there is no table; write --table outcomes.csv, or -o with the folder of a gathered study")
            }
        }

        func run() throws {
            let folder = output.map { StudyFolder($0) }
            guard let table = table ?? folder?.outcomes else { return }
            let rows = try StudyPower.rows(StudyDefinition.load(study), table: table, studies: simulations, power: power, number: number)
            if json { Output.line(try StudyPower.json(rows)) } else { Output.write(StudyPower.text(rows)) }
            guard let folder else { return }
            try StudyPower.table(rows).write(to: folder.power)
            if !json { Output.line(folder.power) }
        }
    }
}
