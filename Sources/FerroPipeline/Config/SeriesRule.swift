// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroRecordings

/// What a series has to be: `{name: LFP}`, `{kind: lfp}`, or both. A name is any part of the path.
package struct SeriesRule: Sendable, Equatable {
    package var name: String?
    package var kind: SeriesKind?

    init(_ node: ConfigNode) throws {
        let keys = try node.mapping(keys: ["name", "kind"])
        name = try keys.optional("name")?.text()
        kind = try keys.optional("kind").flatMap { SeriesKind(rawValue: try $0.choice(["electrical", "lfp", "current-clamp", "other"])) }
        guard name != nil || kind != nil else { throw node.error("the rule says nothing", expected: "{name: …} or {kind: …}") }
    }

    func holds(_ series: SeriesDescription) -> Bool {
        (name.map { series.path.split(separator: "/").map(String.init).contains($0) } ?? true) && (kind.map { $0 == series.kind } ?? true)
    }

    /// As the pipeline writes it.
    var yaml: String {
        "{" + [name.map { "name: \($0.quotedYAML)" }, kind.map { "kind: \($0.rawValue)" }].compactMap { $0 }.joined(separator: ", ") + "}"
    }
}
