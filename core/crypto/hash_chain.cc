#include "crypto/hash_chain.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"

namespace zw {
namespace {

constexpr std::size_t kHexOctets = 64;

HashChain::Link next_link(const HashChain::Link& before, std::string_view entry) {
  const Bytes pieces[] = {before, as_bytes(entry)};
  Digest sum = digest(DigestAlgorithm::sha256, pieces);
  HashChain::Link out;
  std::ranges::copy(sum.bytes(), out.begin());
  return out;
}

std::string print_link(const HashChain::Link& link) {
  std::string hex = base16(link);
  std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'A' ? static_cast<char>(c | 0x20) : c; });
  return hex;
}

}  // namespace

std::string HashChain::hex() const { return print_link(link_); }

std::string HashChain::append(std::string_view entry) {
  ZW_ASSERT(entry.find('\n') == std::string_view::npos);
  link_ = next_link(link_, entry);
  ++size_;
  return hex() + " " + std::string(entry) + "\n";
}

Result<std::string_view> HashChain::follow(std::string_view line) {
  if (line.size() < kHexOctets + 1 || line[kHexOctets] != ' ')
    return fail(ErrorKind::malformed, "expected a link of 64 hex digits, a blank and an entry");
  std::string_view entry = line.substr(kHexOctets + 1);
  Link link = next_link(link_, entry);
  if (print_link(link) != line.substr(0, kHexOctets))
    return fail(ErrorKind::malformed,
                "the link does not fit: this line or one before it was changed, or is missing");
  link_ = link;
  ++size_;
  return entry;
}

}  // namespace zw
