// Makes the RRSIG records of many RRsets at once; for the sources of this room only.
#pragma once

#include "dnssec/canonical.h"
#include "dnssec/sign.h"

namespace zw {

/// An RRset that stands in no zone yet, with one record.
class MadeSet {
 public:
  MadeSet(RrType type, std::uint32_t ttl, Bytes rdata);
  RrSetView view() const { return {&row_, heap_.data()}; }

 private:
  RrSetRow row_;
  Buffer heap_;
};

/// Belongs to one thread.
class SetSigner {
 public:
  /// All three outlive it. `zone`: its origin and class count.
  SetSigner(const Zone& zone, const SigningPlan& plan);

  /// Notes an RRset, which has to stay until sign(); its number since the last clear().
  std::size_t add(NameView relative, RrSetView set);
  /// Makes the signatures of all that were noted.
  Result<void> sign();
  /// Those of one, as they stand in a page: the set of RRSIG records that cover it.
  void write(std::size_t number, PageWriter& writer);
  /// Each of them as RDATA, in canonical order.
  std::vector<Buffer> rdatas(std::size_t number);
  void clear();

 private:
  struct Key {
    const ZoneSigningKey* plan;
    DnskeyView record;
    std::unique_ptr<Signer> signer;
    std::vector<std::size_t> signatures;  // that it is to make
    Buffer made;
  };
  struct Set {
    RrType type;
    std::uint32_t ttl;
    std::size_t first, count;  // of signatures
  };
  struct Signature {
    Buffer rdata;
    std::size_t begin, end;  // in data_
  };
  std::uint32_t expiration_of(NameView relative) const;

  const Zone& zone_;
  const SigningPlan& plan_;
  Name signer_name_;
  std::vector<Key> keys_;
  std::vector<Set> sets_;
  std::vector<Signature> signatures_;
  Buffer data_;  // what the signatures are over, one behind the other
};

}  // namespace zw
