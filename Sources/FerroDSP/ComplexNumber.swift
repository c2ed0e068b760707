// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Just enough complex arithmetic to place poles and zeros.
struct ComplexNumber: Hashable, Sendable {
    var real, imaginary: Double

    init(_ real: Double, _ imaginary: Double) {
        self.real = real
        self.imaginary = imaginary
    }

    var magnitude: Double { hypot(real, imaginary) }
    var conjugate: ComplexNumber { ComplexNumber(real, -imaginary) }

    /// The root in the right half plane.
    var squareRoot: ComplexNumber {
        let size = magnitude
        if size == 0 { return ComplexNumber(0, 0) }
        // The larger part first, the other from 2ab = imaginary, so that nothing cancels.
        if real >= 0 {
            let root = ((size + real) / 2).squareRoot()
            return ComplexNumber(root, imaginary / (2 * root))
        }
        let root = ((size - real) / 2).squareRoot() * (imaginary < 0 ? -1 : 1)
        return ComplexNumber(imaginary / (2 * root), root)
    }

    static func + (left: Self, right: Self) -> Self { Self(left.real + right.real, left.imaginary + right.imaginary) }
    static func - (left: Self, right: Self) -> Self { Self(left.real - right.real, left.imaginary - right.imaginary) }
    static func * (left: Self, right: Double) -> Self { Self(left.real * right, left.imaginary * right) }
    static func * (left: Self, right: Self) -> Self {
        Self(
            left.real * right.real - left.imaginary * right.imaginary,
            left.real * right.imaginary + left.imaginary * right.real)
    }
    static func / (left: Self, right: Self) -> Self {
        let size = right.real * right.real + right.imaginary * right.imaginary
        return left * right.conjugate * (1 / size)
    }
}
