// Unbound: an auth-zone that the resolver asks itself, verified by ZONEMD and the signature on it. It has no
// TSIG for transfers, so that with a key another server fetches the zone and hands it on over loopback.
#include <fmt/format.h>

#include "dns/rdata.h"
#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

constexpr std::string_view kPath = "/etc/unbound/unbound.conf.d/localroot.conf";
constexpr std::string_view kActivate = "unbound-checkconf && unbound-control reload";

std::string server_clause(const Draft& draft, bool tls) {
  std::string out;
  if (tls)
    append_noted(out, fmt::format("  tls-cert-bundle: \"{}\"", draft.offer.tls_authorities),
                 "how our service is believed");
  for (const TrustAnchor& anchor : draft.offer.anchors)
    out += fmt::format("  trust-anchor: \"{} {} {}\"\n", draft.zone,
                       anchor.type == RrType::DS ? "DS" : "DNSKEY", print_rdata(anchor.type, anchor.rdata));
  return out.empty() ? out : "server:\n" + out + "\n";
}

std::string primary_line(const Draft& draft, const Source& source) {
  std::string out;
  std::string name = source.tls ? "#" + *draft.offer.tls_name : "";
  append_noted(out, fmt::format("  primary: {}{}", source.tls ? source.at.print() : at_port(source.at), name),
               source.note);
  return out;
}

/// `first`: a line for where our copy is, before `sources`.
std::string auth_zone(const Draft& draft, std::string_view first, const std::vector<Source>& sources) {
  std::string out = fmt::format(
      "auth-zone:\n  name: \"{}\"\n  # Unbound asks the last of these first; their NOTIFY is taken.\n",
      draft.zone);
  for (std::size_t i = sources.size(); i-- > 0;) out += primary_line(draft, sources[i]);
  out += first;
  append_noted(out, "  zonemd-check: yes", "verify each copy before it is used");
  if (draft.offer.zonemd) append_noted(out, "  zonemd-reject-absence: yes", "one without ZONEMD is none");
  append_noted(out, "  fallback-enabled: yes", "without a copy, ask as before");
  append_noted(out, "  for-upstream: yes", "the resolver asks the copy,");
  append_noted(out, "  for-downstream: no", "clients the resolver");
  append_noted(out, fmt::format("  zonefile: \"{}\"", copy_path(draft, "/var/lib/unbound")),
               "kept over restarts");
  return out;
}

Advice one_file(std::string text, std::string activate) {
  Advice out;
  out.activate = std::move(activate);
  out.files.push_back({std::string(kPath), std::move(text)});
  return out;
}

std::string head(const Draft& draft, std::string_view activate, std::string_view more) {
  return head_of(draft, kPath,
                 fmt::format("Keeps a verified copy of {} in Unbound, which needs a trust anchor, as Debian "
                             "gives it.{}",
                             draft.zone_words, more),
                 activate);
}

}  // namespace

Result<Advice> compose_unbound(const Draft& draft, Ours ours) {
  ZW_CHECK(ours == Ours::tls ? need_tls(draft.offer) : need_servers(draft.offer));
  std::string_view more;
  if (ours == Ours::tls)
    more = "\nIt asks for the serial in clear text, at port 53 of the same address, and fetches over TLS.";
  else if (draft.offer.key)
    more =
        "\nIt cannot sign its transfers, so that our service has to know it by its address, without a key.";
  return one_file(head(draft, kActivate, more) + server_clause(draft, ours == Ours::tls) +
                      auth_zone(draft, "", sources_of(draft, ours)),
                  std::string(kActivate));
}

Result<Advice> compose_unbound_https(const Draft& draft) {
  ZW_CHECK(need_url(draft.offer));
  std::string url;
  append_noted(url, fmt::format("  url: \"{}\"", *draft.offer.url), "our service");
  // It downloads only after a primary, if there is any, has told it the serial. So that this is not left to
  // the fall-backs, ours are primaries too; where they are not known, nobody is.
  auto ours = best_ours(draft.offer);
  std::vector<Source> sources = ours ? sources_of(draft, *ours) : std::vector<Source>();
  std::string activate = guard(kPath, "unbound") + std::string(kActivate);
  return one_file(
      head(draft, activate,
           "\nOur service is asked for the serial by DNS, and downloaded from. The URL is a secret if "
           "it has a token.") +
          server_clause(draft, true) + auth_zone(draft, url, sources),
      activate);
}

Result<Advice> compose_unbound_side_car(const Draft& draft, Target side_car) {
  ZW_CHECK(need_key(draft.offer));
  ZW_CHECK(need_servers(draft.offer));
  bool is_nsd = side_car == Target::nsd;
  std::string_view path = is_nsd ? "/etc/nsd/nsd.conf.d/localroot.conf" : "/etc/knot/knot.conf";
  std::string_view check = is_nsd ? "nsd-checkconf /etc/nsd/nsd.conf" : "knotc conf-check";
  std::string_view service = is_nsd ? "nsd" : "knot";
  Advice out;
  out.activate = guard_key(draft.offer, path, service) +
                 fmt::format("{} && systemctl restart {} && {}", check, service, kActivate);
  std::string first;
  append_noted(first, fmt::format("  primary: 127.0.0.1@{}", kSideCarPort), "the side-car");
  std::string more =
      fmt::format("\nIt gets the copy from {} beside it, which has the TSIG key: {} is the other file.",
                  is_nsd ? "NSD" : "Knot DNS", path);
  out.files.push_back({std::string(kPath), head(draft, out.activate, more) + server_clause(draft, false) +
                                               auth_zone(draft, first, sources_of(draft, Ours::none))});
  std::string notify =
      draft.offer.subscriber.empty()
          ? "It polls our service, whose NOTIFY does not reach it on loopback."
          : fmt::format("Have NOTIFY sent to port {}, since Unbound has port 53.", kSideCarPort);
  std::string text = head_of(
      draft, path, fmt::format("Fetches {} for Unbound on the same host. {}", draft.zone_words, notify), "");
  text += is_nsd ? nsd_clauses(draft, Role::side_car) : knot_sections(draft, Role::side_car);
  out.files.push_back({std::string(path), std::move(text)});
  return out;
}

}  // namespace zw::localroot
