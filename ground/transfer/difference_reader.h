// The differences of an IXFR answer (RFC 1995 §4), record by record: each sequence is the SOA of an old
// version, what is removed, the SOA of a newer version, what is added. The sequences form a chain from the
// version that was asked with to the newest one, whose SOA comes once more at the end. A primary may condense
// several versions into one sequence; that changes nothing here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/serial.h"
#include "zone/changeset.h"

namespace zw {

class DifferenceReader {
 public:
  /// From `from` to the version of `newest` (the RDATA of the answer's first SOA). `keep`: false for who only
  /// wants to know whether the answer is whole; there is nothing to take() then.
  DifferenceReader(NameView origin, RrClass rr_class, Serial from, Bytes newest, bool keep = true);

  enum class Step : std::uint8_t {
    taken,
    complete,     // the SOA that ends the answer
    out_of_zone,  // the owner of record()
    broken,       // the chain is; see fault()
  };
  /// An SOA of the apex.
  Step soa(std::uint32_t ttl, Bytes rdata);
  /// Any other record.
  Step record(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata);
  const std::string& fault() const { return fault_; }
  /// In the order in which they are to be applied, sorted.
  std::vector<Changeset> take();

 private:
  enum class Place : std::uint8_t { before_removed, in_removed, in_added };
  Step begin_sequence(std::uint32_t ttl, Bytes rdata);
  Step begin_added(std::uint32_t ttl, Bytes rdata);
  Step broken(std::string fault);

  Name origin_;
  RrClass class_;
  Serial at_;  // the version that the sequences lead to so far
  Buffer newest_;
  bool keep_;
  Place place_ = Place::before_removed;
  std::vector<Changeset> changes_;
  std::string fault_;
};

}  // namespace zw
