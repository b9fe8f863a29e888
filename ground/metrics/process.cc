#include "metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "os/files.h"

namespace zw {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// The number after `key` in /proc/self/status.
std::uint64_t number_after(std::string_view status, std::string_view key) {
  std::size_t at = status.find(key);
  if (at == std::string_view::npos) return 0;
  return std::strtoull(std::string(status.substr(at + key.size(), 32)).c_str(), nullptr, 10);
}

}  // namespace

ProcessFacts read_process_facts() {
  ProcessFacts facts;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    facts.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  if (auto status = read_file("/proc/self/status", 1 << 16)) {
    facts.resident_bytes = number_after(as_text(*status), "\nVmRSS:") * 1024;
    facts.threads = number_after(as_text(*status), "\nThreads:");
  }
  if (auto files = list_folder("/proc/self/fd"))
    facts.open_files = files->size() - 1;  // one is the listing's
  return facts;
}

}  // namespace zw
