// SPDX-License-Identifier: GPL-3.0-or-later

extension SecondOrderSections {
    /// Frames after which what came before is forgotten: the smallest n with Σ |h[k]| over k ≥ n below `tolerance` times
    /// Σ |h[k]| over all k, where h is the impulse response.
    ///
    /// Two inputs that agree for n frames then give outputs that differ by less than `tolerance` times the largest
    /// output they could have, however they differed before. The sum is measured on the response itself, because the
    /// slowest pole alone says too little where poles lie close together; that pole only tells how far to look.
    package func settlingFrames(to tolerance: Double) -> Int {
        // One sum for each stretch of frames keeps memory small for slow filters.
        let stretch = 64
        var sums: [Double] = []
        var states = [(Double, Double)](repeating: (0, 0), count: sections.count)
        var input = 1.0
        var total = 0.0
        // After this many time constants beyond the last large stretch nothing can come back.
        let radius = slowestPoleRadius
        guard radius < 1 else { return Int.max }
        var quiet = 0
        while true {
            var sum = 0.0
            for _ in 0..<stretch {
                var value = input
                input = 0
                for index in sections.indices {
                    let section = sections[index]
                    let output = section.b0 * value + states[index].0
                    states[index].0 = section.b1 * value - section.a1 * output + states[index].1
                    states[index].1 = section.b2 * value - section.a2 * output
                    value = output
                }
                sum += abs(value)
            }
            sums.append(sum)
            total += sum
            quiet = sum < total * tolerance * 1e-3 * (1 - radius) * Double(stretch) ? quiet + 1 : 0
            let timeConstant = 1 / max(1 - radius, 1e-12)
            if Double(quiet * stretch) > timeConstant + Double(stretch) { break }
        }
        var tail = 0.0
        var index = sums.count
        while index > 0, tail + sums[index - 1] < tolerance * total {
            index -= 1
            tail += sums[index]
        }
        return index * stretch
    }
}
