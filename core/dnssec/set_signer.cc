#include "dnssec/set_signer.h"

#include <algorithm>

namespace zw {
namespace {

std::uint32_t stamp(WallTime when) { return static_cast<std::uint32_t>(when.time_since_epoch().count()); }

bool is_of_keys(RrType type) {
  return type == RrType::DNSKEY || type == RrType::CDS || type == RrType::CDNSKEY;
}

bool signs(KeyUse use, bool keys) {
  return use == KeyUse::both || use == (keys ? KeyUse::keys : KeyUse::data);
}

}  // namespace

MadeSet::MadeSet(RrType type, std::uint32_t ttl, Bytes rdata) : row_{type, RrType{}, ttl, 0, 1} {
  append16(heap_, static_cast<std::uint16_t>(rdata.size()));
  append(heap_, rdata);
}

SetSigner::SetSigner(const Zone& zone, const SigningPlan& plan)
    : zone_(zone), plan_(plan), signer_name_(lower(zone.origin())) {
  for (const ZoneSigningKey& key : plan.keys)
    if (key.use != KeyUse::nothing)
      keys_.push_back({&key, *DnskeyView::parse(key.dnskey), key.make_signer(), {}, {}});
}

// FNV-1a: any spread will do, as long as it is the same each time.
std::uint32_t SetSigner::expiration_of(NameView relative) const {
  if (relative.is_root() || plan_.jitter.count() <= 0) return stamp(plan_.expiration);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::uint8_t octet : relative.wire()) hash = (hash ^ octet) * 0x100000001b3;
  auto span = static_cast<std::uint64_t>(plan_.jitter.count()) + 1;
  return stamp(plan_.expiration - Seconds(static_cast<std::int64_t>(hash % span)));
}

std::size_t SetSigner::add(NameView relative, RrSetView set) {
  const Name owner = lower(zone_.owner(relative));
  const bool keys = relative.is_root() && is_of_keys(set.type());
  sets_.push_back({set.type(), set.ttl(), signatures_.size(), 0});
  for (Key& key : keys_) {
    if (!signs(key.plan->use, keys)) continue;
    Buffer rdata;
    rdata.reserve(RrsigView::kSignerOffset + signer_name_.size() + key.signer->signature_size());
    append16(rdata, static_cast<std::uint16_t>(set.type()));
    append8(rdata, static_cast<std::uint8_t>(key.record.algorithm()));
    append8(rdata, static_cast<std::uint8_t>(signed_label_count(owner)));
    append32(rdata, set.ttl());
    append32(rdata, expiration_of(relative));
    append32(rdata, stamp(plan_.inception));
    append16(rdata, key.record.key_tag());
    append(rdata, signer_name_.wire());
    const std::size_t begin = data_.size();
    append_signed_data(data_, owner, zone_.rr_class(), set, *RrsigView::parse(rdata));
    key.signatures.push_back(signatures_.size());
    signatures_.push_back({std::move(rdata), begin, data_.size()});
    ++sets_.back().count;
  }
  return sets_.size() - 1;
}

Result<void> SetSigner::sign() {
  std::vector<Bytes> messages;
  for (Key& key : keys_) {
    messages.clear();
    for (std::size_t i : key.signatures)
      messages.push_back(
          Bytes(data_).subspan(signatures_[i].begin, signatures_[i].end - signatures_[i].begin));
    const std::size_t size = key.signer->signature_size();
    key.made.resize(messages.size() * size);
    ZW_CHECK(key.signer->sign_all(messages, key.made));
    for (std::size_t i = 0; i < messages.size(); ++i)
      append(signatures_[key.signatures[i]].rdata, Bytes(key.made).subspan(i * size, size));
    key.signatures.clear();
  }
  for (const Set& set : sets_) {
    auto first = signatures_.begin() + static_cast<std::ptrdiff_t>(set.first);
    std::sort(first, first + static_cast<std::ptrdiff_t>(set.count),
              [](const Signature& a, const Signature& b) { return a.rdata < b.rdata; });
  }
  return {};
}

void SetSigner::write(std::size_t number, PageWriter& writer) {
  const Set& set = sets_[number];
  if (set.count == 0) return;
  writer.begin_rrset(RrType::RRSIG, set.type, set.ttl);
  for (std::size_t i = 0; i < set.count; ++i) writer.add_rdata(signatures_[set.first + i].rdata);
}

std::vector<Buffer> SetSigner::rdatas(std::size_t number) {
  std::vector<Buffer> out;
  const Set& set = sets_[number];
  for (std::size_t i = 0; i < set.count; ++i) out.push_back(signatures_[set.first + i].rdata);
  return out;
}

void SetSigner::clear() {
  sets_.clear();
  signatures_.clear();
  data_.clear();
}

}  // namespace zw
