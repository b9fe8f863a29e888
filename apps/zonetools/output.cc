#include "zonetools/output.h"

#include <cerrno>
#include <cstdio>

#include "os/descriptor.h"
#include "zonetools/input.h"

namespace zw::app {

Result<void> write_to(const std::string& path, const std::function<Result<void>(const BlockSink&)>& write) {
  std::string partial = path + ".part";
  std::FILE* to = path.empty() ? stdout : std::fopen(partial.c_str(), "wb");
  if (!to) return fail_errno(partial, errno);
  auto sink = [&](Bytes block) -> Result<void> {
    if (std::fwrite(block.data(), 1, block.size(), to) != block.size())
      return fail_errno(path.empty() ? "standard output" : partial, errno);
    return {};
  };
  Result<void> done = write(sink);
  bool closed = path.empty() ? std::fflush(to) == 0 : std::fclose(to) == 0;
  if (done && !closed) done = fail_errno(path.empty() ? "standard output" : partial, errno);
  if (path.empty()) return done;
  if (done && std::rename(partial.c_str(), path.c_str()) != 0) done = fail_errno(path, errno);
  if (!done) std::remove(partial.c_str());
  return done;
}

}  // namespace zw::app
