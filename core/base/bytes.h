// Views of octets, and the readers and writers of network byte order (big-endian).
// A view never owns; keep it only beside the owner of the octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace zw {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
inline bool same_bytes(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

inline std::uint16_t get16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }
inline std::uint32_t get32(const std::uint8_t* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}
inline std::uint64_t get48(const std::uint8_t* p) { return std::uint64_t{get16(p)} << 32 | get32(p + 2); }
inline std::uint64_t get64(const std::uint8_t* p) { return std::uint64_t{get32(p)} << 32 | get32(p + 4); }

inline void set16(std::uint8_t* p, std::uint16_t v) {
  p[0] = static_cast<std::uint8_t>(v >> 8);
  p[1] = static_cast<std::uint8_t>(v);
}
inline void set32(std::uint8_t* p, std::uint32_t v) {
  set16(p, static_cast<std::uint16_t>(v >> 16));
  set16(p + 2, static_cast<std::uint16_t>(v));
}
inline void set48(std::uint8_t* p, std::uint64_t v) {
  set16(p, static_cast<std::uint16_t>(v >> 32));
  set32(p + 2, static_cast<std::uint32_t>(v));
}
inline void set64(std::uint8_t* p, std::uint64_t v) {
  set32(p, static_cast<std::uint32_t>(v >> 32));
  set32(p + 4, static_cast<std::uint32_t>(v));
}

inline void append(Buffer& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }
inline void append8(Buffer& out, std::uint8_t v) { out.push_back(v); }
inline void append16(Buffer& out, std::uint16_t v) {
  out.resize(out.size() + 2);
  set16(out.data() + out.size() - 2, v);
}
inline void append32(Buffer& out, std::uint32_t v) {
  out.resize(out.size() + 4);
  set32(out.data() + out.size() - 4, v);
}
inline void append48(Buffer& out, std::uint64_t v) {
  out.resize(out.size() + 6);
  set48(out.data() + out.size() - 6, v);
}

}  // namespace zw
