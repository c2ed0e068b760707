// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

/// Vega as Debian installs it (`libjs-vega`), made one script that a page holds: the figure that a reader can ask questions of is drawn by it.
///
/// Debian ships Vega as modules without a bundle. The few that charts need are joined, compressed (a quarter of their size) and unpacked by
/// the page itself. Nothing of Vega is part of Ferrospike.
struct ChartLibrary: Sendable {
    /// What it is, for provenance and methods.
    let name: String
    /// The joined modules: a zlib stream in base64.
    let packed: String
    /// Copyright and licence, which go with every copy; nil where they are not beside the modules.
    let notice: String?

    static let licence = "BSD-3-Clause"
    /// Names a folder of `vega-*.min.js` in place of Debian's.
    static let variable = "FERROSPIKE_VEGA"
    private static let folder = "/usr/share/javascript/vega"
    private static let copyright = "/usr/share/doc/libjs-vega/copyright"

    /// Each after those that it uses.
    static let modules = [
        "util", "time", "format", "loader", "dataflow", "scale", "statistics", "canvas", "scenegraph", "event-selector", "expression", "selection", "functions",
        "parser", "runtime", "view", "transforms", "view-transforms", "encode", "interpreter",
    ]

    /// The library of this machine, or a sentence why there is none.
    static func installed() -> Result<ChartLibrary, FerroError> {
        let named = ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        return Result { () throws(FerroError) in
            let version = named == nil ? debianVersion(inStatus: try? String(contentsOfFile: "/var/lib/dpkg/status", encoding: .utf8)) : nil
            return try ChartLibrary(folder: named ?? folder, version: version, notice: named.map { "\($0)/LICENSE" } ?? copyright)
        }
    }

    /// Why a page has no interactive figure, and what to do about it.
    static func absence(_ error: FerroError) -> String {
        "left out: \(error.what)\(error.advice.map { "; \($0)" } ?? ""), then write the report again"
    }

    /// - Parameter notice: file of the copyright and licence.
    init(folder: String, version: String?, notice path: String? = nil) throws(FerroError) {
        let script = try ChartLibrary.script(of: folder)
        guard let bytes = Array(script.utf8).withUnsafeBytes({ deflateChunk($0, level: 12) }) else {
            throw FerroError.internalError("there is no memory to compress the charting library")
        }
        packed = Data(bytes).base64EncodedString()
        name = "Vega" + (version.map { " \($0)" } ?? "")
        notice = path.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    }

    /// The modules of a folder as one script.
    static func script(of folder: String) throws(FerroError) -> String {
        var script = opening
        for module in modules {
            let path = "\(folder)/vega-\(module).min.js"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw FerroError.input(
                    "`vega-\(module).min.js` cannot be read", at: path,
                    advice: "install libjs-vega (Debian, Ubuntu), or name the folder of Vega's modules in \(variable)")
            }
            script += "name=\"vega-\(module)\";\n\(text)\n"
        }
        return script + closing
    }

    /// The modules ask for each other by name, as modules of AMD do; this is all they need of a loader.
    private static let opening = """
        (()=>{let name;const modules={};
        const define=(needs,make)=>{const made=modules[name]={};make(...needs.map(need=>need==="exports"?made:modules[need==="vega-selections"?"vega-selection":need]));};
        define.amd=true;

        """

    private static let closing = """
        const known=part=>modules["vega-"+part];
        Object.assign(known("dataflow").transforms,known("transforms"),known("view-transforms"),known("encode"));
        globalThis.ferrospikeCharts={parse:known("parser").parse,View:known("view").View,expressionInterpreter:known("interpreter").expressionInterpreter};
        })();

        """

    /// The version of `libjs-vega` in dpkg's list of packages: `5.22.1+ds+~3.1.0-4` is `5.22.1`.
    static func debianVersion(inStatus status: String?) -> String? {
        guard let status, let start = status.range(of: "Package: libjs-vega\n") else { return nil }
        let stanza = status[start.upperBound...]
        guard let version = stanza.range(of: "\nVersion: ") else { return nil }
        if let end = stanza.range(of: "\n\n"), end.lowerBound < version.lowerBound { return nil }
        let text = stanza[version.upperBound...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        return text.isEmpty ? nil : String(text)
    }
}
