// What an operator says: one TOML file. The rows, their defaults and their help are in localroot_settings().
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "authority/rate_limiter.h"
#include "config/settings.h"
#include "crypto/tls.h"
#include "dns/address.h"
#include "dns/cookie.h"
#include "dns/tsig_key.h"
#include "dnssec/trust_anchor.h"
#include "localroot/changes/config.h"
#include "localroot/notify_policy.h"
#include "localroot/portal/config.h"
#include "log/log.h"
#include "net/tcp_service.h"
#include "transfer/access_list.h"
#include "web/https_identity.h"

namespace zw::localroot {

struct KeyConfig {
  std::string name;
  TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
  std::optional<std::string> secret;       // base 64
  std::optional<std::string> secret_file;  // a file that holds it
};

/// A server that we tell.
struct RemoteConfig {
  Address address;
  std::optional<std::string> key;
  bool operator==(const RemoteConfig&) const = default;
};

/// One that we tell, and of what.
struct SubscriberConfig : RemoteConfig {
  NotifyPolicy notify = NotifyPolicy::always;
  bool operator==(const SubscriberConfig&) const = default;
};

/// A client's TLS; with other files it is another (PrimaryConfig::tls_files), so here all are alike.
struct LoadedTls {
  TlsContextPtr context;  // null: clear text
  bool operator==(const LoadedTls&) const { return true; }
};

/// A server that we ask: over TLS alone if it has a name or a pin to be believed by, else in clear text.
struct PrimaryConfig {
  Address address;
  std::optional<std::string> key;
  std::optional<std::string> tls_name;  // in its certificate
  std::string tls_authorities = "/etc/ssl/certs/ca-certificates.crt";
  std::optional<TlsPin> tls_pin;
  std::optional<std::string> tls_certificate, tls_key;  // files; shown to it
  bool tls_require_alpn = true;
  std::string
      tls_files;  // digest of what the files hold, by load_config(): with a new file it is another primary
  LoadedTls loaded_tls;  // by load_config()
  bool uses_tls() const { return tls_name || tls_pin; }
  bool operator==(const PrimaryConfig&) const = default;
};

struct AccessConfig {
  std::optional<Network> from;
  std::optional<std::string> key;
  bool tls = false;
  std::optional<std::string> tls_client;
  bool operator==(const AccessConfig&) const = default;
};

/// Who may download a zone over HTTPS: everybody, or who knows a token.
struct DownloadConfig {
  bool open = false;
  std::optional<std::string> label;  // who has the token
  std::optional<std::string> token;  // also the one of the file, by load_config()
  std::optional<std::string> token_file;
  bool operator==(const DownloadConfig&) const = default;
};

struct ZoneConfig {
  Name name;
  std::string anchor = "/usr/share/dns/root.key";
  bool require_zonemd = true;
  bool accept_rsasha1 = false;
  std::size_t image_limit = std::size_t{256} << 20;  // octets of the ready answer to AXFR; 0: none is kept
  std::size_t journal_size = 64 << 20;
  bool condense_differences = false;
  std::vector<std::string> catalog_groups;  // that our catalogs tell of it
  /// Of a catalog, which is believed as its primaries are and not by signatures; 0: this is no catalog.
  std::size_t most_members = 0;
  std::size_t agreement = 1;  // primaries that must have a version, with the one that gave it
  std::chrono::milliseconds agreement_within{60'000};
  std::vector<PrimaryConfig> primaries;    // in the order in which they are asked
  std::vector<AccessConfig> allow_notify;  // beside the primaries
  std::vector<AccessConfig> allow_transfer;
  std::vector<SubscriberConfig> subscribers;            // who is told of new versions
  std::size_t download_limit = std::size_t{256} << 20;  // octets of text
  std::vector<DownloadConfig> downloads;
  ChangesConfig changes;
  bool operator==(const ZoneConfig&) const = default;
};

/// How the members of a catalog are kept; `zone.name` is left open.
struct MemberConfig {
  std::optional<std::string> group;  // absent: members of any group, and of none
  ZoneConfig zone;
};

/// A catalog of zones: one that we make, or, with primaries, one that we follow.
struct CatalogConfig {
  ZoneConfig zone;                    // how it is fetched and handed out itself
  std::vector<Name> zones;            // that one of ours tells of; none: all
  std::vector<MemberConfig> members;  // of one that we follow
  std::size_t most_members = 10000;
  unsigned most_removed = 50;  // percent
  bool accept_clear_text = false;
  bool is_followed() const { return !zone.primaries.empty(); }
};

struct TcpConfig {
  std::size_t connections = TcpLimits{}.connections;
  std::size_t of_client = TcpLimits{}.of_client;
  std::chrono::milliseconds idle = TcpLimits{}.idle;
};

struct HttpsConfig {
  std::size_t connections = 256;
  std::size_t of_client = 16;
  std::chrono::milliseconds idle{30'000};
};

/// Our side of TLS as a server; files.
struct TlsConfig {
  std::optional<std::string> certificate, key, client_authorities;
  bool require_alpn = true;
};

struct Config {
  std::string state;
  std::vector<Address> listen;
  std::vector<Address> listen_tls;
  std::vector<Address> listen_https;  // for downloads
  std::vector<IpAddress> source;      // to ask and to tell from, at most one of each family
  std::optional<Address> http;
  std::uint64_t notify_budget = 0;  // bits per second of transfers that NOTIFY may cause; 0: no limit
  std::size_t workers = 0;          // threads that answer; 0: one for each core
  std::size_t verify_threads = 0;   // 0: one for each core
  std::optional<std::string> nsid, version;
  std::optional<CookieSecret> cookie_secret;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::logfmt;
  TcpConfig tcp;
  HttpsConfig https;
  RateLimits rate_limit;
  TlsConfig tls;
  portal::PortalConfig portal;
  std::vector<KeyConfig> keys;
  std::vector<ZoneConfig> zones;
  std::vector<CatalogConfig> catalogs;
};

/// Calls `visit(zone, what)` for all that is told of zones, also of catalogs and of what they will hold;
/// `what` names it.
template <typename C, typename Visit>
void visit_zones(C& config, Visit visit) {
  for (auto& zone : config.zones) visit(zone, "zone " + print(zone.name));
  for (auto& catalog : config.catalogs) {
    std::string name = "catalog " + print(catalog.zone.name);
    visit(catalog.zone, name);
    for (auto& member : catalog.members) visit(member.zone, name + ", its members");
  }
}

Settings<Config> localroot_settings();

/// A configuration whose parts are known to fit each other, with what its files hold.
struct Loaded {
  Config config;
  TsigKeyring keys;
  std::vector<std::vector<TrustAnchor>> anchors;  // beside config.zones
  TlsContextPtr tls;                              // of the server; null if it has no certificate
  HttpsIdentityPtr https_identity;                // the same certificate
  /// What the files hold that zones and members are believed by, each in order of owners.
  std::map<std::string, std::vector<TrustAnchor>> anchor_files;
};

/// Reads the file and those that it names for keys and certificates. All errors are told, a line each
/// (`file:line:column: what`).
std::expected<Loaded, std::string> load_config(const std::string& file);

/// The anchors of this zone in its file, which was loaded. `not_found` if it holds none.
Result<std::vector<TrustAnchor>> find_anchors(const Loaded& loaded, const ZoneConfig& zone);
/// What a file holds that holds a secret, without its line's end.
Result<std::string> read_secret(const std::string& file);
/// With its secret, which is read from the file if one is named. No error repeats it.
Result<TsigKey> make_key(const KeyConfig& config);
/// The address of ours to reach `to` from; absent if the kernel is to choose.
std::optional<IpAddress> source_for(const std::vector<IpAddress>& sources, const IpAddress& to);
inline std::optional<IpAddress> source_for(const Config& config, const IpAddress& to) {
  return source_for(config.source, to);
}
/// The key of this name; null if there is none.
const TsigKey* find_key(const TsigKeyring& keys, const std::optional<std::string>& name);
AccessList access_list(const std::vector<AccessConfig>& rules);

}  // namespace zw::localroot
