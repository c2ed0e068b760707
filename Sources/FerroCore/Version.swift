// SPDX-License-Identifier: GPL-3.0-or-later

/// The version that manifests and reports name.
package let ferrospikeVersion = "0.1.0"
