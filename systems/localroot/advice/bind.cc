// BIND: a mirror zone, which is verified whole before it is used, or the two views of RFC 8806 appendix B.1.
#include <fmt/format.h>

#include "dns/rdata.h"
#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

constexpr std::string_view kFolder = "/var/cache/bind";

std::string key_clause(const Offer& offer) {
  if (!offer.key) return "";
  return fmt::format(
      "# Signs what is exchanged with our service.\n"
      "key \"{}\" {{\n  algorithm {};\n  secret \"{}\";\n}};\n\n",
      key_name(offer), print(offer.key->algorithm), secret_of(*offer.key));
}

std::string tls_clause(const Offer& offer) {
  return fmt::format(
      "# How our service is believed.\n"
      "tls \"localroot\" {{\n  remote-hostname \"{}\";\n  ca-file \"{}\";\n}};\n\n",
      *offer.tls_name, offer.tls_authorities);
}

/// Beside those that BIND has for the root.
std::string anchors_clause(const Draft& draft) {
  if (draft.offer.anchors.empty()) return "";
  std::string_view kind = draft.is_root() ? "initial" : "static";  // the root's keys roll by RFC 5011
  std::string out = "# What the zone is believed by.\ntrust-anchors {\n";
  for (const TrustAnchor& anchor : draft.offer.anchors) {
    std::string rdata = print_rdata(anchor.type, anchor.rdata);
    std::size_t last = 0;  // three numbers stand before the digest or key
    for (int i = 0; i < 3; ++i) last = rdata.find(' ', last) + 1;
    out += fmt::format("  \"{}\" {}-{} {}\"{}\";\n", draft.zone, kind,
                       anchor.type == RrType::DS ? "ds" : "key", rdata.substr(0, last), rdata.substr(last));
  }
  return out + "};\n\n";
}

std::string primaries(const Draft& draft, Ours ours, std::string_view indent) {
  std::string out = fmt::format("{}primaries {{\n", indent);
  for (const Source& source : sources_of(draft, ours)) {
    std::string line = fmt::format("{}  {}", indent, source.at.ip.print());
    if (source.at.port != kDnsPort) line += fmt::format(" port {}", source.at.port);
    if (source.ours && draft.offer.key) line += fmt::format(" key \"{}\"", key_name(draft.offer));
    if (source.tls) line += " tls \"localroot\"";
    append_noted(out, line + ";", source.note);
  }
  out += fmt::format("{}}};\n", indent);
  for (bool v4 : {true, false})
    if (const IpAddress* own = subscriber_of(draft.offer, v4))
      append_noted(out, fmt::format("{}transfer-source{} {};", indent, v4 ? "" : "-v6", own->print()),
                   "our service knows you by it");
  return out;
}

/// `directory` of Debian is where BIND may write.
std::string file_of(const Draft& draft) {
  return draft.offer.folder ? copy_path(draft, *draft.offer.folder) : draft.file_name;
}

}  // namespace

Result<Advice> compose_bind_mirror(const Draft& draft, bool can_tls) {
  ZW_TRY(Ours ours, can_tls ? best_ours(draft.offer) : Result<Ours>(Ours::clear));
  if (ours == Ours::clear) ZW_CHECK(need_servers(draft.offer));
  if (!draft.is_root() && draft.offer.anchors.empty())
    return fail(ErrorKind::not_found,
                "BIND verifies a mirror by a trust anchor for {} itself: give its DS records", draft.zone);
  Advice out;
  out.activate = guard_key(draft.offer, "/etc/bind/localroot.conf", "bind") +
                 "{ grep -qs localroot.conf /etc/bind/named.conf.local || echo 'include "
                 "\"/etc/bind/localroot.conf\";' >> "
                 "/etc/bind/named.conf.local; } && named-checkconf && rndc reconfig";
  AdviceFile& file = out.files.emplace_back("/etc/bind/localroot.conf", "");
  file.text =
      head_of(draft, file.path,
              fmt::format("Keeps a copy of {} in a resolver that runs BIND. Needs \"recursion yes\" and "
                          "\"dnssec-validation auto\",\nwhich are the defaults, and no other zone \"{}\".",
                          draft.zone_words, draft.zone),
              out.activate);
  file.text += key_clause(draft.offer);
  if (ours == Ours::tls) file.text += tls_clause(draft.offer);
  file.text += anchors_clause(draft);
  file.text += fmt::format(
      "# Each copy is verified by its signatures before it is used. Without one, BIND asks as it did "
      "before.\n"
      "zone \"{}\" {{\n  type mirror;\n  file \"{}\";\n  notify no;\n"
      "  # Asked in this order; their NOTIFY is taken.\n{}}};\n",
      draft.zone, file_of(draft), primaries(draft, ours, "  "));
  return out;
}

Result<Advice> compose_bind_views(const Draft& draft) {
  ZW_CHECK(need_servers(draft.offer));
  constexpr std::string_view kInside = "127.12.12.12";
  std::string listen, notifiers;
  for (const IpAddress& own : draft.offer.subscriber)
    if (own.is_v4()) listen += fmt::format(" {};", own.print());
  for (const IpAddress& ours : our_addresses(draft.offer)) notifiers += fmt::format(" {};", ours.print());
  const IpAddress* v6 = subscriber_of(draft.offer, false);
  Advice out;
  out.activate =
      guard_key(draft.offer, "/etc/bind/named.conf", "bind") +
      fmt::format("ip address replace {}/32 dev lo && named-checkconf && systemctl restart named", kInside);
  AdviceFile& file = out.files.emplace_back("/etc/bind/named.conf", "");
  file.text =
      head_of(draft, file.path,
              fmt::format("BIND as a resolver with an authoritative copy of {} (RFC 8806): the whole "
                          "configuration, since with views\nevery zone stands in one. The address {} has "
                          "to be on the loopback interface at each start.",
                          draft.zone_words, kInside),
              out.activate);
  file.text += fmt::format(
      "options {{\n  directory \"{}\";\n  listen-on {{ 127.0.0.1; {};{} }};\n  listen-on-v6 {{ ::1;{} "
      "}};\n}};\n\n",
      draft.offer.folder.value_or(std::string(kFolder)), kInside, listen,
      v6 ? fmt::format(" {};", v6->print()) : "");
  file.text += key_clause(draft.offer) + anchors_clause(draft);
  file.text += fmt::format(
      "# The copy. It is not verified as a whole; the recursive view validates each answer from it.\n"
      "view \"localroot\" {{\n  match-destinations {{ {0}; }};\n  recursion no;\n  zone \"{1}\" {{\n"
      "    type secondary;\n    file \"{2}\";\n    notify no;\n{3}  }};\n}};\n\n"
      "# Our service tells of new versions at your other addresses.\n"
      "view \"localroot-notify\" {{\n  match-clients {{{4} }};\n  recursion no;\n"
      "  zone \"{1}\" {{ in-view \"localroot\"; }};\n}};\n\n"
      "# For everybody else: answers are found from the copy.\n"
      "view \"recursive\" {{\n  recursion yes;\n  dnssec-validation auto;\n  zone \"{1}\" {{\n"
      "    type static-stub;\n    server-addresses {{ {0}; }};\n  }};\n}};\n",
      kInside, draft.zone, draft.file_name, primaries(draft, Ours::clear, "    "), notifiers);
  return out;
}

}  // namespace zw::localroot
