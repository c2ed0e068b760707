// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// What the user declares about a recording whose file does not say it. Nothing here overrides what a file says.
package struct RecordingDeclarations: Sendable, Equatable {
    /// Unit of the samples after conversion, such as `V`.
    package var unit: String?
    /// Factor from stored numbers to the unit.
    package var conversion: Double?
    /// Samples per second, for formats that do not store them.
    package var rate: SampleRate?
    /// Where the samples lie in a file of a lab's own layout.
    package var layout: DeclaredLayout?
    /// Whether the file may lead into other files (links, raw storage, virtual datasets).
    package var allowsExternal = false
    /// The largest voltage that is meant, where it is beyond what extracellular electrodes see.
    package var largestVoltage: Microvolts?

    package init(unit: String? = nil, conversion: Double? = nil) {
        self.unit = unit
        self.conversion = conversion
    }

    package static let none = RecordingDeclarations()
}

/// The layout of a file that belongs to no known format: every fact is declared, none is guessed.
///
/// microvolts = (stored × gain + offset) in `unit`, with one gain and offset for all channels or one for each.
package struct DeclaredLayout: Sendable, Equatable {
    package enum Axes: String, Sendable {
        /// One channel a dataset.
        case time
        case timeByChannel
        case channelByTime
    }

    /// A number of the pipeline file, a list of them, or where in the recording they are: a dataset, or `dataset@attribute`.
    package enum Numbers: Sendable, Equatable {
        case values([Double])
        case from(String)
    }

    /// Sampling: a rate written down, or a number of the file in a unit of frequency or of time (then the sample interval).
    package enum Sampling: Sendable, Equatable {
        case rate(SampleRate)
        case from(String, unit: String)
        /// A time per sample, in a unit of time.
        case timestamps(String, unit: String)
    }

    /// Samples; several datasets are several channels of one series, each with `axes` time.
    package var datasets: [String]
    package var axes: Axes
    package var sampling: Sampling
    package var unit: String
    package var gain: Numbers
    package var offset: Numbers
    /// Time of the first sample; where it is not declared, time counts from the first sample.
    package var start: Seconds?
    /// Dataset with the name of each channel.
    package var names: String?
    /// Dataset with x and y, or x, y and z, of each channel, and their unit.
    package var positions: (path: String, unit: String)? {
        get { positionsPath.map { ($0, positionsUnit) } }
        set {
            positionsPath = newValue?.path
            positionsUnit = newValue?.unit ?? ""
        }
    }
    private var positionsPath: String?
    private var positionsUnit = ""

    package init(datasets: [String], axes: Axes, sampling: Sampling, unit: String, gain: Numbers, offset: Numbers) {
        self.datasets = datasets
        self.axes = axes
        self.sampling = sampling
        self.unit = unit
        self.gain = gain
        self.offset = offset
    }
}
