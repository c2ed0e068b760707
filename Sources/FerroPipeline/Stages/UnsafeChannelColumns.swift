// SPDX-License-Identifier: GPL-3.0-or-later

/// As many values of each channel as were announced, in the order they come.
struct ChannelColumns<Value: BitwiseCopyable>: ~Copyable {
    private let counts: [Int]
    private var columns: [UnsafeMutablePointer<Value>]
    private var filled: [Int]

    init(counts: [Int]) {
        self.counts = counts
        columns = counts.map { UnsafeMutablePointer.allocate(capacity: $0) }
        filled = Array(repeating: 0, count: counts.count)
    }

    deinit { for column in columns { column.deallocate() } }

    /// False for a channel that has all its values, or is none.
    @inline(__always)
    mutating func append(_ value: Value, to channel: Int) -> Bool {
        guard channel >= 0, channel < counts.count else { return false }
        let place = filled[channel]
        guard place < counts[channel] else { return false }
        (columns[channel] + place).initialize(to: value)
        filled[channel] = place + 1
        return true
    }

    var isComplete: Bool { filled == counts }

    /// The values of each channel. One column after the other goes, so that they are never all there twice.
    mutating func takeArrays() -> [[Value]] {
        defer { columns = [] }
        return columns.indices.map { channel in
            defer { columns[channel].deallocate() }
            return Array(UnsafeBufferPointer(start: columns[channel], count: filled[channel]))
        }
    }
}
