#include "localroot/advice/advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "format/utf8.h"
#include "localroot/advice/compose.h"
#include "localroot/advice/safe_words.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostLabelOctets = 100;

constexpr TargetInfo kTargets[] = {
    {Target::bind_9_16, "bind-9.16", "BIND 9.16, a mirror zone", kDnsPort},
    {Target::bind_9_18, "bind-9.18", "BIND 9.18, a mirror zone; over TLS if that is offered", kDnsPort},
    {Target::bind_9_20, "bind-9.20", "BIND 9.20, a mirror zone; over TLS if that is offered", kDnsPort},
    {Target::bind_views, "bind-views", "BIND 9.16 and later, an authoritative view behind a recursive one",
     kDnsPort},
    {Target::unbound, "unbound", "Unbound 1.13 and later; our service knows it by its address", kDnsPort},
    {Target::unbound_tls, "unbound-tls", "Unbound 1.13 and later, zone transfer over TLS", kDnsPort},
    {Target::unbound_https, "unbound-https", "Unbound 1.13 and later, download over HTTPS", kDnsPort},
    {Target::unbound_nsd, "unbound-nsd", "Unbound, and NSD beside it to use a TSIG key", kSideCarPort},
    {Target::unbound_knot, "unbound-knot", "Unbound, and Knot DNS beside it to use a TSIG key", kSideCarPort},
    {Target::knot, "knot", "Knot DNS 3.2 and later, for the resolvers behind it", kDnsPort},
    {Target::nsd, "nsd", "NSD 4.6 and later, for the resolvers behind it; over TLS if that is offered",
     kDnsPort},
    {Target::knot_resolver_5, "knot-resolver-5", "Knot Resolver 5, download over HTTPS into the cache", 0},
    {Target::knot_resolver_6, "knot-resolver-6", "Knot Resolver 6, download over HTTPS into the cache", 0},
    {Target::pdns_recursor_4, "pdns-recursor-4.8", "PowerDNS Recursor 4.7 and later, in Lua, into the cache",
     0},
    {Target::pdns_recursor_5, "pdns-recursor-5", "PowerDNS Recursor 5.1 and later, in YAML, into the cache",
     0},
    {Target::zonewright, "zonewright", "zonewright localroot, to verify and hand on", kDnsPort},
};

constexpr UnableInfo kUnable[] = {
    {"dnsmasq",
     "it forwards and caches, and can neither fetch a zone nor resolve from one; let it forward to a "
     "resolver on the same host that keeps the copy, such as Unbound"},
    {"systemd-resolved",
     "it forwards and caches, and can neither fetch a zone nor resolve from one; let it forward to a "
     "resolver on the same host that keeps the copy, such as Unbound"},
};

Result<void> check_lists(const Offer& offer) {
  constexpr std::size_t kMostAddresses = 16;
  for (auto* list : {&offer.servers, &offer.tls_servers, &offer.fall_backs}) {
    if (list->size() > kMostAddresses)
      return fail(ErrorKind::limit, "expected at most {} addresses, found {}", kMostAddresses, list->size());
    for (const Address& at : *list)
      if (at.port == 0 || at.ip.is_any() || at.ip.is_multicast())
        return fail(ErrorKind::malformed, "{} is no address of a server", at.print());
  }
  for (bool v4 : {true, false})
    if (std::count_if(offer.subscriber.begin(), offer.subscriber.end(),
                      [&](const IpAddress& ip) { return ip.is_v4() == v4; }) > 1)
      return fail(ErrorKind::limit, "expected at most one address of the subscriber of each family");
  for (const TrustAnchor& anchor : offer.anchors)
    if (!(anchor.owner == offer.zone))
      return fail(ErrorKind::malformed, "a trust anchor is for {}, and the zone is {}", print(anchor.owner),
                  print(offer.zone));
  return {};
}

bool is_truncated(TsigAlgorithm algorithm) {
  return algorithm == TsigAlgorithm::hmac_sha256_128 || algorithm == TsigAlgorithm::hmac_sha384_192 ||
         algorithm == TsigAlgorithm::hmac_sha512_256;
}

Result<void> check_key(const OfferedKey& key, Target target) {
  ZW_CHECK(check_name("the key", key.name));
  if (key.secret) {
    Buffer octets;
    bool good = decode_base64(*key.secret, octets) && !octets.empty();
    wipe(octets);
    if (!good) return fail(ErrorKind::malformed, "the secret of key {} is not base 64", print(key.name));
  }
  if (is_truncated(key.algorithm) && target != Target::zonewright)
    return fail(ErrorKind::unsupported, "{} is not to be had in most programs; make a key for {}",
                print(key.algorithm), print(TsigAlgorithm::hmac_sha256));
  return {};
}

Result<void> check_offer(const Offer& offer, Target target) {
  ZW_CHECK(check_name("the zone", offer.zone));
  ZW_CHECK(check_lists(offer));
  if (offer.key) ZW_CHECK(check_key(*offer.key, target));
  if (offer.tls_name) ZW_CHECK(check_host_name("the TLS name", *offer.tls_name));
  ZW_CHECK(check_path("the file of authorities", offer.tls_authorities));
  if (offer.folder) ZW_CHECK(check_path("the folder", *offer.folder));
  if (offer.anchor_file) ZW_CHECK(check_path("the file of trust anchors", *offer.anchor_file));
  if (offer.url) ZW_CHECK(check_url(*offer.url, offer.zone));
  return {};
}

std::string header_of(const Offer& offer, std::string_view word, WallTime now) {
  std::string out = fmt::format("zonewright-advice: generator={} target={} zone={}", kAdviceVersion, word,
                                print(lower(offer.zone)));
  if (offer.serial) out += fmt::format(" serial={}", offer.serial->value());
  out += fmt::format(" made={} good-until={}\n", print_time(now), print_time(now + kAdviceLife));
  if (!offer.label.empty()) out += fmt::format("For: {}\n", quote_foreign(offer.label, kMostLabelOctets));
  return out;
}

std::string file_name_of(NameView zone) {
  if (zone.is_root()) return "localroot.zone";
  std::string name = print(lower(zone));
  return name + "zone";
}

bool holds(const Advice& advice, const std::optional<std::string>& secret) {
  return secret && std::any_of(advice.files.begin(), advice.files.end(), [&](const AdviceFile& file) {
           return file.text.find(*secret) != std::string::npos;
         });
}

Result<Advice> compose(Target target, const Draft& draft) {
  switch (target) {
    case Target::bind_9_16: return compose_bind_mirror(draft, false);
    case Target::bind_9_18: return compose_bind_mirror(draft, true);
    case Target::bind_9_20: return compose_bind_mirror(draft, true);
    case Target::bind_views: return compose_bind_views(draft);
    case Target::unbound: return compose_unbound(draft, Ours::clear);
    case Target::unbound_tls: return compose_unbound(draft, Ours::tls);
    case Target::unbound_https: return compose_unbound_https(draft);
    case Target::unbound_nsd: return compose_unbound_side_car(draft, Target::nsd);
    case Target::unbound_knot: return compose_unbound_side_car(draft, Target::knot);
    case Target::knot: return compose_knot(draft);
    case Target::nsd: return compose_nsd(draft);
    case Target::knot_resolver_5: return compose_knot_resolver_5(draft);
    case Target::knot_resolver_6: return compose_knot_resolver_6(draft);
    case Target::pdns_recursor_4: return compose_pdns_recursor_4(draft);
    case Target::pdns_recursor_5: return compose_pdns_recursor_5(draft);
    case Target::zonewright: return compose_zonewright(draft);
  }
  return fail(ErrorKind::unsupported, "there is no such target");
}

}  // namespace

std::span<const TargetInfo> targets() { return kTargets; }
std::span<const UnableInfo> unable_targets() { return kUnable; }

Result<Target> find_target(std::string_view word) {
  std::string all;
  for (const TargetInfo& info : kTargets) {
    if (info.word == word) return info.target;
    all += fmt::format("{}{}", all.empty() ? "" : ", ", info.word);
  }
  for (const UnableInfo& info : kUnable)
    if (info.word == word)
      return fail(ErrorKind::unsupported, "{} cannot keep a copy of a zone: {}", word, info.why);
  return fail(ErrorKind::not_found, "there is no target {}; expected one of {}", quote_foreign(word), all);
}

Result<Advice> make_advice(Target target, const Offer& offer, WallTime now) {
  ZW_CHECK(check_offer(offer, target));
  auto info = std::find_if(std::begin(kTargets), std::end(kTargets),
                           [&](const TargetInfo& one) { return one.target == target; });
  ZW_ASSERT(info != std::end(kTargets));
  std::string zone = print(lower(offer.zone));
  Draft draft{offer,
              info->word,
              header_of(offer, info->word, now),
              zone,
              offer.zone.view().is_root() ? "the root zone" : "the zone " + zone,
              file_name_of(offer.zone)};
  ZW_TRY(Advice advice, compose(target, draft));
  advice.has_secret =
      (offer.url_is_secret && holds(advice, offer.url)) || (offer.key && holds(advice, offer.key->secret));
  return advice;
}

}  // namespace zw::localroot
