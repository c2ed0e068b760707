// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroHDF5

/// The samples of a dataset of frames by columns, scaled to microvolts.
package struct DatasetSignal: SignalSource {
    package let description: SeriesDescription
    private(set) var frames: any StoredFrames
    let scale: MicrovoltScale
    private let checksSamples: Bool
    private let place: String

    /// Chooses how the dataset is read: `pread` where it is one stretch of the file, raw chunks where they are only shuffled and
    /// deflated, the HDF5 library for everything else.
    init(_ dataset: HDF5Dataset, description: SeriesDescription, scale: MicrovoltScale) throws {
        self.description = description
        self.scale = scale
        place = dataset.place
        let columns = scale.gains.count
        let shape = try dataset.shape
        // Types that are no plain numbers of this machine are converted by the library.
        let element = dataset.type.element ?? .float64
        let isSwapped = dataset.type.byteOrder == .big
        checksSamples = DatasetSignal.mayOverflow(element, scale)
        let isPlain = dataset.type.element != nil && dataset.isInOwnFile
        if isPlain, let offset = dataset.fileOffset {
            frames = ContiguousFrames(
                file: try PositionedFile(dataset.file.path), offset: offset, element: element, isSwapped: isSwapped,
                columnCount: columns, place: place)
        } else if isPlain, let chunked = try ChunkedFrames(dataset, element: element) {
            frames = chunked
        } else {
            frames = LibraryFrames(dataset: dataset, element: element, columnCount: columns, isOneDimensional: shape.count == 1)
        }
    }

    /// Samples of another layout than frames by columns, through what hands out its rows. One electrode and one gain per column.
    init(_ frames: any StoredFrames, element: HDF5ElementType, description: SeriesDescription, scale: MicrovoltScale, place: String) {
        self.description = description
        self.frames = frames
        self.scale = scale
        self.place = place
        checksSamples = DatasetSignal.mayOverflow(element, scale)
    }

    package func shown(to witness: any ByteWitness) -> any SignalSource {
        var signal = self
        if var shown = frames as? ContiguousFrames {
            shown.witness = witness
            signal.frames = shown
        } else if var shown = frames as? ChunkedFrames {
            shown.decoder.witness = witness
            signal.frames = shown
        }
        return signal
    }

    package func readInOrder(_ stretches: [SampleRange], by workers: Int, before later: [SampleRange]) -> any SignalSource {
        guard var chunked = frames as? ChunkedFrames else { return self }
        chunked.expect(stretches, by: workers, before: later)
        var signal = self
        signal.frames = chunked
        return signal
    }

    package var unpackingBytes: Int { (frames as? ChunkedFrames)?.decoder.unpackingBytes ?? 0 }

    private static func mayOverflow(_ element: HDF5ElementType, _ scale: MicrovoltScale) -> Bool {
        let largest = element.isFloat || element.size == 8 ? Double.infinity : element == .uint32 ? 4_294_967_295 : 2_147_483_648
        return zip(scale.gains, scale.offsets).contains {
            !(abs($0.0) * largest + abs($0.1) < Double(Float.greatestFiniteMagnitude))
        }
    }

    package func read(_ range: SampleRange, columns: [Int], origin: Int) throws -> SignalBlock {
        guard range.lowerBound >= 0, range.upperBound <= description.frames,
            columns.allSatisfy({ scale.gains.indices.contains($0) })
        else {
            throw FerroError.internalError(
                "frames \(range) of columns \(columns) are not within \(description.frames) frames of \(scale.gains.count) columns", at: place)
        }
        let block = try readUnchecked(range, columns: columns, origin: origin)
        if checksSamples, !block.samples.withUnsafeBufferPointer(allFinite) { throw notFinite(block, range, columns) }
        return block
    }

    /// Samples as they are, finite or not. Requires the range and the columns to be there.
    func readUnchecked(_ range: SampleRange, columns: [Int], origin: Int) throws -> SignalBlock {
        let selected = scale.selecting(columns)
        return try SignalBlock(frames: range.shifted(by: -origin), channels: columns.count) { block in
            let width = SignalBlock.panelWidth(forChannels: columns.count)
            guard let start = block.baseAddress, !columns.isEmpty else { return }
            let whole = columns.count / width * width
            if whole < columns.count { UnsafeMutableBufferPointer(rebasing: block[(whole * range.count)...]).initialize(repeating: 0) }
            var known: (held: Range<Int>, runs: [ColumnRun]) = (0..<0, [])
            try frames.visit(range, columns: columns) { rows, part, held in
                if held != known.held { known = (held, ColumnRun.runs(of: columns, in: held)) }
                convertToMicrovolts(
                    rows, runs: known.runs, scale: selected,
                    into: PanelRows(start: start, rows: range.count, first: part.lowerBound - range.lowerBound, panelWidth: width))
            }
        }
    }

    private func notFinite(_ block: SignalBlock, _ range: SampleRange, _ columns: [Int]) -> FerroError {
        let found = block.frames.lazy.compactMap { frame in columns.indices.first { !block[frame, $0].isFinite }.map { (frame, $0) } }.first
        let (frame, channel) = found ?? (block.frames.lowerBound, 0)
        return FerroError.input(
            "the sample at frame \(range.lowerBound + frame - block.frames.lowerBound), column \(columns[channel]) is "
                + (block[frame, channel].isNaN ? "not a number" : "infinite"),
            at: place, expected: "finite samples",
            advice: "repair the recording, or leave out the electrode with id \(description.electrodes[columns[channel]].id)")
    }
}
