// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Whether this machine can run the kernels, which are built for AVX-512 or for AVX2 and FMA on x86-64.
enum Processor {
    #if FERROSPIKE_AVX512
    private static let needed = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
    private static let advice = "build it on this machine, or anywhere with FERROSPIKE_CPU=x86-64-v3 for every x86-64 machine since 2013"
    #else
    private static let needed = ["avx2", "fma", "bmi2"]
    private static let advice = "use an x86-64 machine of 2013 or later (Intel Haswell, AMD Excavator)"
    #endif

    /// A sentence where the processor lacks what the kernels need; nil where all is well.
    static var missingFeature: String? {
        #if arch(x86_64) && os(Linux)
        guard let flags = flags() else { return nil }
        let missing = needed.filter { need in !flags.contains { $0 == need } }
        guard !missing.isEmpty else { return nil }
        return "this processor lacks \(missing.joined(separator: ", ").uppercased()), which this build of Ferrospike is for; \(advice)"
        #else
        return nil
        #endif
    }

    /// What the kernel says of the first processor.
    private static func flags() -> Set<Substring>? {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
        return line.map { Set($0.split(separator: " ")) }
    }
}
