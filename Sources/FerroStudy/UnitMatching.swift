// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// By what a unit of one epoch is known again in the file of another.
package enum UnitMatching: String, Sendable, CaseIterable {
    /// By its name, which a sorter or the electrode gave it.
    case name
    /// By the place of its electrode: for files whose units are only numbered, and numbered anew in each.
    case position
}

/// Where the units of a finished recording lie, for designs that match units over files.
struct UnitPlaces {
    /// Place by name of the unit; a unit whose electrode has no position is not in it.
    private(set) var ofUnit: [String: String] = [:]
    /// Place by name of the electrode.
    private(set) var ofElectrode: [String: String] = [:]

    /// - Parameter path: a `result.nwb`.
    /// - Throws: `FerroError` (input) where it cannot be read.
    init(result path: String) throws {
        let result = try readRecordingResult(path)
        for electrode in result.electrodes { ofElectrode[electrode.id] = electrode.position.map(UnitPlaces.name) }
        for unit in result.units {
            guard let index = unit.train.electrode, result.electrodes.indices.contains(index) else { continue }
            ofUnit[unit.train.id] = result.electrodes[index].position.map(UnitPlaces.name)
        }
    }

    /// `x400_y600` in micrometres; the depth only where it is not 0.
    private static func name(_ position: SIMD3<Double>) -> String {
        "x\(shortest(position.x))_y\(shortest(position.y))" + (position.z == 0 ? "" : "_z\(shortest(position.z))")
    }

    /// The place as the name of a unit.
    ///
    /// - Throws: `FerroError` (input) for a unit without a place.
    func name(of unit: String, in places: [String: String], at path: String) throws -> String {
        guard let place = places[unit] else {
            throw FerroError.input(
                "`\(unit)` has no position, and the study matches units by position", at: path, advice: "leave `match-units` out to match them by name")
        }
        return place
    }
}

/// Units that are matched by name over the files of a preparation must lie where they lay before.
struct UnitConstancy {
    private var seen: [[String]: (place: String, folder: String)] = [:]

    /// - Throws: `FerroError` (input) for a unit that lies elsewhere than in another epoch.
    mutating func admit(_ gathered: GatheredRecording, in folder: StudyFolder) throws {
        guard let places = gathered.places?.ofUnit else { return }
        let name = gathered.recording.folderName
        for unit in gathered.units {
            guard let place = places[unit.name] else { continue }
            let key = [gathered.recording.name, unit.name]
            let first = seen[key] ?? (place, name)
            seen[key] = first
            guard first.place == place else {
                throw FerroError.input(
                    "the unit `\(unit.name)` lies at \(first.place) in `\(first.folder)` and at \(place) in `\(name)`, so it is not the same unit",
                    at: folder.path, expected: "units with one name and one place in all epochs of a recording",
                    advice: "write `match-units: position` in the study to know units by the place of their electrode")
            }
        }
    }
}
