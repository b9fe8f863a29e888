// NSD: a secondary; ldns-verify-zone verifies each version before it is served.
#include <fmt/format.h>

#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

constexpr std::string_view kPath = "/etc/nsd/nsd.conf.d/localroot.conf";

std::string requests(const Draft& draft, Role role, Ours ours) {
  const Offer& offer = draft.offer;
  std::string key = offer.key ? key_name(offer) : "NOKEY", out;
  for (const Source& source : sources_of(draft, ours)) {
    std::string at = source.tls ? source.at.print() : at_port(source.at);
    append_noted(out,
                 fmt::format("  request-xfr: {}{} {}{}", source.ours ? "" : "AXFR ", at,
                             source.ours ? std::string_view(key) : "NOKEY", source.tls ? " localroot" : ""),
                 source.note);
  }
  for (const IpAddress& ours_at : our_addresses(offer))
    append_noted(out, fmt::format("  allow-notify: {} {}", ours_at.print(), key), "our service");
  // NSD tells others from there too, and a side-car has to tell from loopback.
  if (role == Role::side_car) return out;
  for (bool v4 : {true, false})
    if (const IpAddress* own = subscriber_of(offer, v4))
      append_noted(out, fmt::format("  outgoing-interface: {}", own->print()), "our service knows you by it");
  return out;
}

std::string server_clause(const Draft& draft, Role role, Ours ours) {
  std::string out;
  if (role == Role::side_car)
    for (const IpAddress& at : side_car_addresses(draft.offer))
      append_noted(out, fmt::format("  ip-address: {}@{}", at.print(), kSideCarPort),
                   at.is_loopback() ? "for Unbound" : "for NOTIFY from our service");
  if (ours == Ours::tls)
    append_noted(out, fmt::format("  tls-cert-bundle: \"{}\"", draft.offer.tls_authorities),
                 "how our service is believed");
  return out.empty() ? out : "server:\n" + out + "\n";
}

}  // namespace

std::string nsd_clauses(const Draft& draft, Role role) {
  const Offer& offer = draft.offer;
  // A side-car is there for its key, and Unbound verifies what it hands on.
  Ours ours = role == Role::side_car ? Ours::clear : best_ours(offer).value_or(Ours::clear);
  std::string out = server_clause(draft, role, ours);
  if (offer.key)
    out += fmt::format(
        "# Signs what is exchanged with our service.\nkey:\n  name: \"{}\"\n  algorithm: {}\n  secret: "
        "\"{}\"\n\n",
        key_name(offer), print(offer.key->algorithm), secret_of(*offer.key));
  if (ours == Ours::tls)
    out += fmt::format("tls-auth:\n  name: \"localroot\"\n  auth-domain-name: \"{}\"\n\n", *offer.tls_name);
  if (role == Role::server)
    out += "# ldns-verify-zone is in the package ldnsutils.\nverify:\n  enable: yes\n  verify-zones: no\n\n";
  out += fmt::format("zone:\n  name: \"{}\"\n  zonefile: \"{}\"\n  # Asked in this order.\n{}", draft.zone,
                     copy_path(draft, "/var/lib/nsd"), requests(draft, role, ours));
  if (role == Role::server) {
    append_noted(out, "  verify-zone: yes", "all signatures, and ZONEMD, before it is served");
    out += fmt::format("  verifier: ldns-verify-zone {} -k {}\n  verifier-feed-zone: yes\n",
                       offer.zonemd ? "-ZZ" : "-Z", anchor_path(offer));
  } else {
    append_noted(out, "  provide-xfr: 127.0.0.0/8 NOKEY", "for Unbound, which verifies it");
    append_noted(out, "  notify: 127.0.0.1 NOKEY", "");
  }
  return out;
}

Result<Advice> compose_nsd(const Draft& draft) {
  ZW_CHECK(best_ours(draft.offer));
  Advice out;
  out.activate =
      guard_key(draft.offer, kPath, "nsd") + "nsd-checkconf /etc/nsd/nsd.conf && systemctl restart nsd";
  AdviceFile& file = out.files.emplace_back(std::string(kPath), "");
  file.text = head_of(draft, file.path,
                      fmt::format("Serves a verified copy of {} by NSD, for a resolver that asks it.",
                                  draft.zone_words),
                      out.activate) +
              nsd_clauses(draft, Role::server);
  return out;
}

}  // namespace zw::localroot
