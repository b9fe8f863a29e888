// What the MAC of a TSIG covers (RFC 8945 §4.3), and the chain of MACs through a stream (§5.3.1). The tool of
// signers and verifiers; others have no use for it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "dns/tsig_key.h"
#include "dns/tsig_record.h"

namespace zw {

/// Pieces are added, then closed.
class TsigChain {
 public:
  TsigChain(const TsigKey& key, Hmac hmac) : key_(&key), hmac_(std::move(hmac)) {}

  const TsigKey& key() const { return *key_; }
  /// The MAC that the next one is chained to, length first; an empty one is left out.
  void set_prior(const TsigMac& mac) { prior_ = mac; }
  /// `message`: without its TSIG; its ID and ARCOUNT are taken to be the ones given.
  void add(Bytes message, std::uint16_t id, std::uint16_t additional);
  /// What stands behind `message` in the same message.
  void add_more(Bytes octets) { hmac_.update(octets); }
  /// All fields of RFC 8945 §4.3.3; the MAC as long as the algorithm says.
  TsigMac close_full(const TsigRecord& record);
  /// Only time and fudge: for the later messages of a stream (§5.3.1).
  TsigMac close_timers(const TsigRecord& record);
  /// Forgets what was added since the last close.
  void reset();
  /// Forgets all, and goes on with another key of the same algorithm.
  void set_key(const TsigKey& key);

 private:
  void begin();
  TsigMac finish();

  const TsigKey* key_;
  Hmac hmac_;
  TsigMac prior_;
  bool begun_ = false;
};

/// A MAC of a size that no sender may use (§5.2.2.1): a format error.
bool is_impossible_mac(const TsigKey& key, Bytes mac);
/// Judges MAC, time and truncation, in this order (§5.2). `expected`: the whole MAC.
TsigStatus judge_tsig(const TsigKey& key, const TsigRecord& record, const TsigMac& expected, WallTime now);

/// Signs the request in the first `size` octets of `room`. Gives back its new size, or 0 (and nothing
/// changed) if there is no room. `mac`: of the request, to which the answer will be chained.
std::size_t sign_request(TsigChain& chain, MutableBytes room, std::size_t size, WallTime now, Seconds fudge,
                         TsigMac& mac);
/// Judges a response that has the TSIG `record`: the first one (§4.3.3), or a later one of a stream (§5.3.1).
TsigStatus judge_response(TsigChain& chain, const MessageView& response, const TsigRecord& record, bool first,
                          WallTime now);

/// The 48 bits of time; 0 before 1970.
std::uint64_t tsig_time(WallTime when);

}  // namespace zw
