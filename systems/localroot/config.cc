#include "localroot/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "localroot/catalog_config.h"
#include "localroot/download_config.h"
#include "localroot/tls_config.h"
#include "os/files.h"

namespace zw::localroot {

namespace {

constexpr std::size_t kMostConfigOctets = 1 << 20, kMostSecretOctets = 4096;
constexpr std::size_t kMostAnchorOctets = std::size_t{64} << 20;  // of the members of a large catalog
constexpr std::size_t kMostImageOctets = std::size_t{1} << 40;

SettingType<TsigAlgorithm> algorithm_type() {
  return one_of<TsigAlgorithm>({{"hmac-md5", TsigAlgorithm::hmac_md5},
                                {"hmac-sha1", TsigAlgorithm::hmac_sha1},
                                {"hmac-sha224", TsigAlgorithm::hmac_sha224},
                                {"hmac-sha256", TsigAlgorithm::hmac_sha256},
                                {"hmac-sha256-128", TsigAlgorithm::hmac_sha256_128},
                                {"hmac-sha384", TsigAlgorithm::hmac_sha384},
                                {"hmac-sha384-192", TsigAlgorithm::hmac_sha384_192},
                                {"hmac-sha512", TsigAlgorithm::hmac_sha512},
                                {"hmac-sha512-256", TsigAlgorithm::hmac_sha512_256}});
}

SettingType<CookieSecret> cookie_secret_type() {
  auto read = [](std::string_view text) -> Result<CookieSecret> {
    CookieSecret secret;
    if (text.size() != 2 * secret.size() || decode_base16_to(text, secret.data()) == kNotDecoded)
      return fail(ErrorKind::malformed, "expected {} hex digits", 2 * secret.size());
    return secret;
  };
  return text_like<CookieSecret>("32 hex digits", read,
                                 [](const CookieSecret& secret) { return base16(secret); });
}

Settings<KeyConfig> key_settings() {
  Settings<KeyConfig> table;
  table.required("name", &KeyConfig::name, text_type("the name of a key", 255),
                 "Name of the key, as both sides know it.");
  table.row("algorithm", &KeyConfig::algorithm, algorithm_type(), "HMAC of the key (RFC 8945).");
  table.row("secret", &KeyConfig::secret, maybe(text_type("base 64", 1024)), "The shared secret in base 64.");
  table.row("secret-file", &KeyConfig::secret_file, maybe(path_type()),
            "A file that holds the secret in base 64, instead of it standing here.");
  table.check([](const KeyConfig& key, const Toml& from, Complaints& complaints) {
    if (key.secret.has_value() == key.secret_file.has_value())
      complaints.add(from.at(), "a key has either secret or secret-file");
  });
  return table;
}

// For RemoteConfig and what derives from it.
template <typename Remote>
Settings<Remote> remote_settings() {
  Settings<Remote> table;
  // A member of a base is one of that base unless one says otherwise.
  table.required("address", static_cast<Address Remote::*>(&Remote::address), address_type(kDnsPort),
                 "Where it is.");
  table.row("key", static_cast<std::optional<std::string> Remote::*>(&Remote::key), key_reference(),
            "Name of the key that signs what goes to and comes from it.");
  return table;
}

Settings<SubscriberConfig> subscriber_settings() {
  auto table = remote_settings<SubscriberConfig>();
  table.row(
      "notify", &SubscriberConfig::notify,
      one_of<NotifyPolicy>({{"always", NotifyPolicy::always},
                            {"change", NotifyPolicy::change},
                            {"deadline", NotifyPolicy::deadline},
                            {"change-or-deadline", NotifyPolicy::change_or_deadline},
                            {"security", NotifyPolicy::security}}),
      "Of which versions it is told: each one; those that change more than signatures; when a third of the "
      "signatures' life is over; whichever of these comes first; at once when keys or DS change, else at the "
      "deadline.");
  return table;
}

Settings<AccessConfig> access_settings() {
  Settings<AccessConfig> table;
  table.row("from", &AccessConfig::from, maybe(network_type()), "Only from this network.");
  table.row("key", &AccessConfig::key, key_reference(), "Only signed by this key.");
  return table;
}

Settings<AccessConfig> transfer_settings() {
  Settings<AccessConfig> table = access_settings();
  table.row("tls", &AccessConfig::tls, flag_type(),
            "Whether only over TLS: clear text is refused (RFC 9103).");
  table.row("tls-client", &AccessConfig::tls_client, maybe(text_type("a DNS name", 253)),
            "Only over TLS, by a client whose certificate, good by client-ca, is for this name.");
  return table;
}

// What a zone is believed by.
void add_belief(Settings<ZoneConfig>& table) {
  table.row("anchor", &ZoneConfig::anchor, path_type(),
            "File with the DS or DNSKEY records that the zone is believed by.");
  table.row("require-zonemd", &ZoneConfig::require_zonemd, flag_type(),
            "Whether a version without a valid ZONEMD record is refused.");
  table.row("accept-rsasha1", &ZoneConfig::accept_rsasha1, flag_type(),
            "Whether signatures with SHA-1 (algorithms 5 and 7) are believed.");
  table.row(
      "agreement", &ZoneConfig::agreement, number_type<std::size_t>(1, 64),
      "How many primaries must have the same ZONEMD digest before a version is published; 1 asks nobody "
      "but the one that gave it.");
  table.row(
      "agreement-within", &ZoneConfig::agreement_within,
      duration_type(std::chrono::milliseconds(1'000), std::chrono::milliseconds(3'600'000)),
      "How long the others are waited for; then the version is not published, and fetched again later.");
}

// How it is fetched and handed out.
void add_delivery(Settings<ZoneConfig>& table) {
  table.row(
      "image-limit", &ZoneConfig::image_limit, size_type(0, kMostImageOctets),
      "Most memory for the ready answer to AXFR, which all who fetch the zone share; a version that needs "
      "more is rendered for each of them, and with \"0B\" every version is.");
  table.row("journal-size", &ZoneConfig::journal_size, size_type(0, std::size_t{1} << 40),
            "Most octets of its history on disk, from which IXFR is answered; the oldest versions go first.");
  table.row("condense-differences", &ZoneConfig::condense_differences, flag_type(),
            "Whether IXFR is answered by one difference from the client's version instead of all steps.");
  table.tables("primary", &ZoneConfig::primaries, primary_settings(), 64,
               "A primary; they are asked in this order, and may send NOTIFY.");
  table.tables("allow-notify", &ZoneConfig::allow_notify, access_settings(), 1000,
               "Who else may send NOTIFY.");
  table.tables("allow-transfer", &ZoneConfig::allow_transfer, transfer_settings(), 10000,
               "Who may fetch the zone.");
  table.tables("subscriber", &ZoneConfig::subscribers, subscriber_settings(), 100000,
               "Who is told of new versions.");
}

void add_changes(Settings<ZoneConfig>& table) {
  table.table("changes", &ZoneConfig::changes, changes_settings(),
              "The change feed: what changed from version to version, for those who study the zone.");
}

Settings<ZoneConfig> zone_settings() {
  Settings<ZoneConfig> table;
  table.required("name", &ZoneConfig::name, name_type(), "Name of the zone: \".\" is the root.");
  add_belief(table);
  table.row("catalog-groups", &ZoneConfig::catalog_groups, list_of(text_type("a text", 255), 100),
            "Groups that our catalogs say it belongs to (RFC 9432).");
  add_delivery(table);
  add_downloads(table);
  add_changes(table);
  table.check([](const ZoneConfig& zone, const Toml& from, Complaints& complaints) {
    if (zone.primaries.empty()) complaints.add(from.at(), "a zone needs at least one [[zone.primary]]");
    check_agreement(zone, from, complaints);
  });
  return table;
}

Settings<TcpConfig> tcp_settings() {
  using std::chrono::milliseconds;
  Settings<TcpConfig> table;
  table.row("connections", &TcpConfig::connections, number_type<std::size_t>(1, 1'000'000),
            "Most connections at once.");
  table.row("of-client", &TcpConfig::of_client, number_type<std::size_t>(1, 1'000'000),
            "Most connections of one IPv4 address or IPv6 /64.");
  table.row("idle", &TcpConfig::idle, duration_type(milliseconds(500), milliseconds(600'000)),
            "How long a silent client may stay.");
  return table;
}

Settings<RateLimits> rate_limit_settings() {
  Settings<RateLimits> table;
  auto rate = number_type<std::uint32_t>(0, 1'000'000);
  table.row("responses-per-second", &RateLimits::per_second, rate,
            "Most answers of one kind to one network: for one name and type, for names below one cut, or for "
            "what is not in one zone; 0 limits nothing.");
  table.row("total-per-second", &RateLimits::total_per_second, rate,
            "Most answers of all kinds to one network; 0 is no limit.");
  table.row(
      "slip", &RateLimits::slip, number_type<std::uint32_t>(0, 100),
      "Each so-many-th answer beyond the limit is truncated, so that who really asks comes over TCP; the "
      "others are dropped, with 0 all of them.");
  table.row("ipv4-prefix", &RateLimits::ipv4_prefix, number_type<unsigned>(8, 32),
            "Leading bits that make a network.");
  table.row("ipv6-prefix", &RateLimits::ipv6_prefix, number_type<unsigned>(16, 128),
            "Leading bits that make a network.");
  table.row("exempt", &RateLimits::exempt, list_of(network_type(), 1000), "Networks that are not limited.");
  table.row("table-size", &RateLimits::table_octets, size_type(4096, std::size_t{1} << 30),
            "Memory of each worker to remember networks in, 16 octets for each and each kind of answer.");
  return table;
}

// Every key that is named must be there.
void check_keys_exist(const Config& config, const Toml& from, Complaints& complaints) {
  auto exists = [&](const std::string& name) {
    return std::any_of(config.keys.begin(), config.keys.end(),
                       [&](const KeyConfig& key) { return key.name == name; });
  };
  visit_zones(config, [&](const ZoneConfig& zone, const std::string& what) {
    auto check = [&](const std::optional<std::string>& name) {
      if (name && !exists(*name))
        complaints.add(place_of(from, what.starts_with("zone") ? "zone" : "catalog"),
                       fmt::format("{}: there is no key {}", what, *name));
    };
    for (const PrimaryConfig& primary : zone.primaries) check(primary.key);
    for (const RemoteConfig& remote : zone.subscribers) check(remote.key);
    for (auto* list : {&zone.allow_notify, &zone.allow_transfer})
      for (const AccessConfig& access : *list) check(access.key);
  });
}

void check_zones(const Config& config, const Toml& from, Complaints& complaints) {
  if (config.zones.empty() && config.catalogs.empty())
    complaints.add(from.at(), "there is no [[zone]] and no [[catalog]]");
  for (std::size_t i = 0; i < config.zones.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (config.zones[i].name == config.zones[j].name)
        complaints.add(place_of(from, "zone"),
                       fmt::format("zone {} stands twice", print(config.zones[i].name)));
}

// Once for all that name the file.
Result<void> read_anchors(const std::string& file, Loaded& loaded) {
  if (loaded.anchor_files.contains(file)) return {};
  ZW_TRY(Buffer text, read_file(file, kMostAnchorOctets));
  ZW_TRY(auto anchors, parse_trust_anchors(as_text(text), file));
  std::stable_sort(anchors.begin(), anchors.end(),
                   [](const TrustAnchor& a, const TrustAnchor& b) { return a.owner < b.owner; });
  loaded.anchor_files.emplace(file, std::move(anchors));
  return {};
}

}  // namespace

SettingType<std::optional<std::string>> key_reference() { return maybe(text_type("the name of a key", 255)); }

SettingType<Name> name_type() {
  return text_like<Name>(
      "a domain name", [](std::string_view text) { return Name::parse(text); },
      [](const Name& name) { return print(name); });
}

Settings<ZoneConfig> catalog_zone_settings() {
  Settings<ZoneConfig> table;
  table.required("name", &ZoneConfig::name, name_type(),
                 "Name of the catalog zone: one of your own, or one below \"invalid.\".");
  add_delivery(table);
  return table;
}

Settings<ZoneConfig> member_zone_settings() {
  Settings<ZoneConfig> table;
  add_belief(table);
  add_delivery(table);
  add_downloads(table);
  add_changes(table);
  table.check(check_agreement);
  return table;
}

void check_agreement(const ZoneConfig& zone, const Toml& from, Complaints& complaints) {
  std::set<Address> places;
  for (const PrimaryConfig& primary : zone.primaries) places.insert(primary.address);
  if (!zone.primaries.empty() && zone.agreement > places.size())
    complaints.add(from.at(),
                   fmt::format("agreement = {}, but there are only {} primaries with an address of their own",
                               zone.agreement, places.size()));
  if (zone.agreement > 1 && !zone.require_zonemd)
    complaints.add(from.at(), "agreement is about the ZONEMD digest, so require-zonemd must be true");
}

Settings<Config> localroot_settings() {
  Settings<Config> table;
  table.required("state", &Config::state, path_type(), "Folder for the last good copies and their evidence.");
  table.row("listen", &Config::listen, list_of(address_type(kDnsPort), 1000),
            "Where to answer, over UDP and TCP.");
  table.row("listen-tls", &Config::listen_tls, list_of(address_type(kTlsPort), 1000),
            "Where to answer over TLS alone; needs a certificate, see [tls].");
  table.row("listen-https", &Config::listen_https, list_of(address_type(kHttpsPort), 1000),
            "Where zones are downloaded over HTTPS, see [[zone.download]]; needs a certificate, see [tls].");
  table.row("source", &Config::source, list_of(ip_type(), 2),
            "Addresses to ask primaries and tell subscribers from, one for each family; if left out, the "
            "kernel chooses.");
  table.row("http", &Config::http, maybe(address_type(8053)),
            "Where to show metrics, health and status over HTTP.");
  table.row("notify-budget", &Config::notify_budget, number_type<std::uint64_t>(0, 1'000'000'000'000'000),
            "Bits per second of the transfers that NOTIFY may cause, for all zones together; 0 is no limit.");
  table.row("workers", &Config::workers, number_type<std::size_t>(0, 1024),
            "Threads that answer; 0 is one for each core.");
  table.row("verify-threads", &Config::verify_threads, number_type<std::size_t>(0, 1024),
            "Threads that verify a new version; 0 is one for each core.");
  table.row("nsid", &Config::nsid, maybe(text_type("a text", 255)), "Told to who asks with NSID (RFC 5001).");
  table.row("version", &Config::version, maybe(text_type("a text", 255)),
            "Told to who asks for version.bind in class CHAOS.");
  table.row("cookie-secret", &Config::cookie_secret, maybe(cookie_secret_type()),
            "Secret of server cookies (RFC 9018), to be the same on all servers behind one address; if left "
            "out, one "
            "is made at each start.");
  table.row("log-level", &Config::log_level,
            one_of<LogLevel>({{"debug", LogLevel::debug},
                              {"info", LogLevel::info},
                              {"warning", LogLevel::warning},
                              {"error", LogLevel::error}}),
            "The least important lines that are logged.");
  table.row("log-format", &Config::log_format,
            one_of<LogFormat>({{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}}),
            "How log lines look.");
  table.table("tcp", &Config::tcp, tcp_settings(), "Bounds for TCP.");
  table.table("https", &Config::https, https_settings(), "Bounds for downloads.");
  table.table(
      "rate-limit", &Config::rate_limit, rate_limit_settings(),
      "Bounds for answers over UDP, lest we be used to flood others. Who has a cookie of ours (RFC 7873) "
      "or signs with a key is not limited.");
  table.table("tls", &Config::tls, tls_settings(),
              "TLS for who asks us (RFC 7858, RFC 9103); SIGHUP reads the files again.");
  table.table("portal", &Config::portal, portal::portal_settings(),
              "The portal, where operators of resolvers register to be told of new versions.");
  table.tables("key", &Config::keys, key_settings(), 100000, "A TSIG key.");
  table.tables("zone", &Config::zones, zone_settings(), 10000, "A zone to take, verify and serve.");
  table.tables("catalog", &Config::catalogs, catalog_settings(), 100,
               "A catalog of zones (RFC 9432): one that we make, or, with primaries, one that we follow.");
  table.check(check_keys_exist);
  table.check(check_zones);
  table.check(check_catalogs);
  table.check(check_tls);
  table.check(check_downloads);
  table.check([](const Config& config, const Toml& from, Complaints& complaints) {
    if (config.portal.enabled && config.portal.tls && !config.tls.certificate)
      complaints.add(place_of(from, "portal"), "tls = true needs certificate and key in [tls]");
  });
  return table;
}

Result<std::string> read_secret(const std::string& file) {
  ZW_TRY(Buffer content, read_file(file, kMostSecretOctets));
  std::string text(as_text(content));
  wipe(content);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

Result<TsigKey> make_key(const KeyConfig& config) {
  auto name = Name::parse(config.name);
  if (!name) return fail(ErrorKind::malformed, "key {}: {}", config.name, name.error().what);
  std::string text = config.secret.value_or("");
  if (config.secret_file) {
    ZW_TRY(text, read_secret(*config.secret_file));
  }
  Buffer secret;
  if (!decode_base64(text, secret) || secret.empty())
    return fail(ErrorKind::malformed, "key {}: the secret is not base 64", config.name);
  auto key = TsigKey::make(*name, config.algorithm, secret);
  wipe(secret);
  return key;
}

std::optional<IpAddress> source_for(const std::vector<IpAddress>& sources, const IpAddress& to) {
  for (const IpAddress& source : sources)
    if (source.is_v4() == to.is_v4()) return source;
  return std::nullopt;
}

const TsigKey* find_key(const TsigKeyring& keys, const std::optional<std::string>& name) {
  auto wanted = name ? Name::parse(*name) : fail(ErrorKind::not_found, "no key");
  if (!wanted) return nullptr;
  for (const TsigKey& key : keys.keys())
    if (key.name() == wanted->view()) return &key;
  return nullptr;
}

AccessList access_list(const std::vector<AccessConfig>& rules) {
  std::vector<AccessRule> out;
  for (const AccessConfig& rule : rules) {
    AccessRule& added = out.emplace_back();
    added.from = rule.from;
    if (rule.key) added.key = *Name::parse(*rule.key);
    added.tls = rule.tls;
    added.tls_client = rule.tls_client.value_or("");
  }
  return AccessList(std::move(out));
}

Result<std::vector<TrustAnchor>> find_anchors(const Loaded& loaded, const ZoneConfig& zone) {
  const auto& all = loaded.anchor_files.at(zone.anchor);
  auto first = std::partition_point(all.begin(), all.end(),
                                    [&](const TrustAnchor& anchor) { return anchor.owner < zone.name; });
  auto last =
      std::find_if(first, all.end(), [&](const TrustAnchor& anchor) { return !(anchor.owner == zone.name); });
  if (first == last) return fail(ErrorKind::not_found, "{} holds no trust anchor for it", zone.anchor);
  return std::vector(first, last);
}

std::expected<Loaded, std::string> load_config(const std::string& file) {
  auto text = read_file(file, kMostConfigOctets);
  if (!text) return std::unexpected(text.error().what + "\n");
  auto config = parse_config(as_text(*text), localroot_settings());
  if (!config) return std::unexpected(print_errors(file, config.error()));
  Loaded loaded{std::move(*config), {}, {}, {}, {}, {}};
  std::string faults;
  for (CatalogConfig& catalog : loaded.config.catalogs) catalog.zone.most_members = catalog.most_members;
  for (const KeyConfig& each : loaded.config.keys) {
    auto key = make_key(each);
    auto added = key ? loaded.keys.add(std::move(*key)) : std::unexpected(key.error());
    if (!added) faults += fmt::format("{}: {}\n", file, added.error().what);
  }
  visit_zones(loaded.config, [&](const ZoneConfig& zone, const std::string& what) {
    if (zone.most_members > 0) return;
    if (auto read = read_anchors(zone.anchor, loaded); !read)
      faults += fmt::format("{}: {}: {}\n", file, what, read.error().what);
  });
  for (const ZoneConfig& zone : loaded.config.zones) {
    if (!loaded.anchor_files.contains(zone.anchor)) continue;
    auto anchors = find_anchors(loaded, zone);
    if (!anchors) faults += fmt::format("{}: zone {}: {}\n", file, print(zone.name), anchors.error().what);
    loaded.anchors.push_back(anchors ? std::move(*anchors) : std::vector<TrustAnchor>());
  }
  load_tls(file, loaded, faults);
  load_downloads(file, loaded, faults);
  if (!faults.empty()) return std::unexpected(faults);
  return loaded;
}

}  // namespace zw::localroot
