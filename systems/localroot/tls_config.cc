#include "localroot/tls_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "os/files.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostPemOctets = 4 << 20;  // a bundle of authorities has some 200 KiB

SettingType<std::optional<std::string>> file_type() { return maybe(path_type()); }

SettingType<TlsPin> pin_type() {
  return text_like<TlsPin>(
      "44 characters of base 64",
      [](std::string_view text) -> Result<TlsPin> {
        if (auto pin = parse_tls_pin(text)) return *pin;
        return fail(ErrorKind::malformed, "expected a SHA-256 of 32 octets in base 64");
      },
      [](const TlsPin& pin) { return base64(pin); });
}

bool complete(const std::optional<std::string>& certificate, const std::optional<std::string>& key) {
  return certificate.has_value() == key.has_value();
}

/// The texts of files, wiped at the end, and their digest.
class Files {
 public:
  Result<std::string_view> read(const std::string& path) {
    ZW_TRY(Buffer content, read_file(path, kMostPemOctets));
    digester_.update(content);
    texts_.emplace_back(content.begin(), content.end());
    wipe(content);
    return as_text(texts_.back());
  }
  Result<std::string_view> read_key(const std::string& path) {
    if (others_may_read(path).value_or(false))
      return fail(ErrorKind::refused, "{}: everybody may read this private key; chmod o= it", path);
    return read(path);
  }
  Result<TlsIdentity> read_identity(const std::string& certificate, const std::string& key) {
    TlsIdentity identity;
    ZW_TRY(identity.certificates, read(certificate));
    ZW_TRY(identity.key, read_key(key));
    return identity;
  }
  std::string digest() { return base16(digester_.finish().bytes()); }

 private:
  Digester digester_{DigestAlgorithm::sha256};
  std::vector<SecretBuffer> texts_;
};

Result<TlsContextPtr> load_server(const TlsConfig& config, HttpsIdentityPtr& identity) {
  if (!config.certificate) return nullptr;
  Files files;
  TlsServerSettings settings;
  settings.require_alpn = config.require_alpn;
  ZW_TRY(settings.identity, files.read_identity(*config.certificate, *config.key));
  auto kept = std::make_shared<HttpsIdentity>();
  append(kept->certificates, settings.identity.certificates);
  append(kept->key, settings.identity.key);
  identity = std::move(kept);
  if (config.client_authorities) {
    ZW_TRY(settings.client_authorities, files.read(*config.client_authorities));
  }
  auto made = TlsContext::make_server(settings);
  if (!made)
    return fail(made.error().kind, "{}, {}: {}", *config.certificate, *config.key, made.error().what);
  return made;
}

Result<TlsContextPtr> load_client(PrimaryConfig& config) {
  if (!config.uses_tls()) return nullptr;
  Files files;
  TlsClientSettings settings;
  settings.require_alpn = config.tls_require_alpn;
  settings.pin = config.tls_pin;
  if (config.tls_name) {
    settings.name = *config.tls_name;
    ZW_TRY(settings.authorities, files.read(config.tls_authorities));
  }
  if (config.tls_certificate) {
    ZW_TRY(settings.identity, files.read_identity(*config.tls_certificate, *config.tls_key));
  }
  auto made = TlsContext::make_client(settings);
  if (!made)
    return fail(made.error().kind, "{}: {}", config.tls_certificate.value_or(config.tls_authorities),
                made.error().what);
  config.tls_files = files.digest();
  return made;
}

}  // namespace

Settings<TlsConfig> tls_settings() {
  Settings<TlsConfig> table;
  table.row("certificate", &TlsConfig::certificate, file_type(),
            "File with our certificate in PEM, then those that vouch for it.");
  table.row("key", &TlsConfig::key, file_type(),
            "File with its private key in PEM, not for everybody to read.");
  table.row(
      "client-ca", &TlsConfig::client_authorities, file_type(),
      "File with the authorities in PEM that vouch for certificates of clients, which are then asked for.");
  table.row("require-alpn", &TlsConfig::require_alpn, flag_type(),
            "Whether clients must offer ALPN \"dot\" (RFC 9103); Unbound does not.");
  table.check([](const TlsConfig& tls, const Toml& from, Complaints& complaints) {
    if (!complete(tls.certificate, tls.key))
      complaints.add(from.at(), "certificate and key go together: give both or none");
    if (tls.client_authorities && !tls.certificate)
      complaints.add(place_of(from, "client-ca"), "client-ca is of no use without certificate and key");
  });
  return table;
}

Settings<PrimaryConfig> primary_settings() {
  Settings<PrimaryConfig> table;
  table.required("address", &PrimaryConfig::address, address_type(kDnsPort),
                 "Where it is; over TLS the port is 853 if not given.");
  table.row("key", &PrimaryConfig::key, key_reference(),
            "Name of the key that signs what goes to and comes from it.");
  table.row("tls-name", &PrimaryConfig::tls_name, maybe(text_type("a DNS name", 253)),
            "Ask it over TLS alone, and believe it if its certificate is for this name.");
  table.row("tls-ca", &PrimaryConfig::tls_authorities, path_type(),
            "File with the authorities in PEM that vouch for its certificate.");
  table.row("tls-pin", &PrimaryConfig::tls_pin, maybe(pin_type()),
            "Ask it over TLS alone, and believe it if this is the SHA-256 of its public key (RFC 7858); with "
            "tls-name, both must hold.");
  table.row("tls-certificate", &PrimaryConfig::tls_certificate, file_type(),
            "File with a certificate of ours in PEM, shown if it asks for one.");
  table.row("tls-key", &PrimaryConfig::tls_key, file_type(), "File with the private key of tls-certificate.");
  table.row("tls-require-alpn", &PrimaryConfig::tls_require_alpn, flag_type(),
            "Whether it must agree on ALPN \"dot\" (RFC 9103); NSD 4.6 does not.");
  table.check([](const PrimaryConfig& primary, const Toml& from, Complaints& complaints) {
    if (!complete(primary.tls_certificate, primary.tls_key))
      complaints.add(from.at(), "tls-certificate and tls-key go together: give both or none");
    if (primary.tls_certificate && !primary.uses_tls())
      complaints.add(from.at(), "tls-certificate needs tls-name or tls-pin");
  });
  return table;
}

void check_tls(const Config& config, const Toml& from, Complaints& complaints) {
  if (!config.listen_tls.empty() && !config.tls.certificate)
    complaints.add(place_of(from, "listen-tls"), "TLS needs certificate and key in [tls]");
  for (const Address& at : config.listen_tls)
    if (std::find(config.listen.begin(), config.listen.end(), at) != config.listen.end())
      complaints.add(place_of(from, "listen-tls"), fmt::format("{} stands in listen too", at.print()));
  visit_zones(config, [&](const ZoneConfig& zone, const std::string& what) {
    TextPosition place = place_of(from, what.starts_with("zone") ? "zone" : "catalog");
    for (const AccessConfig& access : zone.allow_transfer) {
      if ((access.tls || access.tls_client) && config.listen_tls.empty())
        complaints.add(place, fmt::format("{}: a transfer over TLS alone needs listen-tls", what));
      if (access.tls_client && !config.tls.client_authorities)
        complaints.add(place, fmt::format("{}: tls-client needs client-ca in [tls]", what));
    }
  });
}

void load_tls(const std::string& file, Loaded& loaded, std::string& faults) {
  auto server = load_server(loaded.config.tls, loaded.https_identity);
  if (!server) faults += fmt::format("{}: [tls]: {}\n", file, server.error().what);
  loaded.tls = server.value_or(nullptr);
  visit_zones(loaded.config, [&](ZoneConfig& zone, const std::string& what) {
    for (PrimaryConfig& primary : zone.primaries) {
      auto client = load_client(primary);
      if (!client)
        faults +=
            fmt::format("{}: {}: primary {}: {}\n", file, what, primary.address.print(), client.error().what);
      if (primary.uses_tls() && primary.address.port == kDnsPort) primary.address.port = kTlsPort;
      primary.loaded_tls.context = client.value_or(nullptr);
    }
  });
}

}  // namespace zw::localroot
