// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// The numbers of a series as they are stored, and what they mean, for a copy that loses none.
///
/// NWB has a factor per channel but one offset for all. Where channels have different offsets (Multi Channel Systems' ADZero), each is a whole number of
/// counts, and is taken off the stored numbers: whole numbers stay whole numbers.
struct RawRows {
    let element: HDF5ElementType
    /// Volts of one count of the first channel.
    let conversion: Double
    /// Volts.
    let offset: Double
    /// Factors of the channels upon `conversion`; nil where all are 1.
    let channelConversion: [Double]?
    private let signal: DatasetSignal
    private let stored: HDF5ElementType
    /// Counts added to each channel; nil where numbers stay as they are.
    private let shifts: [Int64]?

    /// - Throws: `FerroError` (input) for a scale that NWB cannot say.
    init(_ signal: DatasetSignal) throws {
        self.signal = signal
        let (gains, offsets) = (signal.scale.gains, signal.scale.offsets)
        let place = "\(signal.description.path)"
        guard let first = gains.first, let firstOffset = offsets.first else { throw FerroError.internalError("a series without channels", at: place) }
        stored = try RawRows.storedElement(of: signal)
        conversion = first * 1e-6
        channelConversion = gains.allSatisfy { $0 == first } ? nil : gains.map { $0 / first }
        guard offsets.contains(where: { $0 != firstOffset }) else {
            (offset, shifts, element) = (firstOffset * 1e-6, nil, stored)
            return
        }
        let counts = zip(gains, offsets).map { $1 / $0 }
        guard !stored.isFloat, stored.size <= 4, counts.allSatisfy({ abs($0) < 1e9 && abs($0 - $0.rounded()) < 1e-6 * max(1, abs($0)) }) else {
            throw FerroError.input(
                "the channels have different offsets that are no whole numbers of counts", at: place, expected: "one offset for all, which is what NWB has",
                advice: "write the signal with `write-signal` instead")
        }
        let whole = counts.map { Int64($0.rounded()) }
        (offset, shifts, element) = (0, whole, RawRows.fitting(stored, shifts: whole))
    }

    /// Some frames as bytes, all channels of each.
    func bytes(_ frames: SampleRange) throws -> [UInt8] {
        let columns = Array(signal.scale.gains.indices)
        var failure: (any Error)?
        let bytes = [UInt8](unsafeUninitializedCapacity: frames.count * columns.count * element.size) { buffer, count in
            guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            do {
                try signal.frames.visit(frames, columns: columns) { rows, part, held in
                    guard rows.element == stored else { throw FerroError.internalError("numbers of another type", at: signal.description.path) }
                    let target = start + (part.lowerBound - frames.lowerBound) * columns.count * element.size
                    copy(rows, ColumnRun.runs(of: columns, in: held), to: target, columns: columns.count)
                }
                count = frames.count * columns.count * element.size
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    private func copy(_ rows: StoredRows, _ runs: [ColumnRun], to target: UnsafeMutableRawPointer, columns: Int) {
        let size = stored.size
        for row in 0..<rows.count {
            for run in runs {
                let source = rows.start + (row * rows.stride + run.source) * size
                if let shifts {
                    for index in 0..<run.count {
                        let channel = run.channel + index
                        write(RawRows.integer(source + index * size, stored) + shifts[channel], to: target + (row * columns + channel) * element.size)
                    }
                } else {
                    (target + (row * columns + run.channel) * size).copyMemory(from: source, byteCount: run.count * size)
                }
            }
        }
    }

    private func write(_ value: Int64, to target: UnsafeMutableRawPointer) {
        switch element {
        case .int16: target.storeBytes(of: Int16(truncatingIfNeeded: value), as: Int16.self)
        case .int32: target.storeBytes(of: Int32(truncatingIfNeeded: value), as: Int32.self)
        default: target.storeBytes(of: value, as: Int64.self)
        }
    }

    private static func integer(_ source: UnsafeRawPointer, _ element: HDF5ElementType) -> Int64 {
        switch element {
        case .int8: Int64(source.loadUnaligned(as: Int8.self))
        case .uint8: Int64(source.loadUnaligned(as: UInt8.self))
        case .int16: Int64(source.loadUnaligned(as: Int16.self))
        case .uint16: Int64(source.loadUnaligned(as: UInt16.self))
        case .int32: Int64(source.loadUnaligned(as: Int32.self))
        default: Int64(source.loadUnaligned(as: UInt32.self))
        }
    }

    /// The type of the rows that the signal hands out.
    private static func storedElement(of signal: DatasetSignal) throws -> HDF5ElementType {
        var element = HDF5ElementType.float64
        try signal.frames.visit(0..<1, columns: [0]) { rows, _, _ in element = rows.element }
        return element
    }

    /// The smallest type that holds every number of `stored` after any of the shifts.
    private static func fitting(_ stored: HDF5ElementType, shifts: [Int64]) -> HDF5ElementType {
        let bits = stored.size * 8
        let smallest = (stored.isSigned ? -(Int64(1) << (bits - 1)) : 0) + (shifts.min() ?? 0)
        let largest = (stored.isSigned ? Int64(1) << (bits - 1) : Int64(1) << bits) - 1 + (shifts.max() ?? 0)
        if smallest >= Int64(Int16.min), largest <= Int64(Int16.max) { return .int16 }
        return smallest >= Int64(Int32.min) && largest <= Int64(Int32.max) ? .int32 : .int64
    }
}
