// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Events of a Multi Channel Systems file: time and duration in microseconds, an entity a kind of event.
enum MCSEvents {
    static func all(in file: HDF5File) throws -> [IntervalTable] {
        var tables: [IntervalTable] = []
        for recording in try MCSRecording.numbered("Recording_", in: file.group("/Data")) where recording.exists("EventStream") {
            for stream in try MCSRecording.numbered("Stream_", in: recording.group("EventStream")) where stream.exists("InfoEvent") {
                let info = try stream.dataset("InfoEvent")
                let ids = try info.readColumn("EventID", as: Int64.self)
                let labels = try info.readTextColumn("Label")
                for (id, label) in zip(ids, labels) where stream.exists("EventEntity_\(id)") {
                    let dataset = try stream.dataset("EventEntity_\(id)")
                    let shape = try dataset.shape
                    guard shape.count == 2, shape[0] == 2 else {
                        throw FerroError.input("the events have the shape \(shape)", at: dataset.place, expected: "a row of times and a row of durations")
                    }
                    let values = try dataset.read(Int64.self)
                    let home = stream.path.split(separator: "/").suffix(3).filter { $0 != "EventStream" }.joined(separator: "/")
                    tables.append(
                        IntervalTable(
                            name: "\(home)/\(label.isEmpty ? "\(id)" : label)",
                            intervals: try (0..<shape[1]).map { event in
                                let (time, duration) = (values[event], values[shape[1] + event])
                                guard duration >= 0 else {
                                    throw FerroError.input("event \(event) lasts \(duration) us", at: dataset.place, expected: "a duration")
                                }
                                return TimeInterval(start: Double(time) / 1e6, stop: (Double(time) + Double(duration)) / 1e6)
                            }))
                }
            }
        }
        return tables
    }
}
