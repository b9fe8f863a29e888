// A zone on its way to a secondary: the stream of messages that answers AXFR (RFC 5936 §2.2), and IXFR in the
// style of AXFR (RFC 1995 §4).
//
// It holds one snapshot from the first message to the last, however long the client takes and however often
// the zone changes meanwhile. Each message is made when the connection can take it, so a slow client costs
// one message of memory.
#pragma once

#include <functional>
#include <optional>

#include "base/time.h"
#include "dns/message_writer.h"
#include "dns/tsig.h"
#include "net/handler.h"
#include "transfer/transfer_query.h"
#include "zone/zone.h"

namespace zw {

/// The records of a zone one after another: the apex first, but without its SOA; then all others in canonical
/// order, those of NSEC3 last. Looks into the zone, which outlives it.
class RecordWalk {
 public:
  explicit RecordWalk(const Zone& zone);

  bool is_end() const { return at_.is_end(); }
  /// Counts owners; changes when owner() does.
  std::size_t node() const { return node_; }
  NameView owner() const { return owner_; }
  RrSetView set() const { return *set_; }
  Bytes rdata() const { return *rdata_; }
  void next();

 private:
  void enter_tree(const NodeTree& tree);
  void enter_node();
  bool enter_set(std::size_t i);

  const Zone& zone_;
  const NodeTree* tree_;
  NodeTree::Cursor at_;
  std::size_t node_ = 0;
  std::size_t set_index_ = 0;
  std::optional<RrSetView> set_;
  RdataRange::Iterator rdata_;
  std::size_t left_ = 0;  // records of this set, with the one at hand
  Name owner_;
};

/// What went out.
struct SentTransfer {
  std::uint64_t octets = 0, messages = 0, records = 0;
  bool whole = false;  // false: the client left, or a record does not fit into a message
};

class ZoneSource final : public MessageSource {
 public:
  /// What all streams of one worker share.
  struct Shared {
    MessageWriter& writer;
    const Clock& clock;
  };
  /// `shared` outlives the source. `lifetime`: for EXPIRE, if the query asks for it. `signer`: absent if the
  /// answer is not signed. `on_end` is called once, when the last message is made or the source ends before.
  ZoneSource(const Shared& shared, ZonePtr zone, TransferQuery query, Seconds lifetime,
             std::optional<TsigStreamSigner> signer, std::function<void(const SentTransfer&)> on_end);
  ~ZoneSource() override { end(false); }

  bool next(MessageParts& parts) override;

  /// Octets of a message with its TSIG, unless one record needs more: as far as pointers reach, messages are
  /// smallest.
  static constexpr std::size_t kMessageOctets = kPointerReach;

 private:
  enum class Place : std::uint8_t { first_soa, records, last_soa, end };
  bool start(MutableBytes room);
  std::uint64_t fill();
  bool put_soa();
  std::uint64_t put_records();
  std::size_t close(MutableBytes room);
  void refuse(Buffer& message);
  void end(bool whole);

  Shared shared_;
  ZonePtr zone_;
  TransferQuery query_;
  Seconds lifetime_;
  std::optional<TsigStreamSigner> signer_;
  std::function<void(const SentTransfer&)> on_end_;
  RecordWalk walk_;
  Place place_ = Place::first_soa;
  SentTransfer sent_;
};

}  // namespace zw
