#include "os/descriptor.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include <system_error>

namespace zw {

void Descriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::unexpected<Error> fail_errno(std::string_view subject, int code) {
  auto kind = code == ENOENT                    ? ErrorKind::not_found
              : code == EACCES || code == EPERM ? ErrorKind::refused
              : code == ETIMEDOUT               ? ErrorKind::timeout
                                                : ErrorKind::io;
  return fail(kind, "{}: {}", subject, std::generic_category().message(code));
}

std::unexpected<Error> fail_errno(std::string_view subject) { return fail_errno(subject, errno); }

std::size_t raise_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return static_cast<std::size_t>(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before);
}

}  // namespace zw
