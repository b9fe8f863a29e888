// What an operator says of downloads over HTTPS. A part of config.h.
#pragma once

#include "localroot/config.h"

namespace zw::localroot {

constexpr std::uint16_t kHttpsPort = 443;  // RFC 9110 §4.2.2

Settings<HttpsConfig> https_settings();
/// Rows of a zone.
void add_downloads(Settings<ZoneConfig>& table);
/// What of downloads does not go together.
void check_downloads(const Config& config, const Toml& from, Complaints& complaints);

/// Reads the tokens that stand in files. Appends a line to `faults` for each that cannot be used, without the
/// token; `file` begins it.
void load_downloads(const std::string& file, Loaded& loaded, std::string& faults);

/// Where the zone of this name is for who has the token, or for everybody.
std::string download_path(NameView zone, const std::optional<std::string>& token);
/// The same as a URL below `origin`, such as https://zones.example.
std::string download_url(std::string_view origin, NameView zone, const std::optional<std::string>& token);
/// The token in a path, empty if there is none, and the path without it: the other way round.
std::pair<std::string_view, std::string> split_download_path(std::string_view path);

}  // namespace zw::localroot
