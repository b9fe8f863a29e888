// For tests: signs small zones with keys that are the same in every run. Not for products: it is slow, and it
// keeps to no policy, so that it can make zones with faults.
#pragma once

#include <map>
#include <set>

#include "base/encoding.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "dnssec/canonical.h"
#include "dnssec/ds.h"
#include "dnssec/nsec3_hash.h"
#include "dnssec/test_records.h"
#include "dnssec/trust_anchor.h"
#include "dnssec/zonemd.h"
#include "zone/cuts.h"

namespace zw::test {

inline constexpr std::uint16_t kZsk = 256, kKsk = 257;

struct SigningKey {
  PrivateKey key;
  Buffer dnskey;
  std::uint16_t tag() const { return DnskeyView::parse(dnskey)->key_tag(); }
  bool is_sep() const { return DnskeyView::parse(dnskey)->is_sep(); }
};

inline SigningKey make_signing_key(PrivateKey key, std::uint16_t flags = kKsk) {
  Buffer dnskey;
  append16(dnskey, flags);
  append8(dnskey, 3);
  append8(dnskey, static_cast<std::uint8_t>(key.algorithm()));
  append(dnskey, key.public_key().octets());
  return {std::move(key), std::move(dnskey)};
}

/// ED25519 (whose signatures are the same each time), ED448 or one of the ECDSA algorithms. The same `number`
/// gives the same key.
inline SigningKey fixed_key(std::uint8_t number, std::uint16_t flags = kKsk,
                            DnssecAlgorithm algorithm = DnssecAlgorithm::ED25519) {
  std::size_t octets = algorithm == DnssecAlgorithm::ED448             ? 57
                       : algorithm == DnssecAlgorithm::ECDSAP384SHA384 ? 48
                                                                       : 32;
  auto key =
      PrivateKey::parse_bind(fmt::format("Private-key-format: v1.3\nAlgorithm: {}\nPrivateKey: {}\n",
                                         static_cast<unsigned>(algorithm), base64(Buffer(octets, number))));
  ZW_ASSERT(key.has_value());
  return make_signing_key(std::move(*key), flags);
}

enum class Denial { none, nsec, nsec3, both };
enum class OptOut { no, yes };

struct Signing {
  /// Keys with the SEP flag sign the DNSKEY RRset, the others all else; keys of one kind only sign all.
  std::vector<SigningKey> keys = {fixed_key(1, kKsk), fixed_key(2, kZsk)};
  WallTime inception = *parse_time("2026-08-01T00:00:00Z");
  WallTime expiration = *parse_time("2026-08-15T00:00:00Z");
  Denial denial = Denial::nsec;
  std::uint16_t iterations = 0;
  Buffer salt = {};
  OptOut opt_out = OptOut::no;
  std::vector<ZonemdHash> zonemd = {};

  bool has_nsec() const { return denial == Denial::nsec || denial == Denial::both; }
  bool has_nsec3() const { return denial == Denial::nsec3 || denial == Denial::both; }
};

inline std::uint32_t stamp(WallTime when) {
  return static_cast<std::uint32_t>(when.time_since_epoch().count());
}

/// A signature over the RRset of `type` at `owner`, as it is in `records`.
inline Record sign_rrset(const Records& records, const Name& owner, RrType type, const SigningKey& key,
                         const Signing& how) {
  Records same(print(records.origin()));
  same.add("@ 0 SOA . . 0 0 0 0 0");
  if (type == RrType::SOA) same.remove_if([](const Record&) { return true; });
  for (const Record& r : records.all())
    if (r.owner == owner && r.type == type) same.add(r);
  ZonePtr zone = same.build();
  const NodeTree& tree = type == RrType::NSEC3 ? zone->nsec3() : zone->names();
  auto set = (*tree.find(*zone->relative(owner)).at).find(type);
  ZW_ASSERT(set.has_value());
  Buffer rdata;
  append16(rdata, static_cast<std::uint16_t>(type));
  append8(rdata, static_cast<std::uint8_t>(key.key.algorithm()));
  append8(rdata, static_cast<std::uint8_t>(signed_label_count(owner)));
  append32(rdata, set->ttl());
  append32(rdata, stamp(how.expiration));
  append32(rdata, stamp(how.inception));
  append16(rdata, key.tag());
  append(rdata, records.origin().wire());
  Buffer data;
  ZW_ASSERT(append_signed_data(data, lower(owner), RrClass::IN, *set, *RrsigView::parse(rdata)));
  auto signature = key.key.make_signer()->sign(data);
  ZW_ASSERT(signature.has_value());
  append(rdata, *signature);
  return {owner, RrType::RRSIG, set->ttl(), rdata};
}

/// Puts new signatures in the place of all that cover the RRset.
inline void sign_again(Records& records, const Name& owner, RrType type, const Signing& how) {
  records.remove_if([&](const Record& r) { return r.owner == owner && r.covered() == type; });
  auto is_sep = [](const SigningKey& key) { return key.is_sep(); };
  bool split = !std::all_of(how.keys.begin(), how.keys.end(), is_sep) &&
               std::any_of(how.keys.begin(), how.keys.end(), is_sep);
  for (const SigningKey& key : how.keys)
    if (!split || key.is_sep() == (type == RrType::DNSKEY))
      records.add(sign_rrset(records, owner, type, key, how));
}

class TestSigner {
 public:
  TestSigner(Records records, const Signing& how) : records_(std::move(records)), how_(how) {}

  Records sign() {
    for (const SigningKey& key : how_.keys)
      records_.add({records_.origin(), RrType::DNSKEY, 3600, key.dnskey});
    if (how_.has_nsec3()) add_nsec3param();
    for (ZonemdHash hash : how_.zonemd) add_zonemd(hash, Buffer(digest_size(*digest_algorithm(hash))));
    ZonePtr zone = records_.build();
    soa_ttl_ = std::min(zone->soa().ttl(), zone->soa_times().minimum);
    list_names(*zone);
    if (how_.has_nsec3()) add_nsec3();
    if (how_.has_nsec()) add_nsec();
    sign_all();
    if (!how_.zonemd.empty()) set_digests();
    return std::move(records_);
  }

 private:
  struct Known {
    std::set<RrType> types;
    bool insecure = false;  // may be left out of an opt-out chain
    bool empty = false;     // an empty non-terminal
  };

  void add_nsec3param() {
    Buffer rdata = {kNsec3Sha1, 0};
    append16(rdata, how_.iterations);
    append8(rdata, static_cast<std::uint8_t>(how_.salt.size()));
    append(rdata, how_.salt);
    records_.add({records_.origin(), RrType::NSEC3PARAM, 0, rdata});
  }
  void add_zonemd(ZonemdHash hash, Bytes digest) {
    Serial serial{get32(&records_.find("@", RrType::SOA).rdata.end()[-20])};
    records_.add({records_.origin(), RrType::ZONEMD, 3600, make_zonemd(serial, hash, digest)});
  }

  void list_names(const Zone& zone) {
    ZoneCuts cuts(zone, zone.names().begin());
    for (auto at = zone.names().begin(); !at.is_end(); at.next()) {
      ZoneNode node = *at;
      NodeKind kind = cuts.classify(node);
      if (kind == NodeKind::occluded) continue;
      Known known;
      bool delegation = kind == NodeKind::delegation;
      for (std::size_t i = 0; i < node.rrset_count(); ++i) {
        RrType type = node.rrset(i).type();
        bool own = !delegation || type == RrType::NS || type == RrType::DS;
        if (!own) continue;
        known.types.insert(type);
        if (!delegation || type == RrType::DS) to_sign_.push_back({zone.owner(node), type});
      }
      known.insecure = delegation && !node.has(RrType::DS);
      names_[zone.owner(node)] = known;
    }
    add_empty_non_terminals();
  }
  void add_empty_non_terminals() {
    std::map<Name, Known> found;
    for (const auto& [owner, known] : names_)
      for (NameView up = owner.view().parent(); up.size() > records_.origin().size(); up = up.parent())
        if (!names_.contains(up)) {
          auto [at, added] = found.try_emplace(Name(up), Known{{}, true, true});
          at->second.insecure &= known.insecure;
        }
    names_.merge(found);
  }

  void add_nsec() {
    std::vector<Name> owners;
    for (const auto& [owner, known] : names_)
      if (!known.empty) owners.push_back(owner);
    for (std::size_t i = 0; i < owners.size(); ++i) {
      std::set<RrType> types = names_[owners[i]].types;
      types.insert({RrType::RRSIG, RrType::NSEC});
      Buffer rdata(owners[(i + 1) % owners.size()].wire().begin(),
                   owners[(i + 1) % owners.size()].wire().end());
      append_types(rdata, types);
      records_.add({owners[i], RrType::NSEC, soa_ttl_, rdata});
      to_sign_.push_back({owners[i], RrType::NSEC});
    }
  }
  void add_nsec3() {
    Nsec3Parameters parameters{kNsec3Sha1, how_.iterations, how_.salt};
    std::map<Nsec3Hash, std::set<RrType>> chain;
    for (const auto& [owner, known] : names_) {
      if (known.insecure && how_.opt_out == OptOut::yes) continue;
      std::set<RrType> types = known.types;
      if (!known.insecure && !known.empty) types.insert(RrType::RRSIG);
      chain[nsec3_hash(owner, parameters)] = types;
    }
    for (auto at = chain.begin(); at != chain.end(); ++at) {
      auto next = std::next(at) == chain.end() ? chain.begin() : std::next(at);
      Buffer rdata = {kNsec3Sha1, how_.opt_out == OptOut::yes ? kNsec3OptOut : std::uint8_t{0}};
      append16(rdata, how_.iterations);
      append8(rdata, static_cast<std::uint8_t>(how_.salt.size()));
      append(rdata, how_.salt);
      append8(rdata, static_cast<std::uint8_t>(next->first.size()));
      append(rdata, next->first);
      append_types(rdata, at->second);
      Name owner = *Name::join(nsec3_label(at->first), records_.origin());
      records_.add({owner, RrType::NSEC3, soa_ttl_, rdata});
      to_sign_.push_back({owner, RrType::NSEC3});
    }
  }
  static void append_types(Buffer& rdata, const std::set<RrType>& types) {
    append_type_bitmap(rdata, std::vector<RrType>(types.begin(), types.end()));
  }

  void sign_all() {
    for (const auto& [owner, type] : to_sign_) sign_again(records_, owner, type, how_);
  }
  void set_digests() {
    ZonePtr zone = records_.build();
    records_.remove("@", RrType::ZONEMD);
    for (ZonemdHash hash : how_.zonemd) add_zonemd(hash, zone_digest(*zone, hash)->bytes());
    sign_again(records_, records_.origin(), RrType::ZONEMD, how_);
  }

  Records records_;
  const Signing& how_;
  std::uint32_t soa_ttl_ = 0;
  std::map<Name, Known> names_;  // in canonical order
  std::vector<std::pair<Name, RrType>> to_sign_;
};

inline Records sign_zone(Records records, const Signing& how = {}) {
  return TestSigner(std::move(records), how).sign();
}

/// The DS anchor of a key.
inline TrustAnchor anchor_of(const Name& origin, const SigningKey& key) {
  return {origin, RrType::DS, *make_ds(origin, *DnskeyView::parse(key.dnskey), DigestType::SHA256)};
}

}  // namespace zw::test
