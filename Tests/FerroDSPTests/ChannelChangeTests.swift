// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

/// Transforms after which there are other channels.
@Suite struct ChannelChangeTests {
    @Test(arguments: lawfulChannels)
    func lawsOfSelection(channels: Int) {
        let chosen = (0..<channels).filter { $0 % 3 != 1 }.reversed()
        let laws = TransformLaws(name: "select", transform: ChannelSelection(columns: Array(chosen)))
        let input = referenceBlock(frames: 300, channels: channels)
        laws.cutting(input)
        laws.forgetsScratch(input)
        laws.linear(input, referenceBlock(frames: 300, channels: channels, offset: 3))
        laws.timeShift(input, by: 31, away: 0, within: 0)
        let result = laws.transform.whole(input)
        for (place, column) in chosen.enumerated() { #expect(result.channel(place) == input.channel(column)) }
    }

    @Test(arguments: lawfulChannels)
    func lawsOfBipolarDerivations(channels: Int) {
        let pairs = (0..<max(channels - 1, 1)).map { BipolarDerivation.Pair(plus: $0, minus: ($0 + 1) % channels) }
        let laws = TransformLaws(name: "bipolar", transform: BipolarDerivation(pairs: pairs))
        let input = referenceBlock(frames: 300, channels: channels)
        laws.cutting(input)
        laws.forgetsScratch(input)
        laws.linear(input, referenceBlock(frames: 300, channels: channels, offset: 3))
        laws.timeShift(input, by: 31, away: 0, within: 0)
        let result = laws.transform.whole(input)
        for (place, pair) in pairs.enumerated() {
            #expect(result.channel(place) == zip(input.channel(pair.plus), input.channel(pair.minus)).map { $0 - $1 })
        }
    }

    @Test func whatIsCommonToBothVanishes() {
        let common = referenceSignal(frames: 100, seed: 8, offset: 900)
        let result = BipolarDerivation(pairs: [.init(plus: 1, minus: 0)]).whole(block([common, common.map { $0 + 1 }]))
        #expect(result.channel(0).allSatisfy { $0 == 1 })
    }
}
