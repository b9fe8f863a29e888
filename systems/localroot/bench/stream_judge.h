// Is what a server sent as an answer to AXFR or IXFR one whole version of the zone, and nothing else?
//
// A stream of its own can only show that it begins and ends with the same SOA. Records of another version in
// its midst are found by comparing it with all other streams of the same serial: the records of each are
// summed up, and the sums must be equal. One stream of each version can be built into a zone besides, and its
// ZONEMD digest computed; by their sums, that proves all others.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "transfer/transfer_in.h"

namespace zw::localroot {

enum class StreamCheck : std::uint8_t {
  soa,      // messages, signatures, the SOAs at begin and end
  records,  // every record too, and the same ones in all streams of a version
  digest,   // and the digest of one stream of each version
};

/// What was seen of each version in a run. One thread.
class VersionBook {
 public:
  struct Version {
    std::uint64_t streams = 0;  // that were whole
    std::uint64_t sum = 0;      // of the first
    bool claimed = false;       // a stream is being built, to be proven
    bool proven = false;
  };
  /// Differences and whole zones of one serial are two things.
  using Key = std::pair<TransferMethod, std::uint32_t>;

  Version& of(TransferMethod method, Serial serial) { return versions_[{method, serial.value()}]; }
  const std::map<Key, Version>& versions() const { return versions_; }

 private:
  std::map<Key, Version> versions_;
};

class StreamJudge {
 public:
  /// `question`: its depth is chosen here. `tsig`: absent if the answer is not signed, or not to be checked.
  /// `book` outlives it.
  StreamJudge(VersionBook& book, TransferQuestion question, StreamCheck check,
              std::optional<TsigStreamVerifier> tsig);
  ~StreamJudge();
  StreamJudge(const StreamJudge&) = delete;
  StreamJudge& operator=(const StreamJudge&) = delete;

  /// The next message.
  TransferState feed(Bytes message, WallTime now);
  /// Nothing more comes: the connection ended, or failed in this way.
  TransferState broke(TransferFault fault, std::string_view what);

  TransferState state() const { return state_; }
  /// Of `failed`, in kebab-case: the name of a TransferFault, `mixed`, or `zonemd-mismatch`.
  const std::string& reason() const { return reason_; }
  const std::string& what() const { return what_; }
  const TransferCounts& counts() const { return counts_; }

 private:
  void begin(Bytes first);
  TransferState follow(TransferState state);
  TransferState fail(std::string_view reason, std::string what);
  TransferState close();
  bool prove();

  VersionBook& book_;
  TransferQuestion question_;
  StreamCheck check_;
  std::optional<TsigStreamVerifier> tsig_;
  std::optional<IncomingTransfer> transfer_;  // from the first message on
  VersionBook::Version* claimed_ = nullptr;   // for us to prove
  std::uint64_t sum_ = 0;
  TransferCounts counts_;
  TransferState state_ = TransferState::need_more;
  std::string reason_, what_;
};

}  // namespace zw::localroot
