// The answer to AXFR of one version of a zone, rendered once and shared by all who are sent it: what differs
// from one client to the next (ID, question, OPT, TSIG) stands before or behind the shared octets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "dns/edns.h"
#include "dns/tsig.h"
#include "net/handler.h"
#include "transfer/transfer_out.h"
#include "transfer/transfer_query.h"
#include "zone/zone.h"

namespace zw {

/// Immutable; any number of threads may read it.
class WireImage {
 public:
  /// What stands in one message behind the header and, in the first one, the question.
  struct Message {
    Buffer answers;
    std::uint16_t records;
  };

  /// Null if it would take more than `most_octets`, or if a record leaves no room in its message for what is
  /// added to it: such a zone goes out by a ZoneSource.
  static std::shared_ptr<const WireImage> make(const ZonePtr& zone, std::size_t most_octets);

  const ZonePtr& zone() const { return zone_; }
  const std::vector<Message>& messages() const { return messages_; }
  /// Of all answers.
  std::size_t octets() const { return octets_; }

  /// Most octets of answers in one message: the rest holds header, question, OPT and TSIG.
  static constexpr std::size_t kMostAnswers = kMaxMessageOctets - 1024;

 private:
  explicit WireImage(ZonePtr zone) : zone_(std::move(zone)) {}

  ZonePtr zone_;
  std::vector<Message> messages_;
  std::size_t octets_ = 0;
};
using WireImagePtr = std::shared_ptr<const WireImage>;

/// Sends an image as the answer to one query. A client that is slow costs the head and the tail of a message.
class ImageSource final : public MessageSource {
 public:
  /// As for ZoneSource.
  ImageSource(const ZoneSource::Shared& shared, WireImagePtr image, TransferQuery query, Seconds lifetime,
              std::optional<TsigStreamSigner> signer, std::function<void(const SentTransfer&)> on_end);
  ~ImageSource() override { end(); }

  bool next(MessageParts& parts) override;

 private:
  void write_head(Buffer& head, std::uint16_t records) const;
  void write_opt_record(MessageParts& parts);
  void add_padding(EdnsOptions& options, std::size_t message) const;
  void end();

  ZoneSource::Shared shared_;
  WireImagePtr image_;
  TransferQuery query_;
  Seconds lifetime_;
  std::optional<TsigStreamSigner> signer_;
  std::function<void(const SentTransfer&)> on_end_;
  std::size_t at_ = 0;  // the message that comes
  SentTransfer sent_;
};

}  // namespace zw
