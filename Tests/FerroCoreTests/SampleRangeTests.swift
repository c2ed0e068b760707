// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@Suite("Sample ranges")
struct SampleRangeTests {
    @Test("a range grows by its margin and stops at the limits")
    func grown() {
        let limits = 0..<100
        #expect((20..<30).grown(by: Margin(before: 5, after: 7), within: limits) == 15..<37)
        #expect((2..<98).grown(by: Margin(5), within: limits) == 0..<100)
        #expect((20..<30).grown(by: .none, within: limits) == 20..<30)
        #expect((0..<100).grown(by: Margin(3), within: 10..<90) == 10..<90)
        // Nothing of the limits is near: an empty range, never one with its ends swapped.
        #expect((200..<210).grown(by: Margin(5), within: limits).isEmpty)
        #expect((20..<20).grown(by: Margin(5), within: 0..<22) == 15..<22)
    }

    @Test("growing twice is growing by the sum")
    func additive() {
        for first in 0..<8 {
            for second in 0..<8 {
                let once = (30..<40).grown(by: Margin(before: first + second, after: second), within: 25..<45)
                let twice = (30..<40).grown(by: Margin(before: first, after: 0), within: 25..<45).grown(by: Margin(second), within: 25..<45)
                #expect(once == twice)
            }
        }
    }

    @Test("a shift moves both ends")
    func shifted() {
        #expect((20..<30).shifted(by: -5) == 15..<25)
    }

    @Test("a frame's time follows from its segment's start")
    func seconds() throws {
        let segment = Segment(frames: 1000..<2000, start: 12.5)
        #expect(segment.seconds(ofFrame: 1000, at: try SampleRate(hertz: 1000)) == 12.5)
        #expect(segment.seconds(ofFrame: 1500, at: try SampleRate(hertz: 1000)) == 13)
    }
}
