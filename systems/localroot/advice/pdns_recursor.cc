// PowerDNS Recursor: fills its cache from one source, again and again; NOTIFY does not hasten it.
#include <fmt/format.h>

#include "dns/rdata.h"
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
  bool transfer() const { return method == "axfr"; }
};

Result<Fetch> fetch_of(const Offer& offer) {
  if (!offer.servers.empty()) return Fetch{"axfr", colon_port(offer.servers.front())};
  if (offer.url) return Fetch{"url", *offer.url};
  return fail(ErrorKind::not_found,
              "our service offers neither transfer nor download: an address or URL is needed");
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
      "grep -qs localroot.lua /etc/powerdns/recursor.lua || echo 'dofile(\"/etc/powerdns/localroot.lua\")' "
      ">> "
      "/etc/powerdns/recursor.lua; rec_control reload-lua-config";
  AdviceFile& file = out.files.emplace_back("/etc/powerdns/localroot.lua", "");
  std::string& text = file.text;
  text =
      head_of(draft, file.path,
              fmt::format("Fills the cache of PowerDNS Recursor with {}.\n{}", draft.zone_words, kOneSource),
              out.activate, "--");
  if (!offer.anchors.empty()) {
    for (const TrustAnchor& anchor : offer.anchors)
      if (anchor.type == RrType::DS)
        text += fmt::format("addTA(\"{}\", \"{}\")\n", draft.zone, print_rdata(anchor.type, anchor.rdata));
    text += "\n";
  }
  text += fmt::format(
      "zoneToCache(\"{}\", \"{}\", \"{}\", {{\n"
      "  dnssec = \"require\",          -- no copy is used that is not signed,\n"
      "  zonemd = \"{}\",{}-- or is not whole\n"
      "  refreshPeriod = {},\n  retryOnErrorPeriod = {},\n",
      draft.zone, fetch.method, fetch.source, offer.zonemd ? "require" : "validate",
      offer.zonemd ? "          " : "         ", kRefreshSeconds, kRetrySeconds);
  if (fetch.transfer()) {
    if (const IpAddress* own = local_address(offer))
      text += fmt::format("  localAddress = \"{}\",\n", own->print());
    if (offer.key)
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
  out.activate = "systemctl restart pdns-recursor";
  AdviceFile& file = out.files.emplace_back("/etc/powerdns/recursor.d/localroot.yml", "");
  std::string& text = file.text;
  text =
      head_of(draft, file.path,
              fmt::format("Fills the cache of PowerDNS Recursor with {}.\n{}", draft.zone_words, kOneSource),
              out.activate);
  std::string anchors;
  for (const TrustAnchor& anchor : offer.anchors)
    if (anchor.type == RrType::DS)
      anchors += fmt::format("        - \"{}\"\n", print_rdata(anchor.type, anchor.rdata));
  if (!anchors.empty())
    text += fmt::format("dnssec:\n  trustanchors:\n    - name: \"{}\"\n      dsrecords:\n{}", draft.zone,
                        anchors);
  text += fmt::format(
      "recordcache:\n  zonetocaches:\n    - zone: \"{}\"\n      method: {}\n      sources: [\"{}\"]\n",
      draft.zone, fetch.method, fetch.source);
  append_noted(text, "      dnssec: require", "no copy is used that is not signed,");
  append_noted(text, fmt::format("      zonemd: {}", offer.zonemd ? "require" : "validate"),
               "or is not whole");
  text +=
      fmt::format("      refreshPeriod: {}\n      retryOnErrorPeriod: {}\n", kRefreshSeconds, kRetrySeconds);
  if (fetch.transfer()) {
    if (const IpAddress* own = local_address(offer))
      text += fmt::format("      localAddress: \"{}\"\n", own->print());
    if (offer.key)
      text += fmt::format("      tsig:\n        name: \"{}\"\n        algo: \"{}\"\n        secret: \"{}\"\n",
                          key_name(offer), print(offer.key->algorithm), secret_of(*offer.key));
  }
  return out;
}

}  // namespace zw::localroot
