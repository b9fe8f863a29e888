// Many signed requests, each answered by one message (RFC 8945 §5.3.2): for who asks or tells a million
// others at once. One HMAC for each algorithm serves them all; nothing is allocated for a message.
#pragma once

#include <array>
#include <optional>

#include "dns/tsig.h"

namespace zw {

/// Belongs to one thread at a time. Keys outlive it, or are forgotten before they go.
class TsigQueries {
 public:
  /// Signs the request in the first `size` octets of `room`. Gives back its new size, or 0 (and nothing
  /// changed) if there is no room. `mac`: what check() wants with the answer.
  std::size_t sign(const TsigKey& key, MutableBytes room, std::size_t size, WallTime now, TsigMac& mac);

  struct Checked {
    TsigStatus status;
    Rcode server_error =
        Rcode::NOERROR;  // what the server says in its TSIG; a hint unless the status is good
  };
  /// Is `response` the one answer to the request with this `mac`, signed as it must be? `absent` if it is not
  /// signed at all.
  Checked check(const TsigKey& key, const TsigMac& mac, const MessageView& response, WallTime now);

  /// This key is going.
  void forget(const TsigKey& key);

 private:
  TsigChain& chain_for(const TsigKey& key);
  std::array<std::optional<TsigChain>, 9> chains_;  // by algorithm; each with the key it was last used with
};

}  // namespace zw
