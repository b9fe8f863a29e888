// What the kernel knows of this process (proc(5)).
#pragma once

#include <cstdint>

namespace zw {

struct ProcessFacts {
  double cpu_seconds = 0;  // user and system, all threads
  std::uint64_t resident_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
};
/// Zeros where the kernel does not say.
ProcessFacts read_process_facts();

}  // namespace zw
