// Lines chained by hash: nobody can change, drop or insert one without all that follow being other ones.
//
// A line is the link in lower-case base 16, a blank, and an entry that is text without a line feed. The link
// is SHA-256(link before, as 32 octets || entry); before the first line it is 32 octets of zero. Who keeps
// the last link elsewhere can tell later that nothing was taken from the end, or that all was written anew.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zw {

class HashChain {
 public:
  using Link = std::array<std::uint8_t, 32>;

  HashChain() = default;
  /// One that has `size` lines already, the last with this link.
  HashChain(const Link& link, std::size_t size) : link_(link), size_(size) {}

  /// The next line, with its line feed.
  std::string append(std::string_view entry);
  /// Goes on by `line` (without line feed) and gives back its entry. Fails with `malformed` if it is not the
  /// next one of this chain, which then stays as it was.
  Result<std::string_view> follow(std::string_view line);

  const Link& link() const { return link_; }
  std::string hex() const;
  /// How many lines there are.
  std::size_t size() const { return size_; }

 private:
  Link link_{};
  std::size_t size_ = 0;
};

}  // namespace zw
