// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStudy
import Foundation
import FoundationXML
import Testing

@testable import FerroReport

@Suite struct FigureTests {
    /// Figures of a page, as they stand in it.
    private func figures(_ html: String) -> [String] {
        html.components(separatedBy: "<svg").dropFirst().compactMap { part in
            part.range(of: "</svg>").map { "<svg" + part[..<$0.upperBound] }
        }
    }

    private final class Listener: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var root: [String: String] = [:]

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String] = [:]
        ) {
            elements[name, default: 0] += 1
            if name == "svg" { root = attributes }
        }
    }

    private func parsed(_ svg: String) -> Listener? {
        let parser = XMLParser(data: Data(svg.utf8))
        let listener = Listener()
        parser.delegate = listener
        return parser.parse() ? listener : nil
    }

    @Test func areWellFormedAndSayWhatTheyShow() throws {
        let pages = [
            try StudyReport.html(try SampleStudies.awkward(), evidence: SampleRecordings.evidence), try StudyReport.html(try SampleStudies.within()),
            try StudyReport.html(try SampleStudies.sessions()),
        ]
        for page in pages {
            let figures = figures(page)
            #expect(figures.count >= 2)
            for svg in figures {
                let seen = try #require(parsed(svg), "\(svg.prefix(300))")
                #expect(seen.root["role"] == "img")
                #expect(seen.elements["title"] ?? 0 >= 1 && seen.elements["desc"] == 1)
            }
        }
    }

    @Test func markEverySpikeAndBurst() throws {
        let result = try SampleRecordings.result(named: "one")
        let raster = try #require(RasterExcerpt(result, seconds: RasterExcerpt.length(for: [result])))
        let all = result.units.flatMap(\.train.times).filter { $0 >= raster.stretch.start && $0 <= raster.stretch.stop }
        #expect(raster.rows.reduce(0) { $0 + $1.spikes.count } == all.count)
        #expect(raster.stretch.duration == 15)
        #expect(raster.bursts ?? 0 > 0)

        let voltage = try #require(VoltageExcerpt(result))
        for trace in voltage.traces {
            for spike in trace.spikes { #expect(trace.samples[spike] < -60, "a mark stands where there is no spike") }
        }
        #expect(voltage.traces.reduce(0) { $0 + $1.spikes.count } > 0)
    }

    @Test func axesCoverTheirValues() {
        for kind in [Axis.Kind.linear, .logarithmic] {
            for values in [[0.02, 31.0], [3, 3], [0.9, 1.1], [1e-6, 1e7], [120, 125], [7e8, 9e8]] {
                let axis = Axis(kind: kind, covering: values, start: 200, end: 0)
                for value in values { #expect((0...200).contains(axis.position(value))) }
                let labelled = axis.ticks().filter { !$0.label.isEmpty }
                #expect(labelled.count >= 3 && labelled.count <= 12, "\(kind) \(values): \(labelled.map(\.label))")
                #expect(Set(labelled.map(\.label)).count == labelled.count, "\(labelled.map(\.label))")
            }
        }
    }

    @Test func axesSurviveWhatNoMeasurementReaches() {
        for kind in [Axis.Kind.linear, .logarithmic] {
            for values in [[], [.nan], [0, 0], [-.infinity, 3], [1e-300, 1e300], [-1e308, 1e308], [.leastNonzeroMagnitude, 1]] {
                let axis = Axis(kind: kind, covering: values, start: 200, end: 0)
                for tick in axis.ticks() { #expect((-1...201).contains(axis.position(tick.value)) && tick.label.count < 20) }
            }
        }
    }

    @Test func oneWideIntervalDoesNotFlattenAFigure() {
        let narrow = [(low: -0.5, high: 0.5), (low: 0.2, high: 1.0)]
        let ends = Axis.limited(narrow + [(low: -300, high: 300)], around: [0, 0.6, 0.1], reach: 1.5)
        #expect(Array(ends.prefix(4)) == [-0.5, 0.5, 0.2, 1.0])
        #expect((ends.min() ?? 0) > -3 && (ends.max() ?? 0) < 3)
        // Alone, or of the usual width, an interval is whole.
        #expect(Axis.limited([(low: -2, high: 2)], around: [0, 0.01], reach: 1.5) == [-2, 2])
    }

    /// Every spike of a raster and every sample that matters is in the path, to a tenth of a pixel.
    @Test func relativePathsReadBack() throws {
        var path = TenthsPath()
        path.move(10, 2)
        path.line(10.5, 1)
        path.line(10.5, 3.26)
        path.dash(12, 5, length: 0.9)
        path.dash(13, 5, length: 0.9)
        #expect(path.text == "M100,20l5-10v23m15,17h9m1,0h9")

        let many = (0..<5000).map { Double($0) * 0.137 }
        var ticks = TenthsPath()
        for x in many { ticks.dash(x, 4, length: 0.9) }
        var x = 0
        var last = 0
        for part in ticks.text.split(whereSeparator: { "Mm".contains($0) }) {
            let numbers = part.split { ", h".contains($0) }.compactMap { Int($0) }
            x += numbers[0]
            last = x
            x += numbers[2]
        }
        #expect(abs(Double(last) / 10 - (many.last ?? 0)) <= 0.05, "rounding adds up")
    }

    @Test func busyRecordingsAreShownForLess() throws {
        let calm = try SampleRecordings.result(named: "calm")
        var busy = calm
        busy.units = (0..<40).map { unit in
            UnitResult(train: SpikeTrain(id: "\(unit)", times: (0..<1200).map { Double($0) / 30 }, observed: [TimeInterval(start: 0, stop: 40)]))
        }
        #expect(RasterExcerpt.length(for: [calm]) == 15)
        #expect(RasterExcerpt.length(for: [calm, busy]) == 2)
        #expect(RasterExcerpt.length(for: []) == 15)
    }

    @Test func dotsDoNotCoverEachOther() {
        let positions = [10.0, 10, 10.5, 11, 30, 31]
        let offsets = DotLayout.swarm(positions, diameter: 9, limit: 40)
        for first in positions.indices {
            for second in positions.indices where second > first {
                let distance = hypot(positions[first] - positions[second], offsets[first] - offsets[second])
                #expect(distance >= 8.9)
            }
        }
    }

    @Test func numbersReadWell() {
        #expect(Numbers.interval(0.97123456789, 0.81, 1.1399999) == "0.97 [0.81, 1.14]")
        #expect(Numbers.interval(-0.0049, -0.5, 0.5) == "−0.005 [−0.500, 0.500]")
        #expect(Numbers.interval(nil, nil, nil) == "—")
        #expect(
            Numbers.p(0.00001) == "<\u{A0}0.0001" && Numbers.p(0.0042) == "0.0042" && Numbers.p(0.04999) == "0.04999" && Numbers.p(0.0501) == "0.050"
                && Numbers.p(1) == "1")
        #expect(Numbers.significant(1234.5) == "1234" && Numbers.significant(0.000012345) == "1.23 × 10⁻⁵")
        #expect(Numbers.count(1_234_567) == "1\u{202F}234\u{202F}567" && Numbers.count(12) == "12")
        #expect(SVG.number(-0.004) == "0" && SVG.number(1.5) == "1.5" && SVG.number(-2.04) == "-2.04" && SVG.number(.nan) == "0")
    }
}
