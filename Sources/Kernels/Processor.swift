import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

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
