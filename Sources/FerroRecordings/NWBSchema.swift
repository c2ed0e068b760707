// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// The words of the NWB schema that the writers share (nwb-schema.readthedocs.io).
enum NWBSchema {
    static let version = "2.8.0"

    /// A type with the namespace that defines it.
    struct Kind: Sendable {
        let namespace: String
        let name: String

        static func core(_ name: String) -> Kind { Kind(namespace: "core", name: name) }
        static func common(_ name: String) -> Kind { Kind(namespace: "hdmf-common", name: name) }

        static let dynamicTable = common("DynamicTable")
        static let timeIntervals = core("TimeIntervals")
        static let units = core("Units")
    }

    /// A UUID (version 8, RFC 9562) that follows from the texts alone, so that equal contents make equal files:
    /// FNV-1a over their UTF-8 in two 64-bit lanes, each finished by SplitMix64's mixer.
    static func objectID(_ identity: String, _ path: String) -> String {
        var lanes: (UInt64, UInt64) = (0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142)
        for byte in Array(identity.utf8) + [0] + Array(path.utf8) {
            lanes.0 = (lanes.0 ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            lanes.1 = (lanes.1 ^ UInt64(byte) ^ (lanes.0 >> 32)) &* 0x0000_0100_0000_01B3
        }
        func mixed(_ word: UInt64) -> UInt64 {
            var word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
        let high = mixed(lanes.0) & ~0xF000 | 0x8000
        let low = mixed(lanes.1) & ~(0xC << 60) | 0x8 << 60
        let digits = Array(hexadecimal(high) + hexadecimal(low))
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(digits[$0]) }.joined(separator: "-")
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// A name that can stand as one link in the file.
    static func linkName(_ text: String) -> String {
        let clean = String(text.map { "/:".contains($0) ? "_" : $0 })
        return clean.isEmpty || clean == "." ? "unnamed" : clean
    }
}

extension HDF5Object {
    /// Marks the object as one of the schema's types. `identity` and its path make its id.
    func mark(_ kind: NWBSchema.Kind, identity: String, path: String) throws {
        try setAttribute("namespace", kind.namespace)
        try setAttribute("neurodata_type", kind.name)
        try setAttribute("object_id", NWBSchema.objectID(identity, path))
    }
}
