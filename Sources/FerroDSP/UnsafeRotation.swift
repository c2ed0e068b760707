// SPDX-License-Identifier: GPL-3.0-or-later
private typealias Eight = SIMD8<Double>

/// Rotates the vectors of `count` values at two places in their plane until they are orthogonal.
///
/// - Returns: the magnitude of their cosine before; where that is below 1e-15 nothing is done.
func orthogonalizePair(_ values: inout [Double], _ first: Int, _ second: Int, _ count: Int) -> Double {
    precondition(first >= 0 && second >= 0 && max(first, second) + count <= values.count)
    return values.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        let (left, right) = (base + first, base + second)
        let (square, other, product) = products(left, right, count)
        let scale = (square * other).squareRoot()
        guard scale > 0 else { return 0 }
        let cosine = abs(product) / scale
        if cosine < 1e-15 { return cosine }
        // tan of the angle that makes the new product 0, the smaller of the two roots (Rutishauser 1966, doi:10.1007/BF02165223).
        let zeta = (other - square) / (2 * product)
        let tangent = (zeta >= 0 ? 1.0 : -1.0) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
        let c = 1 / (1 + tangent * tangent).squareRoot()
        rotate(left, right, c, c * tangent, count)
        return cosine
    }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Double>) -> Eight { UnsafeRawPointer(pointer).loadUnaligned(as: Eight.self) }

/// Sums of left², right² and left right, eight partial sums each.
private func products(_ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ count: Int) -> (Double, Double, Double) {
    var (squares, others, mixed) = (Eight.zero, Eight.zero, Eight.zero)
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
        let (one, two) = (load(left + index), load(right + index))
        squares.addProduct(one, one)
        others.addProduct(two, two)
        mixed.addProduct(one, two)
    }
    var (square, other, product) = (squares.sum(), others.sum(), mixed.sum())
    for index in whole..<count {
        square += left[index] * left[index]
        other += right[index] * right[index]
        product += left[index] * right[index]
    }
    return (square, other, product)
}

/// left ← c left − s right, right ← s left + c right.
private func rotate(_ left: UnsafeMutablePointer<Double>, _ right: UnsafeMutablePointer<Double>, _ c: Double, _ s: Double, _ count: Int) {
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
        let (one, two) = (load(left + index), load(right + index))
        UnsafeMutableRawPointer(left + index).storeBytes(of: one * c - two * s, as: Eight.self)
        UnsafeMutableRawPointer(right + index).storeBytes(of: one * s + two * c, as: Eight.self)
    }
    for index in whole..<count {
        let (one, two) = (left[index], right[index])
        left[index] = one * c - two * s
        right[index] = one * s + two * c
    }
}
