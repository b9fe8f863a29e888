// Views of octets, and the readers and writers of network byte order (big-endian).
// A view never owns; keep it only beside the owner of the octets.
#pragma once

#include <bit>
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

// An integer between our order and the network's. One load or store and one swap; compilers make less of
// shifts.
template <typename Integer>
constexpr Integer network_order(Integer v) {
  if constexpr (std::endian::native == std::endian::little) return std::byteswap(v);
  return v;
}
template <typename Integer>
inline Integer get_integer(const std::uint8_t* p) {
  Integer v;
  std::memcpy(&v, p, sizeof v);
  return network_order(v);
}
template <typename Integer>
inline void set_integer(std::uint8_t* p, Integer v) {
  v = network_order(v);
  std::memcpy(p, &v, sizeof v);
}

inline std::uint16_t get16(const std::uint8_t* p) { return get_integer<std::uint16_t>(p); }
inline std::uint32_t get32(const std::uint8_t* p) { return get_integer<std::uint32_t>(p); }
inline std::uint64_t get48(const std::uint8_t* p) { return std::uint64_t{get16(p)} << 32 | get32(p + 2); }
inline std::uint64_t get64(const std::uint8_t* p) { return get_integer<std::uint64_t>(p); }

inline void set16(std::uint8_t* p, std::uint16_t v) { set_integer(p, v); }
inline void set32(std::uint8_t* p, std::uint32_t v) { set_integer(p, v); }
inline void set48(std::uint8_t* p, std::uint64_t v) {
  set16(p, static_cast<std::uint16_t>(v >> 32));
  set32(p + 2, static_cast<std::uint32_t>(v));
}
inline void set64(std::uint8_t* p, std::uint64_t v) { set_integer(p, v); }

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
