// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Walks through groups and gathers the voltage series, readable or refused, in order of their paths.
///
/// Every group is visited once, by whatever path it is reached first, so that links that lead back end the walk.
struct NWBSeriesFinder {
    let declared: RecordingDeclarations
    private(set) var found: [NWBSeries] = []
    private(set) var refused: [(String, FerroError)] = []
    private var tables: [String: NWBElectrodeTable] = [:]
    private var visited: Set<HDF5Identity> = []
    private var softLinks: [(path: String, container: String)] = []
    private static let deepest = 32
    private static let mostGroups = 100_000

    init(declared: RecordingDeclarations) { self.declared = declared }

    mutating func search(_ group: HDF5Group, within container: String = "", depth: Int = 0) throws {
        guard visited.insert(try group.identity).inserted else { return }
        guard depth <= NWBSeriesFinder.deepest, visited.count <= NWBSeriesFinder.mostGroups else {
            return refuse(group, "the groups lie more than \(NWBSeriesFinder.deepest) deep in one another, or are too many", expected: "the layout of NWB")
        }
        for link in try group.links() {
            let path = group.absolute(link.name)
            switch link.kind {
            case .dataset, .namedType: continue
            // What a soft link points to is found where it lies; links out of the places searched are followed at the end.
            case .soft: softLinks.append((path, container))
            case .external where !group.file.reaches(path): continue
            case .group, .external: try open(path, in: group.file, within: container, depth: depth)
            }
        }
    }

    /// Looks at what soft links point to that was not found where it lies.
    mutating func followLinks(in file: HDF5File) throws {
        while let (path, container) = softLinks.popLast() {
            guard file.reaches(path) else { continue }
            if (try? file.dataset(path)) != nil { continue }
            try open(path, in: file, within: container, depth: 0)
        }
        found.sort { $0.description.path < $1.description.path }
    }

    private mutating func open(_ path: String, in file: HDF5File, within container: String, depth: Int) throws {
        do {
            let child = try file.group(path)
            guard !visited.contains(try child.identity) else { return }
            try classify(child, within: container, depth: depth)
        } catch let error as FerroError where error.kind == .input { refused.append((path, error)) }
    }

    private mutating func classify(_ child: HDF5Group, within container: String, depth: Int) throws {
        let type = try child.stringAttribute("neurodata_type") ?? ""
        switch type {
        case "ElectricalSeries": try consider(child, container == "LFP" ? .lfp : .electrical)
        case "CurrentClampSeries", "IZeroClampSeries": try consider(child, .currentClamp)
        case "VoltageClampSeries": refuse(child, "the series is a current in amperes, recorded in voltage clamp", expected: "a voltage")
        case "SpikeEventSeries": refuse(child, "the series holds snippets around spikes", expected: "a continuous voltage")
        case "TimeSeries" where holdsVolts(child): try consider(child, .other)
        default: return try search(child, within: type, depth: depth + 1)
        }
        visited.insert(try child.identity)
    }

    private func holdsVolts(_ group: HDF5Group) -> Bool {
        guard group.exists("data"), let unit = try? group.dataset("data").stringAttribute("unit") else { return false }
        return NWBScale.microvolts(in: unit) != nil
    }

    private mutating func consider(_ group: HDF5Group, _ kind: SeriesKind) throws {
        do {
            found.append(try NWBSeries(group, kind: kind, tables: &tables, declared: declared))
        } catch let error as FerroError where error.kind == .input { refused.append((group.path, error)) }
    }

    private mutating func refuse(_ group: HDF5Group, _ what: String, expected: String) {
        refused.append((group.path, .input(what, at: group.place, expected: expected)))
    }
}
