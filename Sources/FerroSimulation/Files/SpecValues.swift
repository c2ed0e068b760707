// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline

/// Values that only descriptions of simulations hold.
extension ConfigNode {
    /// Runs `work`; an error without a place of its own is reported at this value.
    func placing<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let error as FerroError { throw located(error) }
    }

    /// One of the words of a type.
    func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) throws -> Word where Word.RawValue == String {
        let text = try choice(Word.allCases.map(\.rawValue))
        guard let word = Word(rawValue: text) else { throw error("`\(text)` is not a value of \(name)") }
        return word
    }

    /// Two values, the second not below the first.
    func pair<Value: Comparable>(_ read: (ConfigNode) throws -> Value) throws -> (low: Value, high: Value) {
        let entries = try sequence()
        guard entries.count == 2 else { throw error("\(name) has \(entries.count) values", expected: "[least, most]") }
        let (low, high) = (try read(entries[0]), try read(entries[1]))
        guard low <= high else { throw error("\(name) runs from \(low) to \(high)", expected: "[least, most]") }
        return (low, high)
    }

    /// A spread or margin in natural log units, such as `0.3 log`; 0 or more.
    func logarithm(upTo limit: Double = .infinity) throws -> Double {
        let text = try self.text()
        let compact = text.filter { $0 != " " }
        guard compact.hasSuffix("log"), let number = Double(compact.dropLast(3)), number.isFinite, number >= 0 else {
            throw error("`\(text)` is not a number of natural log units", expected: "such as `0.3 log`, which is a factor of exp(0.3) = 1.35")
        }
        guard number <= limit else { throw error("\(name) is \(text)", expected: "at most \(shortest(limit)) log") }
        return number
    }

    /// A factor such as `x2.0`, above 0.
    func factor() throws -> Double {
        let text = try self.text()
        let compact = text.filter { $0 != " " }
        guard compact.hasPrefix("x"), let number = Double(compact.dropFirst()), number.isFinite, number > 0 else {
            throw error("`\(text)` is not a factor", expected: "such as `x2.0` for twice as much, `x0.5` for half")
        }
        return number
    }
}
