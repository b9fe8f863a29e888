#include "localroot/advice/root_servers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace zw::localroot {
namespace {

constexpr PublicSource kSources[] = {
    {"b-root", "b.root-servers.net", "170.247.170.2", "2801:1b8:10::b"},
    {"c-root", "c.root-servers.net", "192.33.4.12", "2001:500:2::c"},
    {"f-root", "f.root-servers.net", "192.5.5.241", "2001:500:2f::f"},
    {"g-root", "g.root-servers.net", "192.112.36.4", "2001:500:12::d0d"},
    {"k-root", "k.root-servers.net", "193.0.14.129", "2001:7fd::1"},
    {"icann-cjr", "xfr.cjr.dns.icann.org", "192.0.47.132", "2620:0:2830:202::132"},
    {"icann-lax", "xfr.lax.dns.icann.org", "192.0.32.132", "2620:0:2d0:202::132"},
};

// Beside kSources.
constexpr KnownAddress kOthers[] = {
    {"198.41.0.4", "a.root-servers.net", Service::queries_only, ""},
    {"2001:503:ba3e::2:30", "a.root-servers.net", Service::queries_only, ""},
    {"199.7.91.13", "d.root-servers.net", Service::unclear, ""},
    {"2001:500:2d::d", "d.root-servers.net", Service::unclear, ""},
    {"192.203.230.10", "e.root-servers.net", Service::queries_only, ""},
    {"2001:500:a8::e", "e.root-servers.net", Service::queries_only, ""},
    {"198.97.190.53", "h.root-servers.net", Service::queries_only, ""},
    {"2001:500:1::53", "h.root-servers.net", Service::queries_only, ""},
    {"192.36.148.17", "i.root-servers.net", Service::queries_only, ""},
    {"2001:7fe::53", "i.root-servers.net", Service::queries_only, ""},
    {"192.58.128.30", "j.root-servers.net", Service::queries_only, ""},
    {"2001:503:c27::2:30", "j.root-servers.net", Service::queries_only, ""},
    {"199.7.83.42", "l.root-servers.net", Service::queries_only, ""},
    {"2001:500:9f::42", "l.root-servers.net", Service::queries_only, ""},
    {"202.12.27.33", "m.root-servers.net", Service::queries_only, ""},
    {"2001:dc3::35", "m.root-servers.net", Service::queries_only, ""},
    {"128.9.0.107", "b.root-servers.net", Service::retired, "until 2004; now 170.247.170.2"},
    {"192.228.79.201", "b.root-servers.net", Service::retired, "until 2017; now 170.247.170.2"},
    {"199.9.14.201", "b.root-servers.net", Service::retired, "until 2023; now 170.247.170.2"},
    {"2001:478:65::53", "b.root-servers.net", Service::retired, "long ago; now 2801:1b8:10::b"},
    {"2001:500:84::b", "b.root-servers.net", Service::retired, "until 2017; now 2801:1b8:10::b"},
    {"2001:500:200::b", "b.root-servers.net", Service::retired, "until 2023; now 2801:1b8:10::b"},
    {"128.8.10.90", "d.root-servers.net", Service::retired, "until 2013; now 199.7.91.13"},
    {"2001:500::1035", "f.root-servers.net", Service::retired, "long ago; now 2001:500:2f::f"},
    {"128.63.2.53", "h.root-servers.net", Service::retired, "until 2015; now 198.97.190.53"},
    {"2001:500:1::803f:235", "h.root-servers.net", Service::retired, "until 2015; now 2001:500:1::53"},
    {"198.41.0.10", "j.root-servers.net", Service::retired, "until 2002; now 192.58.128.30"},
    {"198.32.64.12", "l.root-servers.net", Service::retired, "until 2007; now 199.7.83.42"},
    {"2001:500:3::42", "l.root-servers.net", Service::retired, "until 2016; now 2001:500:9f::42"},
};

using Entry = std::pair<IpAddress, KnownAddress>;

std::vector<Entry> make_table() {
  std::vector<Entry> table;
  auto add = [&](const KnownAddress& known) { table.emplace_back(*IpAddress::parse(known.address), known); };
  for (const PublicSource& source : kSources) {
    add({source.ipv4, source.host, Service::transfers, ""});
    add({source.ipv6, source.host, Service::transfers, ""});
  }
  for (const KnownAddress& known : kOthers) add(known);
  return table;
}

}  // namespace

std::span<const PublicSource> public_sources() { return kSources; }

const KnownAddress* find_known_address(const IpAddress& address) {
  static const std::vector<Entry> table = make_table();
  auto found =
      std::find_if(table.begin(), table.end(), [&](const Entry& entry) { return entry.first == address; });
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace zw::localroot
