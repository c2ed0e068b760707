// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

// A header can promise anything. What it promises is held against the file before memory is taken for it.
extension HDF5Dataset {
    /// The most that one stored byte can stand for: deflate reaches 1032, constant chunks of other filters somewhat more.
    private static let mostInflation = 4096
    /// What may be read without being stored: a small dataset that has its fill value only.
    private static let mostUnstored = 1 << 20
    /// What may be read whole of a dataset that lies in others.
    private static let mostElsewhere = 1 << 30

    /// Bytes that all elements take together; nil where no machine could hold them.
    private var declaredBytes: Int? {
        get throws {
            try shape.reduce(Optional(max(type.size, 1))) { product, length in
                guard let product else { return nil }
                let (bytes, overflow) = product.multipliedReportingOverflow(by: length)
                return overflow ? nil : bytes
            }
        }
    }

    /// Refuses a shape beyond all bounds and a stretch of the file that ends behind the file's end.
    func refuseImpossibleSize() throws {
        let lengths = try shape
        guard let bytes = try declaredBytes, lengths.allSatisfy({ $0 < Int.max / 16 }) else {
            throw FerroError.input(
                "the dataset declares \(lengths.map { "\($0)" }.joined(separator: " × ")) elements, more than any file holds", at: place,
                advice: "the file is damaged; copy it again from its source")
        }
        guard layout == .contiguous else { return }
        try HDF5Library.locked {
            let offset = H5Dget_offset(handle.id)
            guard offset != ferro_HADDR_UNDEF(), bytes > 0 else { return }
            let owner = try HDF5Handle(H5Iget_file_id(handle.id), orThrow: "the dataset has no file", at: place)
            var size = hsize_t(0)
            try HDF5Library.check(H5Fget_filesize(owner.id, &size), "the size of the file is unknown", at: place)
            guard offset <= size, haddr_t(bytes) <= haddr_t(size) - offset else {
                throw FerroError.input(
                    "the dataset declares \(bytes) bytes from position \(offset) of a file of \(size) bytes", at: place,
                    expected: "all the samples its header promises", advice: "copy the file again from its source")
            }
        }
    }

    /// Refuses to take memory for a whole dataset of which next to nothing is stored.
    func refuseWholeUnlessStored() throws {
        guard layout != .compact, let bytes = try declaredBytes, bytes > HDF5Dataset.mostUnstored else { return }
        // What is put together from other datasets says nothing of its size.
        if layout == .elsewhere, bytes <= HDF5Dataset.mostElsewhere { return }
        let stored = layout == .elsewhere ? 0 : storageSize
        guard bytes / HDF5Dataset.mostInflation <= stored else {
            throw FerroError.input(
                "the dataset declares \(bytes) bytes, of which \(stored) are stored", at: place, expected: "all the values its header promises",
                advice: "the file is damaged or was never finished; copy it again from its source")
        }
    }
}
