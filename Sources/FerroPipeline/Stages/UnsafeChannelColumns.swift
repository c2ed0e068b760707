// SPDX-License-Identifier: GPL-3.0-or-later

/// As many values of each channel as were announced, in the order they come.
struct ChannelColumns<Value: BitwiseCopyable>: ~Copyable {
    /// Room for the values of a channel.
    private struct Column: BitwiseCopyable {
        var first: UnsafeMutablePointer<Value>
        /// Where the next value goes.
        var next: UnsafeMutablePointer<Value>
        var end: UnsafeMutablePointer<Value>
    }

    // Outside of an array, whose every change is a question whether it is shared.
    private let columns: UnsafeMutableBufferPointer<Column>

    init(counts: [Int]) {
        columns = .allocate(capacity: counts.count)
        for (channel, count) in counts.enumerated() {
            let first = UnsafeMutablePointer<Value>.allocate(capacity: count)
            columns.initializeElement(at: channel, to: Column(first: first, next: first, end: first + count))
        }
    }

    deinit {
        for column in columns { column.first.deallocate() }
        columns.deallocate()
    }

    /// False for a channel that has all its values, or is none.
    @inline(__always)
    func append(_ value: Value, to channel: Int) -> Bool {
        guard channel >= 0, channel < columns.count else { return false }
        let next = columns[channel].next
        guard next < columns[channel].end else { return false }
        next.initialize(to: value)
        columns[channel].next = next + 1
        return true
    }

    var isComplete: Bool { columns.allSatisfy { $0.next == $0.end } }

    /// The values of each channel, which are gone from here then: one column after the other, so that they are never all there twice.
    mutating func takeArrays() -> [[Value]] {
        columns.indices.map { channel in
            let column = columns[channel]
            defer {
                column.first.deallocate()
                let empty = UnsafeMutablePointer<Value>.allocate(capacity: 0)
                columns[channel] = Column(first: empty, next: empty, end: empty)
            }
            return Array(UnsafeBufferPointer(start: column.first, count: column.next - column.first))
        }
    }
}
