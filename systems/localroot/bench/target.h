// What all kinds of load have in common: whom they are aimed at, from where, and with which key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "dns/tsig_key.h"

namespace zw::localroot {

/// Addresses of virtual subscribers, one after another and round again. Copies are cheap.
class AddressRange {
 public:
  /// `127.1.0.0/16` or one address. The first and the last of a network, which may mean all of it, are left
  /// out. Fails with `malformed`, and with `limit` for more than 2^24.
  static Result<AddressRange> parse(std::string_view text);

  IpAddress at(std::uint64_t i) const;
  /// The least `i` with this address.
  std::optional<std::uint64_t> find(const IpAddress& ip) const;
  std::uint64_t size() const { return size_; }
  bool is_loopback() const { return network_.first().is_loopback(); }
  std::string print() const { return network_.print(); }

 private:
  AddressRange(const Network& network, std::uint64_t size, std::uint64_t skipped)
      : network_(network), size_(size), skipped_(skipped) {}
  Network network_;
  std::uint64_t size_, skipped_;
};

/// Whether load may go there. Anything but loopback is refused unless `allow_remote`: the tool makes hundreds
/// of thousands of requests from addresses of its choice, and a slip in an address must not turn that on
/// somebody else's server, nor on whoever owns the addresses that the answers go to.
Result<void> check_target(const Address& target, const std::optional<AddressRange>& sources,
                          bool allow_remote);

/// `NAME:ALGORITHM:FILE`: the file holds the secret in base 64, so that it stands in no list of processes.
Result<TsigKey> read_key(std::string_view text);

}  // namespace zw::localroot
