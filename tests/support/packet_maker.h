// Bad input of every kind, as chance has it: random octets, and good requests in which something was changed
// afterwards. The same for the same seed and zone, but for what is signed, which has the time in it.
#pragma once

#include <optional>

#include "base/random.h"
#include "base/serial.h"
#include "base/time.h"
#include "dns/message_writer.h"
#include "dns/name.h"
#include "dns/tsig_key.h"

namespace zw {

class PacketMaker {
 public:
  /// `soa`: RDATA of the zone, for IXFR. `key`: to sign some with; outlives it.
  PacketMaker(Random& random, Name zone, Buffer soa, const TsigKey& key)
      : random_(random), zone_(zone), soa_(std::move(soa)), key_(key) {}

  /// A message for a DNS server, of at most 4,096 octets; good once in a while.
  Bytes message(WallTime now);
  /// A request over HTTP.
  Bytes http_request();
  /// Changes up to eight things in `octets`: bits, octets, lengths, the order, the end.
  void mutate(Buffer& octets);
  /// At most `most` octets of any value.
  void random_octets(Buffer& out, std::size_t most);

 private:
  bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
  template <typename T, std::size_t N>
  const T& any(const T (&list)[N]) {
    return list[random_.below(N)];
  }
  Name name();
  void request(WallTime now);
  void add_edns();
  void mutate_once(Buffer& octets);

  Random& random_;
  Name zone_;
  Buffer soa_;
  const TsigKey& key_;
  MessageWriter writer_;
  Buffer out_;
};

}  // namespace zw
