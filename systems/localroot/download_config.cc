#include "localroot/download_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "localroot/store.h"

namespace zw::localroot {
namespace {

using std::chrono::milliseconds;

// Of base 64 with the alphabet for URLs (RFC 4648 §5): 22 have 128 bits and more.
constexpr std::size_t kLeastToken = 22, kMostToken = 128;
constexpr std::string_view kFolder = "/zones/";
constexpr std::string_view kWhatTokenIs =
    "from 22 to 128 letters, digits, \"-\" and \"_\", made by chance (openssl rand -hex 16)";

bool is_token(std::string_view text) {
  auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return text.size() >= kLeastToken && text.size() <= kMostToken &&
         std::all_of(text.begin(), text.end(), is_plain);
}

Settings<DownloadConfig> download_settings() {
  Settings<DownloadConfig> table;
  table.row("open", &DownloadConfig::open, flag_type(),
            "Whether this is for everybody: at /zones/NAME.zone, for the root /zones/ROOT.zone.");
  table.row("label", &DownloadConfig::label, maybe(text_type("a text", 64)),
            "Who has the token; for the log.");
  table.row("token", &DownloadConfig::token, maybe(text_type("a text", kMostToken)),
            "For who knows this secret: at /zones/TOKEN/NAME.zone; 22 or more letters, digits, \"-\" and "
            "\"_\", made by chance.");
  table.row("token-file", &DownloadConfig::token_file, maybe(path_type()),
            "A file that holds the token, instead of it standing here.");
  table.check([](const DownloadConfig& download, const Toml& from, Complaints& complaints) {
    if (download.open + download.token.has_value() + download.token_file.has_value() != 1)
      complaints.add(from.at(), "give either open = true, or token, or token-file");
    else if (!download.open && !download.label)
      complaints.add(from.at(), "a token needs a label: the log never shows the token itself");
    if (download.token && !is_token(*download.token))
      complaints.add(place_of(from, "token"), fmt::format("expected {}", kWhatTokenIs));
  });
  return table;
}

}  // namespace

Settings<HttpsConfig> https_settings() {
  Settings<HttpsConfig> table;
  table.row("connections", &HttpsConfig::connections, number_type<std::size_t>(1, 100'000),
            "Most connections at once.");
  table.row("of-client", &HttpsConfig::of_client, number_type<std::size_t>(1, 100'000),
            "Most connections of one IPv4 address or IPv6 /64.");
  table.row("idle", &HttpsConfig::idle, duration_type(milliseconds(1'000), milliseconds(600'000)),
            "How long a client may neither send nor take anything.");
  return table;
}

void add_downloads(Settings<ZoneConfig>& table) {
  table.row("download-limit", &ZoneConfig::download_limit, size_type(0, std::size_t{1} << 40),
            "A version whose text is larger is not there to download; text and its compressed forms take up "
            "to twice this memory.");
  table.tables("download", &ZoneConfig::downloads, download_settings(), 10000,
               "Who may download the zone over HTTPS.");
}

void check_downloads(const Config& config, const Toml& from, Complaints& complaints) {
  TextPosition place = place_of(from, "listen-https");
  if (!config.listen_https.empty() && !config.tls.certificate)
    complaints.add(place, "HTTPS needs certificate and key in [tls]");
  auto complain_if_in = [&](const Address& at, const std::vector<Address>& others, std::string_view where) {
    if (at.port != 0 && std::find(others.begin(), others.end(), at) != others.end())
      complaints.add(place, fmt::format("{} stands in {} too", at.print(), where));
  };
  for (const Address& at : config.listen_https) {
    complain_if_in(at, config.listen, "listen");
    complain_if_in(at, config.listen_tls, "listen-tls");
    if (config.http) complain_if_in(at, {*config.http}, "http");
  }
  visit_zones(config, [&](const ZoneConfig& zone, const std::string& what) {
    TextPosition at = place_of(from, what.starts_with("zone") ? "zone" : "catalog");
    if (!zone.downloads.empty() && config.listen_https.empty())
      complaints.add(at, fmt::format("{}: a download needs listen-https", what));
    std::set<std::string> labels;
    for (const DownloadConfig& download : zone.downloads)
      if (download.label && !labels.insert(*download.label).second)
        complaints.add(at, fmt::format("{}: two downloads have the label {}", what, *download.label));
  });
}

void load_downloads(const std::string& file, Loaded& loaded, std::string& faults) {
  visit_zones(loaded.config, [&](ZoneConfig& zone, const std::string& what) {
    std::set<std::string> paths;
    for (DownloadConfig& download : zone.downloads) {
      std::string which = fmt::format("{}: {}: download {}", file, what, download.label.value_or("open"));
      if (download.token_file) {
        auto token = read_secret(*download.token_file);
        if (!token)
          faults += fmt::format("{}: {}\n", which, token.error().what);
        else if (!is_token(*token))
          faults += fmt::format("{}: {}: expected {}\n", which, *download.token_file, kWhatTokenIs);
        download.token = token.value_or("");
      }
      if (!paths.insert(download_path(zone.name, download.token)).second)
        faults += fmt::format("{}: another one has the same token, or is open too\n", which);
    }
  });
}

std::string download_path(NameView zone, const std::optional<std::string>& token) {
  return fmt::format("{}{}{}{}.zone", kFolder, token.value_or(""), token ? "/" : "",
                     ZoneStore::file_name(zone));
}

std::string download_url(std::string_view origin, NameView zone, const std::optional<std::string>& token) {
  std::string out(origin);
  for (char c : download_path(zone, token)) {
    out.push_back(c);
    if (c == '%') out += "25";  // names of files have such of their own (RFC 3986 section 2.4)
  }
  return out;
}

std::pair<std::string_view, std::string> split_download_path(std::string_view path) {
  std::string_view rest = path.starts_with(kFolder) ? path.substr(kFolder.size()) : std::string_view();
  std::size_t slash = rest.find('/');
  if (slash == rest.npos) return {{}, std::string(path)};
  return {rest.substr(0, slash), fmt::format("{}{}", kFolder, rest.substr(slash + 1))};
}

}  // namespace zw::localroot
