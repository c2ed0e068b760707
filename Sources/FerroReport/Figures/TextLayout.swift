// SPDX-License-Identifier: GPL-3.0-or-later

/// Estimates of how wide text is in a figure, where no browser can be asked.
enum TextLayout {
    /// Pixels of a text in the report's sans-serif fonts, rather too many than too few.
    static func width(_ text: String, size: Double = 12) -> Double {
        text.unicodeScalars.reduce(0.0) { sum, scalar in
            let share: Double
            switch scalar {
            case "i", "l", "j", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", " ": share = 0.36
            case "m", "w", "M", "W", "@", "%": share = 0.95
            case "A"..."Z": share = 0.71
            default: share = scalar.value >= 0x2E80 ? 1.05 : 0.62
            }
            return sum + share * size
        }
    }

    /// Lines no wider than `limit`; what does not fit into `lines` of them ends with an ellipsis.
    static func wrapped(_ text: String, to limit: Double, lines: Int, size: Double = 12) -> [String] {
        var result: [String] = []
        var line = ""
        func pushed(_ word: Substring) {
            var word = String(word)
            while width(word, size: size) > limit, word.count > 1 {
                let head = cut(word, to: limit, size: size)
                result.append(head)
                word = String(word.dropFirst(head.count))
            }
            line = word
        }
        for word in text.split(separator: " ") {
            let joined = line.isEmpty ? String(word) : line + " " + word
            if width(joined, size: size) <= limit {
                line = joined
            } else {
                if !line.isEmpty { result.append(line) }
                pushed(word)
            }
        }
        if !line.isEmpty { result.append(line) }
        guard result.count > lines, lines > 0 else { return result }
        return Array(result.prefix(lines - 1)) + [cut(result[lines - 1], to: limit - size, size: size) + "…"]
    }

    /// The text on one line, ended by an ellipsis where it is too wide.
    static func fitted(_ text: String, to limit: Double, size: Double = 12) -> String {
        width(text, size: size) <= limit ? text : cut(text, to: limit - size, size: size) + "…"
    }

    private static func cut(_ text: String, to limit: Double, size: Double) -> String {
        var head = ""
        for character in text {
            if !head.isEmpty, width(head + String(character), size: size) > limit { break }
            head.append(character)
        }
        return head
    }
}
