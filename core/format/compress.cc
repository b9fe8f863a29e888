#include "format/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace zw {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest one, with the header of gzip
constexpr int kGzipMemory = 8;
constexpr int kZstdWindowLog = 23;  // 8 MiB

// zlib counts what is before and behind it in 32 bits.
uInt piece_of(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

Result<Buffer> gzip(Bytes octets, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kGzipMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(ErrorKind::limit, "gzip: no memory, or no level {}", level);
  std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&stream, &deflateEnd);
  Buffer out(deflateBound(&stream, octets.size()));
  stream.next_in = const_cast<Bytef*>(octets.data());
  stream.next_out = out.data();
  int result = Z_OK;
  while (result == Z_OK) {
    std::size_t taken = static_cast<std::size_t>(stream.next_in - octets.data());
    std::size_t made = static_cast<std::size_t>(stream.next_out - out.data());
    stream.avail_in = piece_of(octets.size() - taken);
    stream.avail_out = piece_of(out.size() - made);
    result = deflate(&stream, taken + stream.avail_in == octets.size() ? Z_FINISH : Z_NO_FLUSH);
  }
  if (result != Z_STREAM_END) return fail(ErrorKind::limit, "gzip: no end");
  out.resize(static_cast<std::size_t>(stream.next_out - out.data()));
  out.shrink_to_fit();
  return out;
}

Result<Buffer> zstd(Bytes octets, int level) {
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  auto set = [&](ZSTD_cParameter what, int value) {
    return !ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), what, value));
  };
  if (!context || !set(ZSTD_c_compressionLevel, level) || !set(ZSTD_c_checksumFlag, 1))
    return fail(ErrorKind::limit, "zstd: no memory, or no level {}", level);
  // A small frame has a window of its size; the window of a large one depends on the level.
  if (octets.size() > (std::size_t{1} << kZstdWindowLog) && !set(ZSTD_c_windowLog, kZstdWindowLog))
    return fail(ErrorKind::unsupported, "zstd: no window of 8 MiB");
  Buffer out(ZSTD_compressBound(octets.size()));
  std::size_t size = ZSTD_compress2(context.get(), out.data(), out.size(), octets.data(), octets.size());
  if (ZSTD_isError(size)) return fail(ErrorKind::limit, "zstd: {}", ZSTD_getErrorName(size));
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

}  // namespace zw
