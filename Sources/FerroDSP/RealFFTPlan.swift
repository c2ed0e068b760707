// SPDX-License-Identifier: GPL-3.0-or-later
import CFFTW
import Synchronization

/// FFTW's manual, "Thread safety": "the only thread-safe routine in FFTW is fftw_execute (and the new-array variants
/// thereof). All other routines (e.g. the planner) should only be called from one thread at a time", destroying included.
/// So one lock for the whole process guards both. Plans are made with `FFTW_ESTIMATE`: a measured plan depends on timing,
/// and with it the last bits of every result.
private let plannerDoor = Mutex(())

/// A forward Fourier transform of `count` real Float64 values: X[k] = Σ x[n] exp(−2πi k n / count), k from 0 to count / 2,
/// not normalised, and back where that is asked for. One plan serves any number of threads, each with a workspace of its own.
package final class RealFFTPlan: Sendable {
    package let count: Int
    package var bins: Int { count / 2 + 1 }
    private let plan: Plan
    private let inversePlan: Plan?

    /// FFTW's plan is not written to once it is made.
    private struct Plan: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    /// - Parameter inverse: whether `executeInverse` will be called.
    /// - Precondition: `count` is at least 1 and fits in 32 bits.
    package init(count: Int, inverse: Bool = false) {
        precondition(count > 0)
        self.count = count
        let size = Int32(count)
        (plan, inversePlan) = plannerDoor.withLock { _ in
            // The workspace only lends its alignment: ESTIMATE touches no array, and FFTW's allocator aligns all alike.
            let space = RealFFTWorkspace(count: count)
            let forward = Plan(pointer: fftw_plan_dft_r2c_1d(size, space.input, space.output, ferro_FFTW_ESTIMATE()))
            guard inverse else { return (forward, nil) }
            return (forward, Plan(pointer: fftw_plan_dft_c2r_1d(size, space.output, space.input, ferro_FFTW_ESTIMATE())))
        }
        precondition(plan.pointer != nil && (!inverse || inversePlan?.pointer != nil), "FFTW has no plan for \(count) real values")
    }

    deinit {
        plannerDoor.withLock { [plan, inversePlan] _ in
            fftw_destroy_plan(plan.pointer)
            if let inversePlan { fftw_destroy_plan(inversePlan.pointer) }
        }
    }

    /// Transforms `space.input` into `space.output`. Takes no lock.
    func execute(_ space: RealFFTWorkspace) {
        fftw_execute_dft_r2c(plan.pointer, space.input, space.output)
    }

    /// Transforms `space.output` back into `space.input`, `count` times as large, and leaves rubbish in `space.output`. Takes no lock.
    ///
    /// - Precondition: the plan was made with `inverse: true`.
    func executeInverse(_ space: RealFFTWorkspace) {
        precondition(inversePlan != nil)
        fftw_execute_dft_c2r(inversePlan?.pointer, space.output, space.input)
    }

    /// The transform of `signal`, bins 0 to count / 2. Requires `signal.count == count`.
    package func transform(_ signal: [Double]) -> [(real: Double, imaginary: Double)] {
        precondition(signal.count == count)
        let space = RealFFTWorkspace(count: count)
        for index in 0..<count { space.input[index] = signal[index] }
        execute(space)
        return (0..<bins).map { space[$0] }
    }
}

/// Aligned arrays for one transform at a time.
final class RealFFTWorkspace {
    let input: UnsafeMutablePointer<Double>
    let output: UnsafeMutablePointer<fftw_complex>

    init(count: Int) {
        input = fftw_alloc_real(count)
        output = fftw_alloc_complex(count / 2 + 1)
    }

    deinit {
        fftw_free(input)
        fftw_free(output)
    }

    /// One bin of the last transform.
    subscript(bin: Int) -> (real: Double, imaginary: Double) { (output[bin].0, output[bin].1) }
}
