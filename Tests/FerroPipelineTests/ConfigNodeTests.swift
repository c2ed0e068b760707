// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Testing

@Suite("Config values")
struct ConfigNodeTests {
    private func read(_ text: String) throws -> ConfigNode { try ConfigDocument.parse(text, path: "study.yaml") }

    @Test("an unknown key is refused with place, caret and the nearest known key")
    func unknownKey() throws {
        let root = try read("title: x\ntreshold: 5\n")
        let error = #expect(throws: FerroError.self) { try root.mapping(keys: ["title", "threshold"]) }
        #expect(error?.kind == .usage)
        #expect(error?.place == "study.yaml:2:1")
        #expect(error?.excerpt == "2 | treshold: 5\n    ^")
        #expect(error?.advice?.contains("threshold") == true)
    }

    @Test("a quantity without unit is refused at its value")
    func missingUnit() throws {
        let low = try read("stage: {low: 300}").mapping().required("stage").mapping().required("low")
        let error = #expect(throws: FerroError.self) { try low.quantity(Hertz.self) }
        #expect(error?.place == "study.yaml:1:14")
        #expect(error?.description.contains("300 Hz") == true)
    }

    @Test("broken YAML and doubled keys are usage errors with a place")
    func broken() {
        for text in ["a: [1, 2", "a: 1\na: 2", ""] {
            let error = #expect(throws: FerroError.self) { try read(text) }
            #expect(error?.kind == .usage)
        }
    }

    @Test("scalars and lists are read as what they are asked for")
    func scalars() throws {
        let map = try read("n: 3\nx: 0.5\nlist: [a, b]\none: a\nempty:\nflag: true").mapping()
        #expect(try map.required("n").integer(in: 1...5) == 3)
        #expect(try map.required("x").number() == 0.5)
        #expect(try map.required("list").texts() == ["a", "b"])
        #expect(try map.required("one").texts() == ["a"])
        #expect(map.optional("empty") == nil)
        #expect(try map.required("flag").bool())
        #expect(throws: FerroError.self) { try map.required("n").integer(in: 4...5) }
        #expect(throws: FerroError.self) { try map.required("missing") }
    }
}
