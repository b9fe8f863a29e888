#include "os/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "os/clock.h"

namespace zw {
namespace {

Result<Descriptor> open_to_read(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(path);
  struct stat facts{};
  if (fstat(file.get(), &facts) == 0 && S_ISDIR(facts.st_mode)) return fail_errno(path, EISDIR);
  return file;
}

std::unexpected<Error> too_large(const std::string& path, std::size_t most) {
  return fail(ErrorKind::limit, "{}: larger than the limit of {} octets", path, most);
}

/// Octets that fstat promises; 0 for what has no size of its own.
std::size_t size_of(int fd) {
  struct stat facts{};
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
  return static_cast<std::size_t>(facts.st_size);
}

Result<Buffer> read_all(int fd, const std::string& path, std::size_t most) {
  Buffer out;
  std::size_t expected = size_of(fd);
  if (expected > most) return too_large(path, most);
  for (std::size_t have = 0;;) {
    // One octet more than expected shows the end without growing the buffer.
    if (out.size() == have) out.resize(std::max(have + have / 2 + 65536, have == 0 ? expected + 1 : 0));
    ssize_t got = read(fd, out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(path);
    have += static_cast<std::size_t>(got);
    if (have > most) return too_large(path, most);
    if (got == 0) return out.resize(have), out;
  }
}

bool still_named(int fd, const std::string& path) {
  struct stat held{}, named{};
  return fstat(fd, &held) == 0 && lstat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

/// The temporary file, empty, and locked so that a second writer is told instead of mixing in. Between our
/// open and our lock the other writer may have renamed the file into place: then we hold the published file,
/// must not touch it, and start again.
Result<Descriptor> open_temporary(const std::string& path, mode_t mode) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file) return fail_errno(path);
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0)
      return fail(ErrorKind::conflict, "{}: being written by another writer", path);
    if (!still_named(file.get(), path)) continue;
    if (ftruncate(file.get(), 0) != 0 || fchmod(file.get(), mode) != 0) return fail_errno(path);
    return file;
  }
  return fail(ErrorKind::conflict, "{}: other writers keep replacing it", path);
}

Result<void> fill_and_rename(const Descriptor& file, const std::string& temporary, const std::string& path,
                             std::span<const Bytes> pieces) {
  for (Bytes piece : pieces) ZW_CHECK(write_all(file.get(), piece, temporary));
  if (fsync(file.get()) != 0) return fail_errno(temporary);
  if (rename(temporary.c_str(), path.c_str()) != 0) return fail_errno(path);
  return {};
}

}  // namespace

Result<void> sync_folder(const std::string& folder) {
  Descriptor at(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at || fsync(at.get()) != 0) return fail_errno(folder);
  return {};
}

Result<void> write_all(int fd, Bytes octets, const std::string& path) {
  while (!octets.empty()) {
    ssize_t put = write(fd, octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(path);
    octets = octets.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<bool> others_may_read(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) return fail_errno(path);
  return (facts.st_mode & S_IROTH) != 0;
}

Result<Buffer> read_file(const std::string& path, std::size_t most) {
  ZW_TRY(Descriptor file, open_to_read(path));
  return read_all(file.get(), path, most);
}

Result<MappedFile> MappedFile::open(const std::string& path, std::size_t most) {
  ZW_TRY(Descriptor file, open_to_read(path));
  std::size_t size = size_of(file.get());
  if (size > most) return too_large(path, most);
  MappedFile out;
  void* at = size == 0 ? MAP_FAILED : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (at != MAP_FAILED) {
    out.bytes_ = {static_cast<const std::uint8_t*>(at), size};
    out.mapped_ = true;
    return out;
  }
  ZW_TRY(out.owned_, read_all(file.get(), path, most));
  out.bytes_ = out.owned_;
  return out;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : owned_(std::move(other.owned_)),
      bytes_(std::exchange(other.bytes_, {})),
      mapped_(std::exchange(other.mapped_, false)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(owned_, other.owned_);
  std::swap(bytes_, other.bytes_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

MappedFile::~MappedFile() {
  if (mapped_) munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

Result<void> write_file_atomically(const std::string& path, std::span<const Bytes> pieces, mode_t mode) {
  std::string temporary = path + ".new";
  ZW_TRY(Descriptor file, open_temporary(temporary, mode));
  if (auto done = fill_and_rename(file, temporary, path, pieces); !done) {
    unlink(temporary.c_str());
    return done;
  }
  return sync_folder(folder_of(path));
}

Result<void> write_file_atomically(const std::string& path, Bytes content, mode_t mode) {
  return write_file_atomically(path, std::span(&content, 1), mode);
}

Result<Buffer> keep_secret(const std::string& path, std::size_t octets) {
  auto kept = read_file(path, octets + 1);
  if (kept && kept->size() == octets) return kept;
  if (kept || kept.error().kind == ErrorKind::limit)
    return fail(ErrorKind::malformed, "{}: expected {} octets made by chance, and nothing else", path,
                octets);
  if (kept.error().kind != ErrorKind::not_found) return kept;
  Buffer secret(octets);
  SystemRandom().fill(secret);
  ZW_CHECK(write_file_atomically(path, secret, 0600));
  return secret;
}

Result<void> make_file(const std::string& path, mode_t mode) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file && errno == EEXIST) return {};
  if (!file) return fail_errno(path);
  return sync_folder(folder_of(path));
}

Result<void> move_into_place(const std::string& from, const std::string& to) {
  Descriptor file(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file || fsync(file.get()) != 0) return fail_errno(from);
  if (rename(from.c_str(), to.c_str()) != 0) return fail_errno(to);
  return sync_folder(folder_of(to));
}

Result<std::size_t> file_size(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) return fail_errno(path);
  return static_cast<std::size_t>(facts.st_size);
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder) return fail_errno(path);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(folder.get())) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<void> remove_file(const std::string& path) {
  if (unlink(path.c_str()) != 0) return fail_errno(path);
  return sync_folder(folder_of(path));
}

Result<void> remove_folder(const std::string& path) {
  std::error_code fault;
  if (std::filesystem::remove_all(path, fault) == 0) return {};
  if (fault) return fail(ErrorKind::io, "{}: {}", path, fault.message());
  return sync_folder(folder_of(path));
}

Result<void> make_folder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return sync_folder(folder_of(path));
  int code = errno;
  struct stat facts{};
  if (code == EEXIST && stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) return {};
  std::string above = folder_of(path);
  if (code != ENOENT || above == path || above == ".") return fail_errno(path, code);
  ZW_CHECK(make_folder(above, mode));
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return fail_errno(path);
  return sync_folder(above);
}

std::string folder_of(const std::string& path) {
  std::size_t end = path.find_last_not_of('/');
  std::size_t slash = end == std::string::npos ? 0 : path.rfind('/', end);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<FolderLock> FolderLock::take(const std::string& folder) {
  std::string path = folder + "/lock";
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return fail_errno(path);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    char owner[16] = {};
    ssize_t got = read(file.get(), owner, sizeof owner - 1);
    std::string_view pid(owner, got > 0 ? static_cast<std::size_t>(got) : 0);
    return fail(ErrorKind::conflict, "{}: in use by another process (pid {})", folder,
                pid.substr(0, pid.find('\n')));
  }
  FolderLock lock(path, std::move(file));
  ZW_CHECK(lock.sign());
  return lock;
}

Result<FolderLock> FolderLock::share(const std::string& folder, Descriptor held) {
  std::string path = folder + "/lock";
  FolderLock lock(path, std::move(held));
  struct stat here{}, there{};
  if (fstat(lock.fd(), &there) != 0 || stat(path.c_str(), &here) != 0) return fail_errno(path);
  if (here.st_dev != there.st_dev || here.st_ino != there.st_ino)
    return fail(ErrorKind::conflict, "{}: the lock of another folder", path);
  ZW_CHECK(lock.sign());
  return lock;
}

Result<void> FolderLock::sign() const {
  std::string mine = fmt::format("{}\n", getpid());
  if (ftruncate(fd(), 0) != 0 || lseek(fd(), 0, SEEK_SET) != 0) return fail_errno(path_);
  return write_all(fd(), as_bytes(mine), path_);
}

}  // namespace zw
