// SPDX-License-Identifier: GPL-3.0-or-later

/// One row of `outcomes.csv`: one outcome of one unit (or electrode) of one recording.
package struct OutcomeRow: Sendable, Equatable {
    package var recording: String
    package var subject: String
    /// nil where the table has none.
    package var cage: String?
    /// Empty where the comparison is within subjects and the table has no groups.
    package var group: String
    package var unit: String
    package var outcome: String
    /// In the outcome's own unit; nil is a missing value.
    package var value: Double?
    /// Seconds observed.
    package var exposure: Double?
    package var session: String?
    package var epoch: String?
    /// Where the row was read, such as `line 12`.
    package var place: String

    package init(
        recording: String, subject: String, cage: String? = nil, group: String, unit: String, outcome: String,
        value: Double?, exposure: Double? = nil, session: String? = nil, epoch: String? = nil, place: String = ""
    ) {
        self.recording = recording
        self.subject = subject
        self.cage = cage
        self.group = group
        self.unit = unit
        self.outcome = outcome
        self.value = value
        self.exposure = exposure
        self.session = session
        self.epoch = epoch
        self.place = place
    }
}
