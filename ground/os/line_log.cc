#include "os/line_log.h"

#include <fcntl.h>
#include <unistd.h>

#include "os/files.h"

namespace zw {
namespace {

// Octets of the whole lines.
Result<std::size_t> visit_lines(const std::string& path, std::string_view text,
                                const std::function<Result<void>(std::string_view)>& visit) {
  std::size_t at = 0;
  for (std::size_t line = 1;; ++line) {
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return at;
    if (auto seen = visit(text.substr(at, end - at)); !seen)
      return fail(seen.error().kind, "{}:{}: {}", path, line, seen.error().what);
    at = end + 1;
  }
}

}  // namespace

Result<LineLog> LineLog::open(const std::string& path, std::size_t most,
                              const std::function<Result<void>(std::string_view)>& visit) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return fail_errno(path);
  ZW_TRY(Buffer text, read_file(path, most));
  ZW_TRY(std::size_t size, visit_lines(path, as_text(text), visit));
  if (size < text.size() && ftruncate(file.get(), static_cast<off_t>(size)) != 0) return fail_errno(path);
  ZW_CHECK(sync_folder(folder_of(path)));
  return LineLog(path, std::move(file), size);
}

Result<void> LineLog::append(std::string_view line) {
  ZW_ASSERT(line.ends_with('\n') && line.find('\n') == line.size() - 1);
  auto written = write_all(file_.get(), as_bytes(line), path_);
  if (written && fdatasync(file_.get()) != 0) written = fail_errno(path_);
  if (!written) {
    // The next line must not stand behind half of this one.
    if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) return fail_errno(path_);
    return written;
  }
  size_ += line.size();
  return {};
}

Result<void> read_lines(const std::string& path, std::size_t most,
                        const std::function<Result<void>(std::string_view)>& visit) {
  ZW_TRY(Buffer text, read_file(path, most));
  auto seen = visit_lines(path, as_text(text), visit);
  if (!seen) return std::unexpected(seen.error());
  return {};
}

}  // namespace zw
