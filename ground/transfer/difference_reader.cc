#include "transfer/difference_reader.h"

#include <fmt/format.h>

#include "dns/rdata.h"
#include "transfer/soa_rdata.h"

namespace zw {

DifferenceReader::DifferenceReader(NameView origin, RrClass rr_class, Serial from, Bytes newest, bool keep)
    : origin_(origin), class_(rr_class), at_(from), newest_(newest.begin(), newest.end()), keep_(keep) {}

DifferenceReader::Step DifferenceReader::broken(std::string fault) {
  fault_ = std::move(fault);
  return Step::broken;
}

DifferenceReader::Step DifferenceReader::soa(std::uint32_t ttl, Bytes rdata) {
  if (place_ == Place::in_removed) return begin_added(ttl, rdata);
  if (place_ == Place::in_added && at_ == serial_of_soa(newest_)) {
    if (compare_rdata(RrType::SOA, rdata, newest_) == 0) return Step::complete;
    return broken(fmt::format("the last SOA differs from the first (serial {})", at_.value()));
  }
  return begin_sequence(ttl, rdata);
}

DifferenceReader::Step DifferenceReader::begin_sequence(std::uint32_t ttl, Bytes rdata) {
  if (Serial serial = serial_of_soa(rdata); serial != at_)
    return broken(fmt::format("a sequence starts from serial {}, expected {}", serial.value(), at_.value()));
  place_ = Place::in_removed;
  if (!keep_) return Step::taken;
  Changeset& changes = changes_.emplace_back(origin_, class_);
  changes.from = at_;
  changes.remove(origin_, RrType::SOA, ttl, rdata);
  return Step::taken;
}

// Each step must lead forward: else a chain might go round for ever.
DifferenceReader::Step DifferenceReader::begin_added(std::uint32_t ttl, Bytes rdata) {
  Serial serial = serial_of_soa(rdata);
  if (!(serial > at_) || serial > serial_of_soa(newest_))
    return broken(fmt::format("a sequence leads from serial {} to {} on the way to {}", at_.value(),
                              serial.value(), serial_of_soa(newest_).value()));
  at_ = serial;
  place_ = Place::in_added;
  if (!keep_) return Step::taken;
  changes_.back().to = serial;
  changes_.back().add(origin_, RrType::SOA, ttl, rdata);
  return Step::taken;
}

DifferenceReader::Step DifferenceReader::record(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
  if (place_ == Place::before_removed) return broken("a record stands before the first sequence");
  if (!keep_) return owner.is_at_or_below(origin_) ? Step::taken : Step::out_of_zone;
  bool removed = place_ == Place::in_removed;
  bool in_zone = removed ? changes_.back().remove(owner, type, ttl, rdata)
                         : changes_.back().add(owner, type, ttl, rdata);
  return in_zone ? Step::taken : Step::out_of_zone;
}

std::vector<Changeset> DifferenceReader::take() {
  for (Changeset& changes : changes_) changes.sort();
  return std::move(changes_);
}

}  // namespace zw
