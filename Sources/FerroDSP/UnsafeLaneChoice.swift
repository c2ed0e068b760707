// SPDX-License-Identifier: GPL-3.0-or-later
#if arch(x86_64)
import _Builtin_intrinsics.intel
#endif

// Choices lane by lane that processors make in one instruction. Of the same in the words of Swift the compiler makes pieces of vectors, outside of loops.

/// The smaller value of each lane; `right` where they are equal or one is no number.
@inline(__always)
func smaller(_ left: SIMD16<Float>, _ right: SIMD16<Float>) -> SIMD16<Float> {
    #if FERROSPIKE_AVX512
    return _mm512_min_ps(left, right)
    #elseif arch(x86_64)
    return SIMD16(lowHalf: _mm256_min_ps(left.lowHalf, right.lowHalf), highHalf: _mm256_min_ps(left.highHalf, right.highHalf))
    #else
    return right.replacing(with: left, where: left .< right)
    #endif
}

/// The larger value of each lane; `right` where they are equal or one is no number.
@inline(__always)
func larger(_ left: SIMD16<Float>, _ right: SIMD16<Float>) -> SIMD16<Float> {
    #if FERROSPIKE_AVX512
    return _mm512_max_ps(left, right)
    #elseif arch(x86_64)
    return SIMD16(lowHalf: _mm256_max_ps(left.lowHalf, right.lowHalf), highHalf: _mm256_max_ps(left.highHalf, right.highHalf))
    #else
    return right.replacing(with: left, where: left .> right)
    #endif
}

/// The values of the lanes that `lanes` names, each between 0 and 15.
@inline(__always)
func chosen(_ lanes: SIMD16<Int32>, of value: SIMD16<Float>) -> SIMD16<Float> {
    #if FERROSPIKE_AVX512
    return _mm512_permutexvar_ps(unsafeBitCast(lanes, to: SIMD8<Int64>.self), value)
    #else
    var answer = SIMD16<Float>.zero
    for lane in 0..<16 { answer[lane] = value[Int(lanes[lane] & 15)] }
    return answer
    #endif
}
