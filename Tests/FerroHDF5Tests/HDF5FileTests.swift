// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation
import Testing

func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

@Suite struct HDF5FileTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    private func refusal(_ body: () throws -> Void) -> FerroError? {
        do {
            try body()
            return nil
        } catch { return error as? FerroError }
    }

    @Test func everyUnreadableFileIsRefusedInASentence() throws {
        let missing = refusal { _ = try HDF5File.open(folder.file("absent.h5")) }
        #expect(missing?.kind == .input)
        #expect(missing?.what.contains("no such file") == true)
        #expect(missing?.place == folder.file("absent.h5"))

        #expect(refusal { _ = try HDF5File.open(folder.path) }?.what.contains("folder") == true)

        let text = folder.file("text.h5")
        try Data("frame,voltage\n1,2\n".utf8).write(to: URL(fileURLWithPath: text))
        #expect(refusal { _ = try HDF5File.open(text) }?.what.contains("not an HDF5 file") == true)

        let empty = folder.file("empty.h5")
        try Data().write(to: URL(fileURLWithPath: empty))
        #expect(refusal { _ = try HDF5File.open(empty) }?.what.contains("not an HDF5 file") == true)

        let whole = folder.file("whole.h5")
        let file = try HDF5File.create(whole)
        try file.root.write("values", [Double](repeating: 1, count: 1000))
        try file.close()
        let cut = folder.file("cut.h5")
        try bytes(of: whole).prefix(5000).write(to: URL(fileURLWithPath: cut))
        let truncated = refusal { _ = try HDF5File.open(cut) }
        #expect(truncated?.what.contains("cut off") == true, "\(String(describing: truncated))")
    }

    @Test(.enabled(if: getuid() != 0)) func aFileWithoutPermissionIsRefused() throws {
        let path = folder.file("secret.h5")
        try HDF5File.create(path).close()
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
        #expect(refusal { _ = try HDF5File.open(path) }?.what.contains("may not be read") == true)
    }

    @Test func whatIsMissingIsNamed() throws {
        let path = folder.file("small.h5")
        let file = try HDF5File.create(path)
        try file.root.write("a/values", [1.0])
        try file.close()
        let reader = try HDF5File.open(path)
        let absent = refusal { _ = try reader.dataset("/a/voltage") }
        #expect(absent?.place == "\(path): /a/voltage")
        #expect(absent?.what == "there is no dataset here")
        let group = refusal { _ = try reader.dataset("/a") }
        #expect(group?.what.contains("not a dataset") == true)
        let text = refusal { _ = try reader.dataset("/a/values").readStrings() }
        #expect(text?.what == "holds float64")
    }

    @Test func aClosedFileRefusesAndLeavesOthersAlone() throws {
        let path = folder.file("twice.h5")
        let file = try HDF5File.create(path)
        try file.root.write("values", [1.0, 2])
        try file.close()
        let first = try HDF5File.open(path)
        let second = try HDF5File.open(path)
        let kept = try second.dataset("/values")
        var stale: HDF5Dataset? = try first.dataset("/values")
        try first.close()
        #expect(throws: FerroError.self) { try first.dataset("/values") }
        #expect(throws: FerroError.self) { try stale?.read(Double.self) }
        // Identifiers are not reused, so releasing a stale one touches nothing that lives.
        let others = try (0..<50).map { _ in try second.dataset("/values") }
        stale = nil
        #expect(try others.allSatisfy { try $0.read(Double.self) == [1, 2] })
        #expect(try kept.read(Double.self) == [1, 2])
    }

    @Test func manyThreadsMayReadAtOnce() async throws {
        let path = folder.file("threads.h5")
        let file = try HDF5File.create(path)
        let values = (0..<1000).map { Double($0) }
        try file.root.write("values", values, storage: .chunked([100], deflate: 2))
        try file.close()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try (0..<20).allSatisfy { _ in try HDF5File.open(path).dataset("/values").read(Double.self) == values }
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }
}
