// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch
import Foundation
import Synchronization

/// Computes each result on one of several threads and gives them in the order of their elements.
///
/// - Parameter workers: at most as many at once; nil for one a processor.
func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], workers: Int? = nil, _ body: @Sendable (Element) -> Result
) -> [Result] {
    let workers = min(workers ?? ProcessInfo.processInfo.activeProcessorCount, elements.count)
    guard workers > 1 else { return elements.map(body) }
    let results = Mutex([Result?](repeating: nil, count: elements.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < elements.count else { return }
            let result = body(elements[index])
            results.withLock { $0[index] = result }
        }
    }
    return results.withLock { $0.compactMap { $0 } }
}
