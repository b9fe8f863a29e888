#include "transfer/wire_image.h"

#include "os/clock.h"

namespace zw {
namespace {

constexpr std::size_t kQuestionFields = 4;  // type and class
constexpr std::size_t kExpireOctets = kOptionHeaderOctets + 4;

std::size_t question_octets(NameView name) { return name.size() + kQuestionFields; }

}  // namespace

Name filler_for(NameView origin) {
  std::uint8_t wire[kMaxNameOctets] = {};
  for (const std::uint8_t* label = origin.data(); *label != 0; label += *label + 1)
    wire[label - origin.data()] = *label;
  return NameView(wire, origin.size());
}

WireImagePtr WireImage::make(const ZonePtr& zone, std::size_t most_octets) {
  auto run = std::make_shared<MessageRun>();
  auto writer = std::make_unique<MessageWriter>();
  SystemClock clock;
  bool whole = false;
  TransferQuery query{.zone = filler_for(zone->origin()), .rr_class = zone->rr_class()};
  ZoneSource source({*writer, clock}, zone, query, Seconds(0), std::nullopt,
                    [&](const SentTransfer& sent) { whole = sent.whole; });
  MessageParts parts;
  while (source.next(parts)) {
    std::size_t front = kHeaderOctets + (run->messages.empty() ? question_octets(zone->origin()) : 0);
    Bytes answers = Bytes(parts.head).subspan(front);
    run->add(answers, Header::of_checked(parts.head.data()).count(Section::answer));
    if (answers.size() > MessageRun::kMostAnswers || run->octets > most_octets) return nullptr;
  }
  return whole ? std::shared_ptr<WireImage>(new WireImage(zone, std::move(run))) : nullptr;
}

ImageSource::ImageSource(const ZoneSource::Shared& shared, std::vector<MessageRunPtr> runs,
                         TransferQuery query, Seconds lifetime, std::optional<TsigStreamSigner> signer,
                         std::function<void(const SentTransfer&)> on_end)
    : shared_(shared),
      runs_(std::move(runs)),
      query_(std::move(query)),
      lifetime_(lifetime),
      signer_(std::move(signer)),
      on_end_(std::move(on_end)) {}

void ImageSource::end() {
  sent_.whole = run_ == runs_.size();
  if (on_end_) std::exchange(on_end_, nullptr)(sent_);
}

bool ImageSource::next(MessageParts& parts) {
  if (run_ == runs_.size()) return false;
  const MessageRun::Message& message = runs_[run_]->messages[at_];
  bool first = run_ == 0 && at_ == 0;
  write_head(parts.head, message.records, first);
  parts.body = message.answers;
  parts.tail.clear();
  if ((first && query_.edns) || query_.asks_padding) write_opt_record(parts);
  if (signer_) {
    bool fits = signer_->sign(parts.head, parts.body, parts.tail, shared_.clock.wall());
    ZW_ASSERT(fits);
  }
  sent_.records += message.records;
  sent_.octets += parts.size();
  ++sent_.messages;
  if (++at_ == runs_[run_]->messages.size()) {
    at_ = 0;
    ++run_;
  }
  parts.more = run_ < runs_.size();
  if (!parts.more) end();
  return true;
}

// The question stands in the first message only (RFC 5936 §2.2.2).
void ImageSource::write_head(Buffer& head, std::uint16_t records, bool asked) const {
  head.assign(kHeaderOctets + (asked ? question_octets(query_.zone) : 0), 0);
  std::uint16_t flags = Header::kQr | Header::kAa | (query_.recursion_desired ? Header::kRd : 0);
  set16(&head[0], query_.id);
  set16(&head[2], Header::pack(Opcode::QUERY, Rcode::NOERROR, flags));
  set16(&head[4], asked);
  set16(&head[6], records);
  if (!asked) return;
  NameView name = query_.zone;
  std::memcpy(&head[kHeaderOctets], name.data(), name.size());
  set16(&head[kHeaderOctets + name.size()], static_cast<std::uint16_t>(query_.type));
  set16(&head[kHeaderOctets + name.size() + 2], static_cast<std::uint16_t>(query_.rr_class));
}

// The octets that are shared stay as they are: a block is filled by what stands behind them.
void ImageSource::add_padding(EdnsOptions& options, std::size_t message) const {
  std::size_t size = message + options.opt_octets() + kOptionHeaderOctets + (signer_ ? signer_->space() : 0);
  std::size_t rest = size % kResponsePadding, wanted = rest == 0 ? 0 : kResponsePadding - rest;
  const std::uint8_t zeros[kResponsePadding] = {};
  if (size <= kMaxMessageOctets)
    options.add(OptionCode::PADDING, Bytes(zeros).first(std::min(wanted, kMaxMessageOctets - size)));
}

void ImageSource::write_opt_record(MessageParts& parts) {
  EdnsOptions options;
  if (query_.asks_expire && at_ == 0) options.expire(lifetime_);
  if (query_.asks_padding) add_padding(options, parts.size());
  std::uint8_t room[kHeaderOctets + kOptOctets + kExpireOctets + kOptionHeaderOctets + kResponsePadding];
  shared_.writer.start(room, 0, 0);
  bool fits = write_opt(shared_.writer, {}, options.octets());
  ZW_ASSERT(fits);
  append(parts.tail, shared_.writer.finish().subspan(kHeaderOctets));
  set16(&parts.head[10], 1);
}

}  // namespace zw
