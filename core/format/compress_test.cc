#include "format/compress.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace zw {
namespace {

Buffer gunzip(Bytes octets, std::size_t size) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  Buffer out(size + 1);
  stream.next_in = const_cast<Bytef*>(octets.data());
  stream.avail_in = static_cast<uInt>(octets.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

Buffer unzstd(Bytes octets, std::size_t size) {
  Buffer out(size + 1);
  std::size_t got = ZSTD_decompress(out.data(), out.size(), octets.data(), octets.size());
  REQUIRE_FALSE(ZSTD_isError(got));
  out.resize(got);
  return out;
}

Buffer like_a_zone(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i)
    text += "name" + std::to_string(i * 7919 % 100'003) + ".\t172800\tIN\tNS\tns.nic.\n";
  return Buffer(text.begin(), text.end());
}

TEST_CASE("what is made smaller reads back as it was, whatever its size") {
  for (std::size_t lines : {0u, 1u, 100u, 20'000u}) {
    Buffer octets = like_a_zone(lines);
    auto gzipped = gzip(octets), zstandard = zstd(octets);
    REQUIRE((gzipped && zstandard));
    CHECK(same_bytes(gunzip(*gzipped, octets.size()), octets));
    CHECK(same_bytes(unzstd(*zstandard, octets.size()), octets));
    if (lines < 100) continue;
    CHECK(gzipped->size() * 2 < octets.size());
    CHECK(zstandard->size() * 2 < octets.size());
  }
}

TEST_CASE("what cannot be made smaller grows by little") {
  Buffer octets(100'000);
  std::uint32_t state = 1;
  for (auto& octet : octets) octet = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  CHECK(gzip(octets)->size() < octets.size() + 100);
  CHECK(zstd(octets)->size() < octets.size() + 100);
}

TEST_CASE("the same octets give the same result, with no time and no name in it") {
  Buffer octets = like_a_zone(1000);
  auto first = gzip(octets);
  CHECK(same_bytes(*first, *gzip(octets)));
  CHECK(same_bytes(*zstd(octets), *zstd(octets)));
  CHECK(as_text(*first).substr(0, 8) == std::string_view("\x1f\x8b\x08\0\0\0\0\0", 8));
}

TEST_CASE("a window is never larger than 8 MiB, and there is a checksum") {
  Buffer octets = like_a_zone(400'000);
  REQUIRE(octets.size() > (8u << 20));
  for (int level : {kZstdLevel, 19}) {
    auto made = zstd(octets, level);
    REQUIRE(made.has_value());
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23);
    Buffer piece(1 << 20);
    ZSTD_inBuffer in{made->data(), made->size(), 0};
    std::size_t total = 0, left = 1;
    while (left != 0) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      left = ZSTD_decompressStream(context, &out, &in);
      REQUIRE_FALSE(ZSTD_isError(left));
      total += out.pos;
    }
    ZSTD_freeDCtx(context);
    CHECK(total == octets.size());
    CHECK(((*made)[4] & 4) != 0);  // Content_Checksum_flag (RFC 8878 §3.1.1.1.1)
    if (level == kZstdLevel) {
      (*made)[made->size() - 1] ^= 1;
      CHECK(ZSTD_isError(ZSTD_decompress(octets.data(), octets.size(), made->data(), made->size())));
    }
  }
}

}  // namespace
}  // namespace zw
