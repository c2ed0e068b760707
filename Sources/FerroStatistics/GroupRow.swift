// SPDX-License-Identifier: GPL-3.0-or-later

/// One outcome in one group (or epoch or session): a row of `groups.csv`.
package struct GroupRow: Sendable, Equatable {
    package var outcome: String
    package var group: String
    package var role: Role
    /// Experimental units.
    package var n: Int
    /// Rows behind them: cells, changes of cells, or rows of the sessions used.
    package var units: Int
    /// Mean of the experimental units on the analysis scale; nil without a unit.
    package var mean: Double?
    /// Standard deviation (n-1) of the experimental units; nil below two.
    package var sd: Double?
    package var sem: Double?
    /// The experimental units themselves in ascending order of name, for figures.
    package var points: [GroupPoint]

    package init(
        outcome: String, group: String, role: Role, n: Int, units: Int, mean: Double? = nil, sd: Double? = nil,
        sem: Double? = nil, points: [GroupPoint] = []
    ) {
        self.outcome = outcome
        self.group = group
        self.role = role
        self.n = n
        self.units = units
        self.mean = mean
        self.sd = sd
        self.sem = sem
        self.points = points
    }
}

/// One subject or cage with its value on the analysis scale.
package struct GroupPoint: Sendable, Equatable {
    package var name: String
    package var value: Double
    /// The cells behind it on the analysis scale: their changes where changes are compared, and only those seen under every condition
    /// where comparisons are within subjects. A change of a mean, whose cells are not matched, is one cell.
    package var cells: [Double]

    package init(name: String, value: Double, cells: [Double] = []) {
        self.name = name
        self.value = value
        self.cells = cells
    }
}
