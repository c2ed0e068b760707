// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

/// Units and subjects of every group on their way through the exclusion criteria, one column a group.
struct FlowDiagram {
    var flow: ExclusionFlow
    /// Labels and styles of the groups, parallel to the flow's.
    var groups: [(label: String, style: ConditionStyle)]

    private static let left = 190.0
    private static let right = 12.0
    private static let box = 44.0
    private static let step = 74.0

    private var columnWidth: Double { min(190, max(128, 798 / Double(max(groups.count, 1)))) }
    private var width: Double { Self.left + columnWidth * Double(groups.count) + Self.right }

    func drawn() -> SVG {
        let top = 46.0
        let bottom = top + Self.step * Double(flow.criteria.count)
        var parts: [SVG] = [
            .label("units before", Self.left - 14, top + 26, anchor: .end, fill: Palette.soft)
        ]
        for (index, criterion) in flow.criteria.enumerated() {
            let y = top + Self.step * Double(index + 1)
            for (line, text) in TextLayout.wrapped(criterion, to: Self.left - 22, lines: 2).enumerated() {
                parts.append(.label(text, Self.left - 14, y + 20 + Double(line) * 15, anchor: .end))
            }
        }
        for (index, group) in zip(flow.groups, groups).enumerated() {
            parts += column(group.0, group.1, at: Self.left + columnWidth * Double(index), top)
        }
        return .figure(
            width: width, height: bottom + Self.box + 12, title: "Units before and after exclusion", description: spoken, parts)
    }

    private func column(_ group: ExclusionFlow.Group, _ look: (label: String, style: ConditionStyle), at x: Double, _ top: Double) -> [SVG] {
        let inner = columnWidth - 16
        let middle = x + inner / 2
        var parts: [SVG] = []
        for (line, text) in TextLayout.wrapped(look.label, to: inner, lines: 2).enumerated() {
            parts.append(.label(text, middle, top - 26 + Double(line) * 15, anchor: .middle, bold: true))
        }
        parts += box(units: group.units, subjects: group.subjects, x, top, inner, look.style)
        for (index, step) in group.steps.enumerated() {
            let from = top + Self.step * Double(index) + Self.box
            let y = top + Self.step * Double(index + 1)
            parts.append(.line(middle, from, middle, y - 6, stroke: Palette.soft, width: 1.4))
            var head = PathData()
            head.move(middle - 4, y - 7)
            head.line(middle, y - 1)
            head.line(middle + 4, y - 7)
            parts.append(.path(head.text, stroke: Palette.soft, width: 1.4))
            parts.append(.label("−\(Numbers.count(step.excluded))", middle + 9, from + 11, size: 11))
            if step.missing > 0 {
                let missing = step.missing == step.excluded ? "all missing" : "\(Numbers.count(step.missing)) missing"
                parts.append(.label(TextLayout.fitted(missing, to: inner / 2, size: 10), middle + 9, from + 22, size: 10, fill: Palette.soft))
            }
            parts += box(units: step.unitsLeft, subjects: step.subjectsLeft, x, y, inner, look.style)
        }
        return parts
    }

    private func box(units: Int, subjects: Int, _ x: Double, _ y: Double, _ width: Double, _ style: ConditionStyle) -> [SVG] {
        [
            .rect(x: x, y: y, width: width, height: Self.box, fill: "#ffffff", stroke: style.colour),
            .label(Numbers.counted(units, "unit", "units"), x + width / 2, y + 18, anchor: .middle),
            .label("of " + Numbers.counted(subjects, "subject", "subjects"), x + width / 2, y + 35, anchor: .middle, size: 11, fill: Palette.soft),
        ]
    }

    private var spoken: String {
        zip(flow.groups, groups).map { group, look in
            let steps = zip(flow.criteria, group.steps).map { "\($0): \($1.excluded) left out" }
            let last = group.steps.last
            return "\(look.label): \(group.units) units of \(group.subjects) subjects; \(steps.joined(separator: "; ")); "
                + "\(last?.unitsLeft ?? group.units) units of \(last?.subjectsLeft ?? group.subjects) subjects stay"
        }.joined(separator: ". ") + "."
    }
}
