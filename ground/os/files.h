// Files and folders, read within a bound and written so that a kill at any moment leaves the old content or
// the new, whole. Errors name the path.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/descriptor.h"

namespace zw {

/// The whole file (or pipe). `limit` if it holds more than `most` octets.
Result<Buffer> read_file(const std::string& path, std::size_t most);

/// Whether the file's mode lets everybody read it, as no secret should.
Result<bool> others_may_read(const std::string& path);

/// The octets of a file, mapped read-only; a pipe or device is read instead. The view lives as long as the
/// object. Whoever truncates a mapped file kills the process by SIGBUS: map only what a person named on the
/// command line or what we wrote by write_file_atomically(), which never changes a file in place.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path, std::size_t most);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  Bytes bytes() const { return bytes_; }

 private:
  MappedFile() = default;
  Buffer owned_;
  Bytes bytes_;
  bool mapped_ = false;
};

/// Replaces `path` by the pieces, one after another: written to `path.new`, synced, renamed, and the folder
/// synced. On failure `path` is as it was and `path.new` is gone. What a kill leaves of `path.new` the next
/// write takes over, so remains never pile up. `conflict` if another writer is at the same path now.
Result<void> write_file_atomically(const std::string& path, std::span<const Bytes> pieces,
                                   mode_t mode = 0644);
Result<void> write_file_atomically(const std::string& path, Bytes content, mode_t mode = 0644);

/// The octets of a file that holds a secret of this size; where there is none, they are drawn by chance and
/// kept there, for its owner alone to read. `malformed` if it holds more or fewer.
Result<Buffer> keep_secret(const std::string& path, std::size_t octets);

/// Makes an empty file that stays, unless there is one already.
Result<void> make_file(const std::string& path, mode_t mode);
/// Syncs the file `from`, which another library has written, and renames it to `to`, whole and for good.
Result<void> move_into_place(const std::string& from, const std::string& to);
/// All octets to an open file; `path` is for the error.
Result<void> write_all(int fd, Bytes octets, const std::string& path);
/// Makes what was made, renamed or removed in a folder stay so.
Result<void> sync_folder(const std::string& folder);
/// Octets of a file.
Result<std::size_t> file_size(const std::string& path);
/// Names in a folder, without `.` and `..`, in octet order.
Result<std::vector<std::string>> list_folder(const std::string& path);
/// Removes one file and syncs its folder. A file that is absent is `not_found`.
Result<void> remove_file(const std::string& path);
/// Removes a folder with all that is in it. One that is absent is well.
Result<void> remove_folder(const std::string& path);
/// Makes the folder and what is missing above it. One that exists is well.
Result<void> make_folder(const std::string& path, mode_t mode = 0755);
/// What stands before the last slash: `.` for a bare name.
std::string folder_of(const std::string& path);

/// Keeps a state folder for one process at a time: an advisory lock on its file `lock`, given back by the
/// kernel however the process ends. The file holds the pid of its last owner, for people.
class FolderLock {
 public:
  /// `conflict` if another process has it.
  static Result<FolderLock> take(const std::string& folder);
  /// From a process that has it, as a descriptor that it sent: both hold it now, and it is given back when
  /// both have ended.
  static Result<FolderLock> share(const std::string& folder, Descriptor held);
  /// Writes our pid into the file, as take() and share() do; for when who shared it has ended.
  Result<void> sign() const;
  int fd() const { return held_.get(); }

 private:
  FolderLock(std::string path, Descriptor held) : path_(std::move(path)), held_(std::move(held)) {}
  std::string path_;
  Descriptor held_;
};

}  // namespace zw
