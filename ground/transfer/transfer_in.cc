#include "transfer/transfer_in.h"

#include <fmt/format.h>

#include <utility>

#include "dns/edns.h"
#include "dns/rdata.h"
#include "transfer/message_text.h"
#include "transfer/soa_rdata.h"

namespace zw {

namespace {

// What a record costs in memory besides its octets.
constexpr std::uint64_t kRecordOverhead = 48;

// RFC 2181 §8: a TTL with the highest bit set counts as zero.
constexpr std::uint32_t usable_ttl(std::uint32_t ttl) { return ttl > 0x7fffffff ? 0 : ttl; }

// A fault in the differences, or a primary that does not know IXFR, is no fault of the zone.
constexpr bool may_vanish_with_axfr(TransferFault fault) {
  switch (fault) {
    case TransferFault::not_our_answer:
    case TransferFault::bad_tsig:
    case TransferFault::wrong_class:
    case TransferFault::older_serial:
    case TransferFault::not_as_promised:
    case TransferFault::unreachable:
    case TransferFault::timed_out: return false;
    default: return true;
  }
}

}  // namespace

std::string_view print(TransferMethod method) { return method == TransferMethod::axfr ? "axfr" : "ixfr"; }

// NSD 4.6 adds records again that stay as they are. That spoils nothing, as the record is to be there in the
// end; but who removes what is not there has another version in mind.
Result<ZonePtr> TransferredRecords::build(Findings& findings) {
  if (builder) return builder->build(findings);
  ZonePtr zone = base;
  for (const Changeset& one : changes) {
    ZW_TRY(zone, apply(*zone, one, Strictness::exact_removals));
  }
  return zone;
}

IncomingTransfer::IncomingTransfer(TransferQuestion question, TransferLimits limits,
                                   std::optional<TsigStreamVerifier> tsig)
    : question_(std::move(question)), limits_(limits), tsig_(std::move(tsig)) {
  ZW_ASSERT(question_.method == TransferMethod::axfr || question_.current);
}

template <typename... Args>
TransferState IncomingTransfer::fail(TransferFault fault, fmt::format_string<Args...> format,
                                     Args&&... args) {
  bool ixfr = question_.method == TransferMethod::ixfr;
  failure_ = {
      fault, fmt::format(format, std::forward<Args>(args)...), {}, ixfr && may_vanish_with_axfr(fault)};
  return finish(TransferState::failed);
}

TransferState IncomingTransfer::feed(Bytes octets, WallTime now) {
  if (state_ != TransferState::need_more) return state_;
  if (!within_limits(octets)) return state_;
  MessageFault fault;
  auto message = MessageView::read(octets, fault);
  if (!message)
    return fail(TransferFault::malformed, "message {}, octet {}: {}", counts_.messages, fault.at, fault.what);
  return judge(*message, now);
}

TransferState IncomingTransfer::judge(const MessageView& message, WallTime now) {
  bool good =
      is_ours(message) && is_signed_well(message, now) && read_edns(message) && has_good_frame(message);
  if (!good) return state_;
  take_records(message);
  if (state_ == TransferState::complete && tsig_ && !tsig_->is_whole())
    return fail(TransferFault::bad_tsig, "the last message is not signed");
  return state_;
}

TransferState IncomingTransfer::end() {
  if (state_ != TransferState::need_more) return state_;
  return fail(TransferFault::truncated,
              "the answer ended after {} messages and {} records, before its last SOA", counts_.messages,
              counts_.records);
}

TransferState IncomingTransfer::broke(TransferFault fault, std::string_view what) {
  if (state_ != TransferState::need_more) return state_;
  if (counts_.messages > 0 && fault == TransferFault::unreachable) fault = TransferFault::truncated;
  return fail(fault, "{} (after {} messages and {} records)", what, counts_.messages, counts_.records);
}

bool IncomingTransfer::within_limits(Bytes octets) {
  ++counts_.messages;
  counts_.octets += octets.size();
  if (counts_.messages > limits_.messages)
    fail(TransferFault::too_large, "more than {} messages", limits_.messages);
  else if (counts_.octets > limits_.octets)
    fail(TransferFault::too_large, "more than {} octets of messages", limits_.octets);
  return state_ == TransferState::need_more;
}

bool IncomingTransfer::is_ours(const MessageView& message) {
  Header header = message.header();
  auto question = message.question();
  RrType asked = question_.method == TransferMethod::axfr ? RrType::AXFR : RrType::IXFR;
  bool named = question && question->name == question_.zone.view() && question->type == asked &&
               question->rr_class == question_.rr_class;
  if (header.id != question_.id)
    fail(TransferFault::not_our_answer, "message {} has the ID {}, expected {}", counts_.messages, header.id,
         question_.id);
  else if (!header.qr() || header.opcode() != Opcode::QUERY)
    fail(TransferFault::not_our_answer, "message {} is no answer to a query", counts_.messages);
  else if (header.questions > 1 || (question && !named) ||
           (counts_.messages == 1 && !question &&
            header.rcode() == Rcode::NOERROR))  // NSD says no without it
    fail(TransferFault::not_our_answer, "message {} has another question than {} {}", counts_.messages,
         print(question_.zone), print(asked));
  return state_ == TransferState::need_more;
}

// Some messages in midst of a stream may be unsigned (RFC 8945 §5.3.1); what they bring counts for nothing
// until a signature that covers them has come.
bool IncomingTransfer::is_signed_well(const MessageView& message, WallTime now) {
  if (!tsig_) return true;
  TsigStatus status = tsig_->check(message, now);
  if (status == TsigStatus::good || status == TsigStatus::absent) return true;
  fail(TransferFault::bad_tsig, "message {}: {}", counts_.messages,
       print_tsig_fault(status, tsig_->server_error(), message.header().rcode()));
  return false;
}

bool IncomingTransfer::read_edns(const MessageView& message) {
  EdnsView edns;
  MessageFault fault;
  if (EdnsView::read(message, edns, fault) == EdnsStatus::malformed)
    return fail(TransferFault::malformed, "message {}, octet {}: {}", counts_.messages, fault.at, fault.what),
           false;
  if (counts_.messages == 1) expire_ = edns.expire();
  Rcode rcode = edns.rcode(message.header());
  if (rcode == Rcode::NOERROR) return true;
  fail(TransferFault::refused_by_rcode, "{}", print_refusal(rcode, edns));
  failure_.rcode = rcode;
  return false;
}

// RFC 5936 §2.2. AA is not looked at, as its §2.2.1 recommends.
bool IncomingTransfer::has_good_frame(const MessageView& message) {
  Header header = message.header();
  if (header.tc() && question_.over_udp)
    finish(TransferState::retry_over_tcp);
  else if (header.tc())
    fail(TransferFault::bad_frame, "message {} says that it is truncated (TC)", counts_.messages);
  else if (message.end() != message.octets().size())
    fail(TransferFault::malformed, "message {} has {} octets behind its end", counts_.messages,
         message.octets().size() - message.end());
  else if (header.count(Section::answer) == 0)
    fail(TransferFault::bad_frame, "message {} has no records", counts_.messages);
  else if (header.count(Section::authority) != 0)
    fail(TransferFault::bad_frame, "message {} has {} records in its authority section", counts_.messages,
         header.count(Section::authority));
  return state_ == TransferState::need_more;
}

void IncomingTransfer::take_records(const MessageView& message) {
  for (const RecordView& record : message.records(Section::answer)) {
    if (state_ == TransferState::complete) {
      fail(TransferFault::trailing_records, "{} stands behind the last SOA", print(record.type));
      return;
    }
    if (!take_record(record)) return;
  }
  if (state_ != TransferState::need_more || !question_.over_udp) return;
  if (part_ == Part::second_record)
    finish(TransferState::retry_over_tcp);
  else
    end();
}

// Without a look at it: neither the first record nor one that tells how the answer goes on.
bool IncomingTransfer::steps_over(const RecordView& record) const {
  bool inside = part_ == Part::zone || part_ == Part::differences;
  return question_.depth == TransferDepth::frame && inside && record.type != RrType::SOA;
}

bool IncomingTransfer::take_record(const RecordView& record) {
  ++counts_.records;
  if (steps_over(record)) return true;
  rdata_.clear();
  if (!record.expand_owner(owner_))
    fail(TransferFault::malformed, "record {}: malformed owner", counts_.records);
  else if (record.rr_class != question_.rr_class)
    fail(TransferFault::wrong_class, "{} {} has the class {}, expected {}", print(owner_), print(record.type),
         print(record.rr_class), print(question_.rr_class));
  else if (is_meta_type(record.type))
    fail(TransferFault::not_zone_data, "{} has a record of type {}", print(owner_), print(record.type));
  else if (auto read = record.read_rdata(rdata_); !read)
    fail(TransferFault::malformed, "{} {}: {}", print(owner_), print(record.type), read.error().what);
  else if (!within_memory())
    fail(TransferFault::too_large, "more than {} records, or more than {} octets of them", limits_.records,
         limits_.memory);
  else
    return take(record.type, usable_ttl(record.ttl));
  return false;
}

// Names that were compressed may make RDATA larger than a zone can hold.
bool IncomingTransfer::within_memory() {
  memory_ += owner_.size() + rdata_.size() + kRecordOverhead;
  return rdata_.size() <= kMaxRdataOctets && memory_ <= limits_.memory && counts_.records <= limits_.records;
}

bool IncomingTransfer::take(RrType type, std::uint32_t ttl) {
  bool soa = type == RrType::SOA && owner_ == question_.zone;
  if (type == RrType::SOA && !soa)
    return fail(TransferFault::not_zone_data, "{} has an SOA, and is not the apex", print(owner_)), false;
  switch (part_) {
    case Part::first_soa: return take_first_soa(soa, ttl);
    case Part::second_record: return take_second_record(soa, type, ttl);
    case Part::zone: return soa ? take_last_soa() : add(type, ttl);
    case Part::differences: return take_difference(soa, type, ttl);
  }
  return false;
}

bool IncomingTransfer::take_first_soa(bool soa, std::uint32_t ttl) {
  if (!soa)
    return fail(TransferFault::bad_frame, "the first record is not the SOA of {}", print(question_.zone)),
           false;
  first_soa_ = rdata_;
  first_soa_ttl_ = ttl;
  serial_ = serial_of_soa(rdata_);
  if (!is_new_enough()) return false;
  if (question_.method == TransferMethod::ixfr) return part_ = Part::second_record, true;
  return begin_zone();
}

// RFC 1982. A primary that is behind its own promise has been asked too early, or somebody plays old
// versions.
bool IncomingTransfer::is_new_enough() {
  auto floor = question_.newer_than;
  if (!floor && question_.current) floor = question_.current->serial();
  if (question_.promised && !(*serial_ >= *question_.promised))
    fail(TransferFault::not_as_promised, "the primary offers serial {}, but has told of {}", serial_->value(),
         question_.promised->value());
  else if (floor && *serial_ == *floor)
    finish(TransferState::up_to_date);
  else if (floor && !(*serial_ > *floor))
    fail(TransferFault::older_serial, "the primary offers serial {}, which is not newer than {}",
         serial_->value(), floor->value());
  return state_ == TransferState::need_more;
}

// The SOA of the version that we have means differences, all else the whole zone (RFC 1995 §4).
bool IncomingTransfer::take_second_record(bool soa, RrType type, std::uint32_t ttl) {
  if (soa && serial_of_soa(rdata_) == question_.current->serial()) {
    differences_.emplace(question_.zone, question_.rr_class, question_.current->serial(), first_soa_,
                         question_.depth == TransferDepth::zone);
    part_ = Part::differences;
    return take_difference(soa, type, ttl);
  }
  if (soa && serial_of_soa(rdata_) != *serial_)
    return fail(TransferFault::bad_differences, "the differences start from serial {}, expected {}",
                serial_of_soa(rdata_).value(), question_.current->serial().value()),
           false;
  return begin_zone() && (soa ? take_last_soa() : add(type, ttl));
}

bool IncomingTransfer::begin_zone() {
  part_ = Part::zone;
  if (question_.on_record) question_.on_record(question_.zone, RrType::SOA, first_soa_ttl_, first_soa_);
  if (question_.depth != TransferDepth::zone) return true;
  builder_ = std::make_unique<ZoneBuilder>(question_.zone, question_.rr_class);
  builder_->add(question_.zone, RrType::SOA, first_soa_ttl_, first_soa_);
  return true;
}

bool IncomingTransfer::add(RrType type, std::uint32_t ttl) {
  if (question_.on_record) question_.on_record(owner_, type, ttl, rdata_);
  bool in_zone = builder_ ? builder_->add(owner_, type, ttl, rdata_) == ZoneBuilder::Added::yes
                          : owner_.view().is_at_or_below(question_.zone);
  if (in_zone) return true;
  return fail(TransferFault::out_of_zone, "{} {} is not in {}", print(owner_), print(type),
              print(question_.zone)),
         false;
}

bool IncomingTransfer::take_last_soa() {
  if (compare_rdata(RrType::SOA, rdata_, first_soa_) == 0) return finish(TransferState::complete), true;
  return fail(TransferFault::soa_changed, "the first SOA has the serial {}, the last one {}{}",
              serial_->value(), serial_of_soa(rdata_).value(),
              serial_of_soa(rdata_) == *serial_ ? " and other fields" : ""),
         false;
}

bool IncomingTransfer::take_difference(bool soa, RrType type, std::uint32_t ttl) {
  if (question_.on_record) question_.on_record(owner_, type, ttl, rdata_);
  using Step = DifferenceReader::Step;
  switch (soa ? differences_->soa(ttl, rdata_) : differences_->record(owner_, type, ttl, rdata_)) {
    case Step::taken: return true;
    case Step::complete: return finish(TransferState::complete), true;
    case Step::out_of_zone:
      return fail(TransferFault::out_of_zone, "{} {} is not in {}", print(owner_), print(type),
                  print(question_.zone)),
             false;
    case Step::broken: break;
  }
  return fail(TransferFault::bad_differences, "{}", differences_->fault()), false;
}

TransferredRecords IncomingTransfer::take() {
  ZW_ASSERT(state_ == TransferState::complete && question_.depth == TransferDepth::zone);
  TransferredRecords records;
  records.method = came_by();
  records.serial = *serial_;
  records.builder = std::move(builder_);
  if (differences_) {
    records.base = question_.current;
    records.changes = differences_->take();
  }
  return records;
}

}  // namespace zw
