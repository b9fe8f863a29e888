// Knot DNS: a secondary that checks the signatures among themselves and the ZONEMD digest.
#include <fmt/format.h>

#include <algorithm>

#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

struct Remote {
  std::string_view id, note;
  bool ours;
  std::string addresses;
};

/// The addresses of one host together, in the order of the sources.
std::vector<Remote> remotes_of(const Draft& draft) {
  std::vector<Remote> out;
  for (const Source& source : sources_of(draft, Ours::clear)) {
    auto same = std::find_if(out.begin(), out.end(), [&](const Remote& one) { return one.id == source.id; });
    if (same == out.end()) {
      out.push_back({source.id, source.note, source.ours, ""});
      same = out.end() - 1;
    }
    same->addresses += (same->addresses.empty() ? "" : ", ") + at_port(source.at);
  }
  return out;
}

std::string remote_section(const Draft& draft, const std::vector<Remote>& remotes) {
  std::string out = "remote:\n", via;
  for (bool v4 : {true, false})
    if (const IpAddress* own = subscriber_of(draft.offer, v4))
      via += (via.empty() ? "" : ", ") + own->print();
  for (const Remote& remote : remotes) {
    append_noted(out, fmt::format("  - id: {}", remote.id), remote.note);
    out += fmt::format("    address: [{}]\n", remote.addresses);
    if (remote.ours && draft.offer.key) out += fmt::format("    key: {}\n", key_name(draft.offer));
    if (remote.ours && !via.empty())
      append_noted(out, fmt::format("    via: [{}]", via), "our service knows you by it");
  }
  return out;
}

std::string acl_section(const Draft& draft, Role role) {
  std::string ours;
  for (const IpAddress& ip : our_addresses(draft.offer)) ours += (ours.empty() ? "" : ", ") + ip.print();
  std::string out = fmt::format("acl:\n  - id: localroot\n    address: [{}]\n", ours);
  if (draft.offer.key) out += fmt::format("    key: {}\n", key_name(draft.offer));
  out += "    action: notify\n";
  if (role == Role::side_car)
    out += "  - id: localroot-unbound\n    address: 127.0.0.0/8\n    action: transfer\n";
  return out;
}

std::string side_car_server(const Offer& offer) {
  std::string listen;
  for (const IpAddress& at : side_car_addresses(offer))
    listen += fmt::format("{}{}@{}", listen.empty() ? "" : ", ", at.print(), kSideCarPort);
  std::string out = "server:\n  rundir: /run/knot\n  user: knot:knot\n";
  append_noted(out, fmt::format("  listen: [{}]", listen), "for Unbound, and NOTIFY from our service");
  return out + "\nlog:\n  - target: syslog\n    any: info\n\ndatabase:\n  storage: /var/lib/knot\n\n";
}

}  // namespace

std::string knot_sections(const Draft& draft, Role role) {
  const Offer& offer = draft.offer;
  std::vector<Remote> remotes = remotes_of(draft);
  std::string out, masters;
  for (const Remote& remote : remotes) masters += fmt::format("{}{}", masters.empty() ? "" : ", ", remote.id);
  if (role == Role::side_car) out += side_car_server(offer);
  if (offer.key)
    out += fmt::format(
        "# Signs what is exchanged with our service.\nkey:\n  - id: {}\n    algorithm: {}\n    secret: "
        "\"{}\"\n\n",
        key_name(offer), print(offer.key->algorithm), secret_of(*offer.key));
  out += remote_section(draft, remotes);
  if (role == Role::side_car) out += "  - id: localroot-unbound\n    address: 127.0.0.1\n";
  out += "\n" + acl_section(draft, role);
  out += fmt::format("\nzone:\n  - domain: \"{}\"\n    file: \"{}\"\n", draft.zone,
                     copy_path(draft, "/var/lib/knot"));
  append_noted(out, fmt::format("    master: [{}]", masters), "asked in this order");
  if (role == Role::side_car) {
    out += "    acl: [localroot, localroot-unbound]\n    notify: localroot-unbound\n";
  } else {
    append_noted(out, "    acl: localroot", "who may say that there is a new version");
  }
  append_noted(out, "    dnssec-validation: on", "signatures of each version agree with its keys");
  if (offer.zonemd) append_noted(out, "    zonemd-verify: on", "and its digest with its records");
  return out;
}

Result<Advice> compose_knot(const Draft& draft) {
  ZW_CHECK(need_servers(draft.offer));
  Advice out;
  out.activate =
      guard_key(draft.offer, "/etc/knot/localroot.conf", "knot") +
      "{ grep -qs localroot.conf /etc/knot/knot.conf || echo 'include: /etc/knot/localroot.conf' >> "
      "/etc/knot/knot.conf; } && knotc conf-check && knotc reload";
  AdviceFile& file = out.files.emplace_back("/etc/knot/localroot.conf", "");
  file.text =
      head_of(draft, file.path,
              fmt::format("Serves a copy of {} by Knot DNS, for a resolver that asks it. Knot knows no "
                          "trust anchor: the resolver must\nvalidate.",
                          draft.zone_words),
              out.activate) +
      knot_sections(draft, Role::server);
  return out;
}

}  // namespace zw::localroot
