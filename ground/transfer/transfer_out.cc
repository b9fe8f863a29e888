#include "transfer/transfer_out.h"

#include "dns/edns.h"

namespace zw {

// ---- the records ----

RecordWalk::RecordWalk(const Zone& zone)
    : zone_(zone), tree_(&zone.names()), at_(zone.names().begin()), rdata_(nullptr, 0) {
  enter_node();
}

void RecordWalk::enter_node() {
  while (true) {
    if (at_.is_end() && tree_ == &zone_.names()) {
      tree_ = &zone_.nsec3();
      at_ = tree_->begin();
    }
    if (at_.is_end()) return;
    ++node_;
    owner_ = zone_.owner(*at_);
    if (enter_set(0)) return;
    at_.next();
  }
}

// False if there is none from `i` on. Only the apex has an SOA.
bool RecordWalk::enter_set(std::size_t i) {
  ZoneNode node = *at_;
  if (i < node.rrset_count() && node.rrset(i).type() == RrType::SOA) ++i;
  if (i == node.rrset_count()) return false;
  set_index_ = i;
  set_.emplace(node.rrset(i));
  rdata_ = set_->rdatas().begin();
  left_ = set_->size();
  return true;
}

void RecordWalk::next() {
  ++rdata_;
  if (--left_ > 0 || enter_set(set_index_ + 1)) return;
  at_.next();
  enter_node();
}

// ---- the messages ----

ZoneSource::ZoneSource(const Shared& shared, ZonePtr zone, TransferQuery query, Seconds lifetime,
                       std::optional<TsigStreamSigner> signer,
                       std::function<void(const SentTransfer&)> on_end)
    : shared_(shared),
      zone_(std::move(zone)),
      query_(std::move(query)),
      lifetime_(lifetime),
      signer_(std::move(signer)),
      on_end_(std::move(on_end)),
      walk_(*zone_) {}

void ZoneSource::end(bool whole) {
  sent_.whole = whole;
  if (on_end_) std::exchange(on_end_, nullptr)(sent_);
}

bool ZoneSource::next(MessageParts& parts) {
  if (place_ == Place::end) return false;
  parts.body = {};
  parts.tail.clear();
  std::uint64_t records = 0;
  for (std::size_t octets : {kMessageOctets, kMaxMessageOctets}) {
    parts.head.resize(octets);
    if (start(parts.head) && (records = fill()) > 0) break;
  }
  if (records == 0)
    refuse(parts.head);
  else
    parts.head.resize(close(parts.head));
  sent_.records += records;
  sent_.octets += parts.head.size();
  ++sent_.messages;
  parts.more = place_ != Place::end;
  if (!parts.more) end(records > 0);
  return true;
}

// The question stands in the first message only (RFC 5936 §2.2.2), and so does OPT (§2.2.5), unless each
// message is padded.
bool ZoneSource::start(MutableBytes room) {
  std::uint16_t flags = Header::kQr | Header::kAa | (query_.recursion_desired ? Header::kRd : 0);
  shared_.writer.start(room, query_.id, Header::pack(Opcode::QUERY, Rcode::NOERROR, flags));
  std::size_t kept = signer_ ? signer_->space() : 0;
  if (query_.asks_padding) kept += kOptOctets + kOptionHeaderOctets;
  if (place_ != Place::first_soa) return shared_.writer.reserve(kept);
  if (query_.edns) kept += kOptOctets + kOptionHeaderOctets + 4;
  return shared_.writer.question(query_.zone, query_.type, query_.rr_class) && shared_.writer.reserve(kept);
}

std::uint64_t ZoneSource::fill() {
  std::uint64_t records = 0;
  if (place_ == Place::first_soa) {
    if (!put_soa()) return 0;
    ++records;
    place_ = Place::records;
  }
  if (place_ == Place::records) records += put_records();
  if (place_ == Place::last_soa && put_soa()) {
    ++records;
    place_ = Place::end;
  }
  return records;
}

bool ZoneSource::put_soa() {
  RrSetView soa = zone_->soa();
  return shared_.writer.record(Section::answer, zone_->origin(), RrType::SOA, zone_->rr_class(), soa.ttl(),
                               soa.rdatas().front());
}

std::uint64_t ZoneSource::put_records() {
  std::uint64_t records = 0;
  std::size_t node = 0;
  PlacedName placed;
  for (; !walk_.is_end(); walk_.next(), ++records) {
    if (walk_.node() != node) placed = {};
    node = walk_.node();
    OwnerRef owner = placed ? OwnerRef(placed, walk_.owner()) : OwnerRef(walk_.owner());
    RrSetView set = walk_.set();
    if (!shared_.writer.record(Section::answer, owner, set.type(), zone_->rr_class(), set.ttl(),
                               walk_.rdata()))
      return records;
    placed = shared_.writer.last_owner();
  }
  place_ = Place::last_soa;
  return records;
}

std::size_t ZoneSource::close(MutableBytes room) {
  MessageWriter& writer = shared_.writer;
  writer.reserve(signer_ ? signer_->space() : 0);
  if ((query_.edns && writer.has_question()) || query_.asks_padding) {
    EdnsOptions options;
    if (query_.asks_expire && writer.has_question()) options.expire(lifetime_);
    if (query_.asks_padding) options.pad(writer, kResponsePadding);
    write_opt(writer, {}, options.octets());
  }
  std::size_t size = writer.finish().size();
  return signer_ ? signer_->sign(room, size, shared_.clock.wall()) : size;
}

// RFC 5936 §2.2: an error in midst of the stream ends it with one message.
void ZoneSource::refuse(Buffer& message) {
  std::uint16_t flags = Header::kQr | (query_.recursion_desired ? Header::kRd : 0);
  shared_.writer.start(message, query_.id, Header::pack(Opcode::QUERY, Rcode::SERVFAIL, flags));
  shared_.writer.question(query_.zone, query_.type, query_.rr_class);
  message.resize(close(message));
  place_ = Place::end;
}

}  // namespace zw
