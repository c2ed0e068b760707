// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Whether this machine can run the kernels, which are built for AVX2 and FMA on x86-64.
enum Processor {
    /// A sentence where the processor lacks what the kernels need; nil where all is well.
    static var missingFeature: String? {
        #if arch(x86_64) && os(Linux)
        guard let flags = flags() else { return nil }
        let missing = ["avx2", "fma", "bmi2"].filter { !flags.contains($0) }
        guard !missing.isEmpty else { return nil }
        return "this processor lacks \(missing.joined(separator: ", ").uppercased()), which Ferrospike is built for; "
            + "use an x86-64 machine of 2013 or later (Intel Haswell, AMD Excavator), or build without `-march=x86-64-v3` in Package.swift"
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
