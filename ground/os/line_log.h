// A file that only grows, by whole lines. Each line is on disk when append() returns; what a kill left of one
// is cut off when the file is opened again. One process at a time (FolderLock), and one thread.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "os/descriptor.h"

namespace zw {

class LineLog {
 public:
  /// Opens the file, or makes it. Each whole line in it is handed to `visit` without its line feed; when that
  /// fails, so does this, naming path and line. `limit` if the file holds more than `most` octets.
  static Result<LineLog> open(const std::string& path, std::size_t most,
                              const std::function<Result<void>(std::string_view line)>& visit);
  /// `line` ends with its only line feed. On failure the file is as it was, as far as the system allows.
  Result<void> append(std::string_view line);

 private:
  LineLog(std::string path, Descriptor file, std::size_t size)
      : path_(std::move(path)), file_(std::move(file)), size_(size) {}
  std::string path_;
  Descriptor file_;
  std::size_t size_;
};

/// The whole lines of a file that others may be writing to, without opening it for writing; as for open().
Result<void> read_lines(const std::string& path, std::size_t most,
                        const std::function<Result<void>(std::string_view line)>& visit);

}  // namespace zw
