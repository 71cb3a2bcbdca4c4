import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The processor's own unit for products of matrices: AMX with bfloat16.
package enum MatrixEngine {
  /// Whether the processor has it, the system gives its state to this process, and
  /// `METATOP_MATRIX_ENGINE=off` does not forbid it.
  package static let isAvailable = ck_has_matrix_engine() != 0
}

/// Tells the processor that this thread waits for another one.
@inline(__always)
package func spinHint() { ck_spin_hint() }

/// Lets another thread run on this core.
package func yieldProcessor() { sched_yield() }

/// Seconds of a clock that never jumps.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
