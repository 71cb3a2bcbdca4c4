import Glibc

/// Processors that are on.
package func availableCores() -> Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }

/// Bytes of memory in the machine.
package func physicalMemory() -> Double {
  Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
}
