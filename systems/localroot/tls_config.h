// What an operator says of TLS, and the files that it names. A part of config.h.
#pragma once

#include "localroot/config.h"

namespace zw::localroot {

constexpr std::uint16_t kTlsPort = 853;  // RFC 7858 §3.1, RFC 9103 §7.3

/// A row that names a key.
SettingType<std::optional<std::string>> key_reference();

Settings<TlsConfig> tls_settings();
Settings<PrimaryConfig> primary_settings();
/// What of TLS does not go together.
void check_tls(const Config& config, const Toml& from, Complaints& complaints);

/// Reads certificates and keys, and gives the primaries that are asked over TLS their port if they have none.
/// Appends a line to `faults` for each that cannot be used; `file` begins it.
void load_tls(const std::string& file, Loaded& loaded, std::string& faults);

}  // namespace zw::localroot
