// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroStatistics
import Foundation

/// A study whose effects are known: groups of simulated animals, a perturbation, and treatments that undo a known part of it.
///
/// ln(rate of an animal) = ln(rate of the template) + effect of its group + N(0, subject spread) + N(0, cage spread).
/// The effect is 0 in the control group, ln(factor) in the perturbed one and (1 - restores)·ln(factor) in a treated one.
package struct CohortSpec: Sendable, Equatable {
    package struct Group: Sendable, Equatable {
        package var condition: Condition
        package var subjects: Int
        /// Part of the perturbation that the treatment undoes on the log scale: 0 none, 1 all, above 1 more than that.
        package var restores: Double
        package var subjectsPerCage: Int

        package init(_ condition: Condition, subjects: Int, restores: Double = 0, subjectsPerCage: Int = 1) {
            self.condition = condition
            self.subjects = subjects
            self.restores = restores
            self.subjectsPerCage = subjectsPerCage
        }
    }

    /// Factors by which the perturbation changes an animal.
    package struct Perturbation: Sendable, Equatable {
        /// Of every neuron's rate.
        package var rate = 1.0
        /// Of the fraction of events that are bursts.
        package var bursting = 1.0
        /// Of the amplitude of the theta rhythm.
        package var theta = 1.0

        package init(rate: Double = 1, bursting: Double = 1, theta: Double = 1) {
            self.rate = rate
            self.bursting = bursting
            self.theta = theta
        }
    }

    package var title: String
    package var seed: UInt64
    /// Path of the pipeline that the study runs.
    package var pipeline: String
    /// In the order of the file; one is control, one perturbed.
    package var groups: [Group]
    package var perturbation: Perturbation
    /// Standard deviations of the log rate between animals and between cages.
    package var subjectSpread: Double
    package var cageSpread: Double
    /// Equivalence margin of the firing rate in natural log units, for the study file.
    package var equivalence: Double
    package var statistics: StatisticsSettings
    /// An animal without any effect; its seed and subject are not used.
    package var recording: RecordingSpec

    package init(
        title: String, seed: UInt64, pipeline: String, groups: [Group], perturbation: Perturbation, subjectSpread: Double = 0.1,
        cageSpread: Double = 0, equivalence: Double = 0.3, statistics: StatisticsSettings = StatisticsSettings(), recording: RecordingSpec
    ) {
        self.title = title
        self.seed = seed
        self.pipeline = pipeline
        self.groups = groups
        self.perturbation = perturbation
        self.subjectSpread = subjectSpread
        self.cageSpread = cageSpread
        self.equivalence = equivalence
        self.statistics = statistics
        self.recording = recording
    }
}

/// One simulated animal.
package struct CohortSubject: Sendable {
    /// Name of the animal and of its recording, such as `isolated-03`.
    package var name: String
    package var cage: String
    package var group: String
    /// Factor of its firing rate over that of the template.
    package var rateFactor: Double
    package var recording: RecordingSpec
}

extension CohortSpec {
    /// Share of the perturbation, on the log scale, that a group shows.
    func remaining(_ group: Group) -> Double {
        switch group.condition.role {
        case .perturbed: 1
        case .treated: 1 - group.restores
        case .control, .treatedControl, .other: 0
        }
    }

    /// The template as the animals of a group have it on average.
    package func typical(_ group: Group) -> RecordingSpec {
        let share = remaining(group)
        return recording.scaled(
            rate: pow(perturbation.rate, share), bursting: pow(perturbation.bursting, share), theta: pow(perturbation.theta, share))
    }

    /// Every animal, group after group. What an animal is depends on the seed, its group's place and its number in the group, not on how
    /// many there are.
    package var subjects: [CohortSubject] {
        groups.enumerated().flatMap { place, group in
            (0..<group.subjects).map { subject($0, of: group, at: place) }
        }
    }

    private func subject(_ number: Int, of group: Group, at place: Int) -> CohortSubject {
        func generator(_ purpose: DrawPurpose, _ index: Int) -> SeededGenerator {
            SeededGenerator(seed: seed, purpose, segment: place, index: index)
        }
        let cage = number / group.subjectsPerCage
        var animal = generator(.subject, number)
        var home = generator(.cage, cage)
        let factor = exp(subjectSpread * animal.normal() + cageSpread * home.normal())
        var recording = typical(group).scaled(rate: factor, bursting: 1, theta: 1)
        var seeds = generator(.cohortRecording, number)
        // Seeds are written to files as decimal numbers that every reader can hold.
        recording.seed = seeds.next() >> 11
        let name = "\(group.condition.name)-\(twoDigits(number + 1))"
        recording.subject = name
        return CohortSubject(
            name: name, cage: "\(group.condition.name)-cage-\(twoDigits(cage + 1))", group: group.condition.name,
            rateFactor: pow(perturbation.rate, remaining(group)) * factor, recording: recording)
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// - Throws: `FerroError` (usage) for a group whose rates, bursts or rhythm cannot be simulated.
    package func check() throws {
        for group in groups {
            do { try typical(group).checkPhysiology() } catch let error as FerroError {
                var placed = error
                placed.what = "the group `\(group.condition.name)` cannot be simulated: \(error.what)"
                placed.place = nil
                throw placed
            }
        }
    }
}

extension RecordingSpec {
    func scaled(rate: Double, bursting: Double, theta: Double) -> RecordingSpec {
        var spec = self
        for index in spec.neurons.indices {
            spec.neurons[index].rate = Hertz(spec.neurons[index].rate.value * rate)
            spec.neurons[index].bursting?.fraction *= bursting
        }
        if let rhythm = spec.background.theta { spec.background.theta?.amplitude = Microvolts(rhythm.amplitude.value * theta) }
        return spec
    }

    func checkPhysiology() throws {
        try background.check(rate: rate)
        for neuron in neurons { _ = try SpikeTrainModel(neuron, firing: neuron.rate.value, rate: rate) }
    }
}
