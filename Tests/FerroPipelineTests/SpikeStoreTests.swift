// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Testing

@testable import FerroPipeline

@Suite struct SpikeStoreTests {
    private func filled(_ count: Int, folder: String?) throws -> SpikeStore {
        var generator = SeededGenerator(seed: 4)
        var store = SpikeStore(channels: 5, folder: folder)
        for index in 0..<count {
            // Channel 3 stays empty.
            let channel = [0, 1, 2, 4][generator.index(below: 4)]
            try store.append(channel, time: Double(index) / 7, amplitude: Float(generator.uniform()))
        }
        return store
    }

    @Test(arguments: [0, 1, SpikeStore.held, SpikeStore.held + 1, 3 * SpikeStore.held + 5])
    func manySpikesOnDiskAreTheSameAsInMemory(count: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (onDisk, inMemory) = (try filled(count, folder: folder.path), try filled(count, folder: nil))
        #expect(onDisk.isOnDisk == (count > SpikeStore.held))
        #expect(!inMemory.isOnDisk)
        #expect(try onDisk.byChannel() == inMemory.byChannel())
        #expect(try onDisk.byChannel().times.map(\.count).reduce(0, +) == count)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty, "the file has no name")
    }

    @Test func aFolderThatTakesNoFileIsAnErrorWithItsName() throws {
        #expect {
            _ = try filled(SpikeStore.held + 1, folder: "/nowhere/at/all")
        } throws: { error in
            let error = error as? FerroError
            return error?.kind == .input && error?.place == "/nowhere/at/all"
        }
    }
}
