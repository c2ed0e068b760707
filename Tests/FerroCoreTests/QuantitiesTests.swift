// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@Suite("Quantities")
struct QuantitiesTests {
    @Test("values with units are read", arguments: [("300 Hz", 300.0), ("6 kHz", 6000), ("0.5kHz", 500), ("1e3 Hz", 1000)])
    func frequencies(text: String, hertz: Double) throws {
        #expect(try parseQuantity(text, as: Hertz.self).value == hertz)
    }

    @Test("a missing or foreign unit is refused, with the unit to write")
    func refused() {
        let bare = #expect(throws: FerroError.self) { try parseQuantity("300", as: Hertz.self) }
        #expect(bare?.description.contains("300 Hz") == true)
        #expect(throws: FerroError.self) { try parseQuantity("1 ms", as: Hertz.self) }
        #expect(throws: FerroError.self) { try parseQuantity("fast", as: Hertz.self) }
        #expect(throws: FerroError.self) { try parseQuantity("inf Hz", as: Hertz.self) }
    }

    @Test("a value prints in the unit a reader would choose, and reads back")
    func printed() throws {
        #expect(Hertz(6000).description == "6 kHz")
        #expect(Seconds(0.001).description == "1 ms")
        #expect(Seconds(90).description == "90 s")
        for text in ["2 GB", "30 MB", "1.5 GiB", "16 GiB", "64 MiB", "0 B", "800 B", "1 TB"] {
            #expect(try parseQuantity(text, as: Bytes.self).description == text)
        }
        for value in [0.5, 300, 6000, 1250, 30000.07] {
            #expect(try parseQuantity(Hertz(value).description, as: Hertz.self).value == value)
        }
    }

    @Test("the nearest word is found only when it is near")
    func nearest() {
        #expect(nearestWord(to: "treshold", among: ["threshold", "radius"]) == "threshold")
        #expect(nearestWord(to: "zzz", among: ["threshold", "radius"]) == nil)
    }
}
