// SPDX-License-Identifier: GPL-3.0-or-later
import FerroHDF5

package func writeRecordingResult(_ result: RecordingResult, to path: String) throws { try HDF5File.create(path).close() }
