// SPDX-License-Identifier: GPL-3.0-or-later

/// The known word a user most probably meant: the one at the smallest edit distance (Levenshtein 1966), if at most
/// a third of the letters differ (at least one, at least two for words of four letters and more).
///
/// ```swift
/// nearestWord(to: "treshold", among: ["threshold", "radius"])   // "threshold"
/// ```
package func nearestWord(to word: String, among known: [String]) -> String? {
    let best = known.map { (distance: editDistance(word.lowercased(), $0.lowercased()), word: $0) }
        .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    guard let best else { return nil }
    let limit = max(word.count >= 4 ? 2 : 1, (max(word.count, best.word.count) + 2) / 3)
    return best.distance <= limit ? best.word : nil
}

func editDistance(_ first: String, _ second: String) -> Int {
    let target = Array(second)
    var row = Array(0...target.count)
    for (line, letter) in first.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for column in target.indices {
            let cost = min(diagonal + (letter == target[column] ? 0 : 1), row[column] + 1, row[column + 1] + 1)
            diagonal = row[column + 1]
            row[column + 1] = cost
        }
    }
    return row[target.count]
}
