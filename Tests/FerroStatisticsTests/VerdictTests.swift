// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import Testing

@Suite struct VerdictTests {
    @Test(
        arguments: [
            (nil, nil, true, Verdict.undetermined),
            (0.6, 1.3, true, .normalized),
            (1.05, 1.3, true, .normalized),
            (1.05, 1.3, false, .overCorrected),
            (0.2, 0.8, false, .partial),
            (0.2, 1.0, false, .extentUnresolved),
            (1.0, 1.4, false, .extentUnresolved),
            (0.0, 0.7, true, .noEvidence),
            (-0.4, 0.7, false, .noEvidence),
            (-0.4, 1.0, false, .undetermined),
            (-0.4, 1.7, true, .undetermined),
        ] as [(Double?, Double?, Bool, Verdict)])
    func firstRuleThatHolds(_ low: Double?, _ high: Double?, _ equivalent: Bool, _ verdict: Verdict) {
        #expect(Verdict(low: low, high: high, equivalent: equivalent) == verdict)
    }
}
