#include "localroot/bench/stream_judge.h"

#include <fmt/format.h>

#include "dnssec/zonemd.h"
#include "transfer/soa_rdata.h"

namespace zw::localroot {
namespace {

// For sums in memory only. Adding does not mind the order, and each record counts as often as it comes.
std::uint64_t mark_of(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
  std::uint64_t mark = std::hash<std::string_view>()(as_text(rdata)) * 0x9e3779b97f4a7c15u;
  mark ^= hash_of(owner) + (std::uint64_t{ttl} << 16 | static_cast<std::uint64_t>(type));
  mark = (mark ^ (mark >> 30)) * 0xbf58476d1ce4e5b9u;
  return mark ^ (mark >> 27);
}

std::optional<Serial> first_serial(Bytes octets, NameView zone) {
  MessageFault fault;
  auto message = MessageView::read(octets, fault);
  if (!message || message->records(Section::answer).empty()) return std::nullopt;
  return serial_of_soa(*message->records(Section::answer).begin(), zone);
}

}  // namespace

StreamJudge::StreamJudge(VersionBook& book, TransferQuestion question, StreamCheck check,
                         std::optional<TsigStreamVerifier> tsig)
    : book_(book), question_(std::move(question)), check_(check), tsig_(std::move(tsig)) {}

StreamJudge::~StreamJudge() {
  if (claimed_ && !claimed_->proven) claimed_->claimed = false;  // for the next one
}

// Which version this is only its first message tells.
void StreamJudge::begin(Bytes first) {
  question_.depth = check_ == StreamCheck::soa ? TransferDepth::frame : TransferDepth::records;
  auto serial = check_ == StreamCheck::digest ? first_serial(first, question_.zone) : std::nullopt;
  if (serial && question_.method == TransferMethod::axfr) {
    VersionBook::Version& version = book_.of(TransferMethod::axfr, *serial);
    if (!version.claimed) {
      claimed_ = &version;
      claimed_->claimed = true;
      question_.depth = TransferDepth::zone;
    }
  }
  if (check_ != StreamCheck::soa)
    question_.on_record = [this](NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
      sum_ += mark_of(owner, type, ttl, rdata);
    };
  transfer_.emplace(std::move(question_), TransferLimits{}, std::move(tsig_));
}

TransferState StreamJudge::feed(Bytes message, WallTime now) {
  if (state_ != TransferState::need_more) return state_;
  if (!transfer_) begin(message);
  return follow(transfer_->feed(message, now));
}

TransferState StreamJudge::broke(TransferFault fault, std::string_view what) {
  if (state_ != TransferState::need_more) return state_;
  if (!transfer_) return fail(print(fault), std::string(what));
  return follow(transfer_->broke(fault, what));
}

TransferState StreamJudge::follow(TransferState state) {
  counts_ = transfer_->counts();
  if (state == TransferState::failed)
    return fail(print(transfer_->failure().fault), transfer_->failure().what);
  if (state == TransferState::complete) return close();
  return state_ = state;
}

TransferState StreamJudge::fail(std::string_view reason, std::string what) {
  reason_ = reason;
  what_ = std::move(what);
  return state_ = TransferState::failed;
}

TransferState StreamJudge::close() {
  Serial serial = *transfer_->serial();
  VersionBook::Version& version = book_.of(transfer_->came_by(), serial);
  if (version.streams > 0 && version.sum != sum_)
    return fail("mixed", fmt::format("the records of serial {} are not those of an earlier transfer of it",
                                     serial.value()));
  if (claimed_ && !prove()) return state_;
  version.sum = sum_;
  ++version.streams;
  transfer_.reset();
  return state_ = TransferState::complete;
}

bool StreamJudge::prove() {
  Findings findings;
  auto zone = transfer_->take().build(findings);
  if (!zone) return fail("malformed", zone.error().what), false;
  ZonemdReport report = check_zonemd(**zone);
  if (report.verdict != ZonemdVerdict::valid) return fail("zonemd-mismatch", report.what), false;
  claimed_->proven = true;
  return true;
}

}  // namespace zw::localroot
