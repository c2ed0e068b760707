// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStudy
import Foundation
import Testing

@Suite struct CSVTableTests {
    private func table(_ text: String) throws -> CSVTable { try CSVTable(text: text, path: "t.csv") }

    private func refusal(_ text: String) -> FerroError? {
        do {
            _ = try table(text)
            return nil
        } catch { return error as? FerroError }
    }

    @Test func quotesCommasAndLineBreaks() throws {
        let table = try table("name,note\na,\"x, \"\"y\"\"\"\nb,\"two\nlines\"\nc,\n")
        #expect(table.columns == ["name", "note"])
        #expect(table.rows.map(\.fields) == [["a", "x, \"y\""], ["b", "two\nlines"], ["c", ""]])
    }

    @Test func rowsKnowTheirLines() throws {
        let table = try table("name,note\r\n\r\na,1\r\nb,\"two\r\nlines\"\r\nc,3\r\n")
        #expect(table.rows.map(\.fields.first) == ["a", "b", "c"])
        #expect(table.rows.map(\.line) == [3, 4, 6])
        #expect(table.place(of: table.rows[2]) == "t.csv: line 6")
    }

    @Test func aFileWithoutALastLineBreakOrWithBlanks() throws {
        #expect(try table("a, b\n 1 ,2").rows.map(\.fields) == [["1", "2"]])
        #expect(try table("a, b\n 1 ,2").columns == ["a", "b"])
        #expect(try table("a,b\n").rows.isEmpty)
    }

    @Test func whatIsNoTableIsRefusedAtItsLine() {
        #expect(refusal("a,b\n1,2\n3\n")?.place == "t.csv: line 3")
        #expect(refusal("a,b\n1,2\n3\n")?.what == "the row has 1 fields")
        #expect(refusal("a,b\n1,2\n3,4,5\n")?.what == "the row has 3 fields")
        #expect(refusal("a,a\n1,2\n")?.what == "the column `a` stands here twice")
        #expect(refusal("")?.what == "the table is empty")
        #expect(refusal("\n\n")?.what == "the table is empty")
        #expect(refusal("a,b\n1,\"2\n3,4\n")?.what == "a quote is opened and never closed")
        #expect(refusal("a,b\n1,\"2\n3,4\n")?.place == "t.csv: line 2")
    }

    @Test func numbersAreNumbersOrNothing() throws {
        let table = try table("x\n1.5\n-2e-3\nNA\nnan\n\"\"\n-inf\n1,5\n".replacing("1,5", with: "\"1,5\""))
        func number(_ row: Int) throws -> Double? { try table.number(table.rows[row], 0) }
        #expect(try number(0) == 1.5)
        #expect(try number(1) == -0.002)
        #expect(try number(2) == nil)
        #expect(try number(3) == nil)
        let last = try #require(table.rows.last)
        let error = #expect(throws: FerroError.self) { try table.number(last, 0) }
        #expect(error?.what == "`1,5` in column `x` is not a number")
        #expect(error?.place == "t.csv: line \(last.line)")
        for text in ["0x10", "1 2", "nine", "1e"] {
            let other = try self.table("x\n\(text)\n")
            #expect(throws: FerroError.self) { try other.number(other.rows[0], 0) }
        }
    }

    @Test func aMissingColumnNamesTheNearest() throws {
        let table = try table("subject,group\nm1,control\n")
        #expect(try table.column("group") == 1)
        let error = #expect(throws: FerroError.self) { try table.column("subjct") }
        #expect(error?.what == "the column `subjct` is missing")
        #expect(error?.advice?.contains("`subject`") == true)
        #expect(table.optionalText(table.rows[0], nil) == nil)
    }

    @Test func aMissingFile() {
        let error = #expect(throws: FerroError.self) { try CSVTable(path: "/nowhere/t.csv") }
        #expect(error?.what == "there is no such file")
    }

    @Test func whatIsWrittenReadsBack() throws {
        var text = CSVText(columns: ["name", "value"])
        let names = ["plain", "a,b", "say \"no\"", "two\nlines", " blank ", ""]
        for name in names { text.append([name, "1"]) }
        let back = try table(text.text)
        #expect(back.rows.map { $0.fields[0] } == names.map { $0.trimmingCharacters(in: .whitespaces) })
    }

    @Test func piecesTakenAreTheTable() {
        var (whole, pieces) = (CSVText(columns: ["a", "b"]), CSVText(columns: ["a", "b"]))
        var taken = ""
        for row in 0..<10 {
            whole.append(["\(row)", "x, y"])
            pieces.append(["\(row)", "x, y"])
            if row % 3 == 0 { taken += pieces.take() }
        }
        taken += pieces.take()
        #expect(taken == whole.text)
        #expect(pieces.take().isEmpty)
    }

    @Test(arguments: [0.1, -2.5e-300, 1e22, 123_456_789.123, .pi, .leastNonzeroMagnitude, 3]) func numbersReadBackAsThemselves(_ value: Double) {
        #expect(Double(CSVText.number(value)) == value)
    }

    @Test func numbersThatAreNone() {
        #expect(CSVText.number(nil) == "" && CSVText.number(.nan) == "" && CSVText.number(.infinity) == "")
        #expect(CSVText.number(-0.0) == "0" && CSVText.number(3) == "3")
        #expect(CSVText.count(nil) == "" && CSVText.count(7) == "7")
    }
}
