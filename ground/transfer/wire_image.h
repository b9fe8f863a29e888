// The answer to a transfer, rendered once and shared by all who are sent it: what differs from one client to
// the next (ID, question, OPT, TSIG) stands before or behind the shared octets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "dns/tsig.h"
#include "net/handler.h"
#include "transfer/transfer_out.h"
#include "transfer/transfer_query.h"
#include "zone/zone.h"

namespace zw {

/// Some messages of an answer, or all. Immutable once it is made; any number of threads may read it.
struct MessageRun {
  /// What stands in one message behind the header and, in the first one of an answer, the question.
  struct Message {
    Buffer answers;
    std::uint16_t records;
  };
  std::vector<Message> messages;
  std::size_t octets = 0;  // of all answers

  void add(Bytes answers, std::uint16_t records) {
    messages.push_back({Buffer(answers.begin(), answers.end()), records});
    octets += answers.size();
  }
  /// Of the whole stream over TCP, but for question, OPT and TSIG: with headers and lengths.
  std::size_t stream_octets() const { return octets + messages.size() * (kHeaderOctets + 2); }

  /// Most octets of answers in one message: the rest holds header, question, OPT and TSIG.
  static constexpr std::size_t kMostAnswers = kMaxMessageOctets - 1024;
};
using MessageRunPtr = std::shared_ptr<const MessageRun>;

/// A name that stands in for `origin` in the question of a run that is rendered: as many octets, and no
/// letter of it, since pointers must not lead into the question, whose letter case is the client's.
Name filler_for(NameView origin);

/// The whole of one version: the answer to AXFR. Immutable; any number of threads may read it.
class WireImage {
 public:
  /// Null if it would take more than `most_octets`, or if a record leaves no room in its message for what is
  /// added to it: such a zone goes out by a ZoneSource.
  static std::shared_ptr<const WireImage> make(const ZonePtr& zone, std::size_t most_octets);

  const ZonePtr& zone() const { return zone_; }
  const MessageRunPtr& run() const { return run_; }
  const std::vector<MessageRun::Message>& messages() const { return run_->messages; }
  /// Of all answers.
  std::size_t octets() const { return run_->octets; }

 private:
  WireImage(ZonePtr zone, MessageRunPtr run) : zone_(std::move(zone)), run_(std::move(run)) {}

  ZonePtr zone_;
  MessageRunPtr run_;
};
using WireImagePtr = std::shared_ptr<const WireImage>;

/// Sends runs one after another as the answer to one query; the first message of the first run was rendered
/// behind a question, the others were not. A client that is slow costs the head and the tail of a message.
class ImageSource final : public MessageSource {
 public:
  /// As for ZoneSource. `runs`: at least one message in each.
  ImageSource(const ZoneSource::Shared& shared, std::vector<MessageRunPtr> runs, TransferQuery query,
              Seconds lifetime, std::optional<TsigStreamSigner> signer,
              std::function<void(const SentTransfer&)> on_end);
  ~ImageSource() override { end(); }

  bool next(MessageParts& parts) override;

 private:
  void write_head(Buffer& head, std::uint16_t records, bool asked) const;
  void write_opt_record(MessageParts& parts);
  void end();

  ZoneSource::Shared shared_;
  std::vector<MessageRunPtr> runs_;
  TransferQuery query_;
  Seconds lifetime_;
  std::optional<TsigStreamSigner> signer_;
  std::function<void(const SentTransfer&)> on_end_;
  std::size_t run_ = 0, at_ = 0;  // the message that comes
  SentTransfer sent_;
};

}  // namespace zw
