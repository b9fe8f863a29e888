// PowerDNS Recursor: fills its cache from one source, again and again; NOTIFY does not hasten it.
#include <fmt/format.h>

#include "dns/rdata.h"
#include "dnssec/ds.h"
#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

// The root's own refresh time; a transfer each time.
constexpr unsigned kRefreshSeconds = 1800, kRetrySeconds = 60;

constexpr std::string_view kOneSource =
    "It can name one source only, and hears no NOTIFY: it fetches each half hour. If our service is gone it "
    "asks as it did\nbefore; records in the cache live on by their TTL.";

struct Fetch {
  std::string method, source;
  bool signs = false;
  bool transfer() const { return method == "axfr"; }
};

/// A download comes first: with a key it takes the TSIG records of the answer for records of the zone and
/// finds each digest wrong (seen with 4.8).
Result<Fetch> fetch_of(const Offer& offer) {
  if (offer.url) return Fetch{"url", *offer.url};
  if (!offer.servers.empty()) return Fetch{"axfr", colon_port(offer.servers.front()), offer.key.has_value()};
  return fail(ErrorKind::not_found,
              "our service offers neither transfer nor download: an address or URL is needed");
}

std::string_view zonemd_of(const Offer& offer, const Fetch& fetch) {
  if (fetch.signs) return "ignore";
  return offer.zonemd ? "require" : "validate";
}

std::string_view dnssec_of(const Fetch& fetch) { return fetch.signs ? "ignore" : "require"; }

std::string_view about(const Fetch& fetch) {
  return fetch.signs ? "With a key it finds the digest of no copy right, so that a copy is believed by the "
                       "key alone;\n"
                       "answers from it are validated as all others are."
                     : "No copy is used that is not signed and whole.";
}

/// It takes trust anchors as DS alone.
std::string ds_of(const TrustAnchor& anchor) {
  if (anchor.type == RrType::DS) return print_rdata(RrType::DS, anchor.rdata);
  auto key = DnskeyView::parse(anchor.rdata);
  ZW_ASSERT(key.has_value());
  auto ds = make_ds(anchor.owner, *key, DigestType::SHA256);
  ZW_ASSERT(ds.has_value());
  return print_rdata(RrType::DS, *ds);
}

std::string guard_of(const Fetch& fetch, const Offer& offer, std::string_view path) {
  bool secret = fetch.signs ? offer.key->secret.has_value() : !fetch.transfer();
  return secret ? guard(path, "pdns") : "";
}

const IpAddress* local_address(const Offer& offer) {
  return subscriber_of(offer, offer.servers.front().ip.is_v4());
}

}  // namespace

Result<Advice> compose_pdns_recursor_4(const Draft& draft) {
  const Offer& offer = draft.offer;
  ZW_TRY(Fetch fetch, fetch_of(offer));
  Advice out;
  out.activate =
      guard_of(fetch, offer, "/etc/powerdns/localroot.lua") +
      "{ grep -qs localroot.lua /etc/powerdns/recursor.lua || echo 'dofile(\"/etc/powerdns/localroot.lua\")' "
      ">> /etc/powerdns/recursor.lua; } && rec_control reload-lua-config";
  AdviceFile& file = out.files.emplace_back("/etc/powerdns/localroot.lua", "");
  std::string& text = file.text;
  text = head_of(draft, file.path,
                 fmt::format("Fills the cache of PowerDNS Recursor with {}. {}\n{}", draft.zone_words,
                             about(fetch), kOneSource),
                 out.activate, "--");
  for (const TrustAnchor& anchor : offer.anchors)
    text += fmt::format("addTA(\"{}\", \"{}\")\n", draft.zone, ds_of(anchor));
  text += fmt::format(
      "zoneToCache(\"{}\", \"{}\", \"{}\", {{\n"
      "  dnssec = \"{}\",\n  zonemd = \"{}\",\n"
      "  refreshPeriod = {},\n  retryOnErrorPeriod = {},\n",
      draft.zone, fetch.method, fetch.source, dnssec_of(fetch), zonemd_of(offer, fetch), kRefreshSeconds,
      kRetrySeconds);
  if (fetch.transfer()) {
    if (const IpAddress* own = local_address(offer))
      text += fmt::format("  localAddress = \"{}\",\n", own->print());
    if (fetch.signs)
      text += fmt::format("  tsigname = \"{}\",\n  tsigalgo = \"{}\",\n  tsigsecret = \"{}\",\n",
                          key_name(offer), print(offer.key->algorithm), secret_of(*offer.key));
  }
  text += "})\n";
  return out;
}

Result<Advice> compose_pdns_recursor_5(const Draft& draft) {
  const Offer& offer = draft.offer;
  ZW_TRY(Fetch fetch, fetch_of(offer));
  Advice out;
  out.activate =
      guard_of(fetch, offer, "/etc/powerdns/recursor.d/localroot.yml") + "systemctl restart pdns-recursor";
  AdviceFile& file = out.files.emplace_back("/etc/powerdns/recursor.d/localroot.yml", "");
  std::string& text = file.text;
  text = head_of(draft, file.path,
                 fmt::format("Fills the cache of PowerDNS Recursor with {}. {}\n{}", draft.zone_words,
                             about(fetch), kOneSource),
                 out.activate);
  std::string anchors;
  for (const TrustAnchor& anchor : offer.anchors) anchors += fmt::format("        - \"{}\"\n", ds_of(anchor));
  if (!anchors.empty())
    text += fmt::format("dnssec:\n  trustanchors:\n    - name: \"{}\"\n      dsrecords:\n{}", draft.zone,
                        anchors);
  text += fmt::format(
      "recordcache:\n  zonetocaches:\n    - zone: \"{}\"\n      method: {}\n      sources: [\"{}\"]\n",
      draft.zone, fetch.method, fetch.source);
  text += fmt::format("      dnssec: {}\n      zonemd: {}\n", dnssec_of(fetch), zonemd_of(offer, fetch));
  text +=
      fmt::format("      refreshPeriod: {}\n      retryOnErrorPeriod: {}\n", kRefreshSeconds, kRetrySeconds);
  if (fetch.transfer()) {
    if (const IpAddress* own = local_address(offer))
      text += fmt::format("      localAddress: \"{}\"\n", own->print());
    if (fetch.signs)
      text += fmt::format("      tsig:\n        name: \"{}\"\n        algo: \"{}\"\n        secret: \"{}\"\n",
                          key_name(offer), print(offer.key->algorithm), secret_of(*offer.key));
  }
  return out;
}

}  // namespace zw::localroot
