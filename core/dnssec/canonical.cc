#include "dnssec/canonical.h"

#include "dns/rdata.h"

namespace zw {

void append_canonical_rrset(Buffer& out, NameView owner, RrClass rr_class, std::uint32_t ttl, RrSetView set) {
  bool lowered = has_lowered_names(set.type());
  // All records of the set begin alike: owner, type, class, TTL.
  std::uint8_t front[kMaxNameOctets + 8];
  std::memcpy(front, owner.data(), owner.size());
  std::uint8_t* fixed = front + owner.size();
  set16(fixed, static_cast<std::uint16_t>(set.type()));
  set16(fixed + 2, static_cast<std::uint16_t>(rr_class));
  set32(fixed + 4, ttl);
  Bytes head(front, owner.size() + 8);
  for (Bytes rdata : set.rdatas()) {
    append(out, head);
    append16(out, static_cast<std::uint16_t>(rdata.size()));
    if (lowered)
      append_canonical_rdata(out, set.type(), rdata);
    else
      append(out, rdata);
  }
}

bool append_signed_data(Buffer& out, NameView owner, RrClass rr_class, RrSetView set, RrsigView signature) {
  std::size_t labels = signed_label_count(owner);
  if (signature.labels() > labels) return false;
  std::size_t signer = out.size() + RrsigView::kSignerOffset;
  append(out, signature.rdata().first(RrsigView::kSignerOffset + signature.signer().size()));
  lower_in_place(out.data() + signer, signature.signer().size());
  if (signature.labels() == labels) {
    append_canonical_rrset(out, owner, rr_class, signature.original_ttl(), set);
  } else {
    // The star is no longer than the label it stands for, so the name fits.
    Name wildcard = *Name::prepend(as_bytes("*"), owner.suffix(signature.labels()));
    append_canonical_rrset(out, wildcard, rr_class, signature.original_ttl(), set);
  }
  return true;
}

}  // namespace zw
