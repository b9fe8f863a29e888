#include "localroot/downloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dns/address_text.h"
#include "format/compress.h"
#include "localroot/download_config.h"
#include "zone/writer.h"

namespace zw::localroot {
namespace {

enum class Outcome : std::uint8_t { whole, part, head, not_modified, cut, not_found, not_ready, refused };

Outcome outcome_of(const DownloadEnded& ended) {
  if (!ended.is_whole) return Outcome::cut;
  if (ended.status == 404) return Outcome::not_found;
  if (ended.status == 503) return Outcome::not_ready;
  if (ended.status == 304) return Outcome::not_modified;
  if (ended.status != 200 && ended.status != 206) return Outcome::refused;
  if (ended.is_head) return Outcome::head;
  return ended.status == 206 ? Outcome::part : Outcome::whole;
}

std::array<Counter, 8> count_results(Metrics& metrics) {
  auto counter = [&](std::string_view result) {
    return metrics.counter("zonewright_downloads_total", "Requests for downloads over HTTPS.",
                           {{"result", std::string(result)}});
  };
  return {counter("whole"), counter("part"),      counter("head"),      counter("not-modified"),
          counter("cut"),   counter("not-found"), counter("not-ready"), counter("refused")};
}

std::array<Counter, kContentCodings> count_sent(Metrics& metrics) {
  auto counter = [&](ContentCoding coding) {
    return metrics.counter("zonewright_downloads_sent_bytes_total",
                           "Octets of zones that were sent over HTTPS, before TLS.",
                           {{"coding", std::string(print(coding))}});
  };
  return {counter(ContentCoding::identity), counter(ContentCoding::gzip), counter(ContentCoding::zstd)};
}

/// By the path without a token: its zone, and its file or null.
using PortalFiles = std::map<std::string, std::pair<Name, DownloadFilePtr>, std::less<>>;

DownloadCatalogue::Elsewhere places_on_portal(portal::PortalAccessPtr access, PortalFiles files) {
  if (!access || files.empty()) return nullptr;
  return [access = std::move(access), files = std::move(files)](std::string_view path) {
    std::optional<DownloadPlace> none;
    auto [secret, rest] = split_download_path(path);
    auto file = files.find(rest);
    if (secret.empty() || file == files.end()) return none;
    const auto& [name, made] = file->second;
    auto server = access->may_download(name, secret);
    if (!server) return none;
    return std::optional(DownloadPlace{fmt::format("server/{}", *server), print(name), false, made, *server});
  };
}

}  // namespace

Result<DownloadFilePtr> make_download(const Zone& zone, WallTime since, std::size_t most) {
  Buffer text;
  // A record a line and nothing else: Unbound 1.17 takes a file that begins with $ORIGIN for no zone.
  ZW_CHECK(write_canonical(zone, [&](Bytes block) -> Result<void> {
    if (block.size() > most - text.size())
      return fail(ErrorKind::limit, "its text has more than {} octets", most);
    append(text, block);
    return {};
  }));
  text.shrink_to_fit();
  ZW_TRY(Buffer gzipped, gzip(text));
  ZW_TRY(Buffer zstandard, zstd(text));
  auto file = std::make_shared<DownloadFile>();
  file->tag = std::to_string(zone.serial().value());
  file->content_type = "text/dns";  // RFC 4027
  file->modified = since;
  file->forms = {std::move(text), std::move(gzipped), std::move(zstandard)};
  return file;
}

Downloads::Downloads(const World& world, std::function<void()> changed,
                     std::function<void(const portal::Downloaded&)> downloaded)
    : world_(world),
      changed_(std::move(changed)),
      downloaded_(std::move(downloaded)),
      results_(count_results(world.metrics)),
      sent_(count_sent(world.metrics)),
      server_(world.loop, [this](const DownloadEnded& what) { ended(what); }) {}

Result<void> Downloads::listen(const Loaded& loaded, std::size_t threads) {
  const HttpsConfig& https = loaded.config.https;
  DownloadLimits limits;
  limits.connections = https.connections;
  limits.of_client = https.of_client;
  limits.idle = std::chrono::ceil<Seconds>(https.idle);
  limits.threads = static_cast<unsigned>(threads);
  return server_.listen(loaded.config.listen_https, loaded.https_identity, limits);
}

void Downloads::show(const std::vector<DownloadSource>& sources, const portal::PortalAccessPtr& access) {
  access_ = access;
  std::map<Name, Entry> before = std::exchange(entries_, {});
  for (const DownloadSource& source : sources) {
    const Name& name = source.config->name;
    if (source.config->downloads.empty() && !source.is_on_portal) continue;
    auto known = before.extract(name);
    Entry& entry = entries_.emplace(name, known ? std::move(known.mapped()) : Entry()).first->second;
    entry.downloads = source.config->downloads;
    entry.is_on_portal = source.is_on_portal;
    entry.is_served = source.zone != nullptr;
    if (source.zone && source.zone != entry.wanted) make(name, entry, source);
  }
  for (const auto& [name, gone] : before) show_sizes(name, nullptr);
  show_catalogue();
}

void Downloads::make(const Name& name, Entry& entry, const DownloadSource& source) {
  entry.wanted = source.zone;
  entry.is_making = true;
  world_.jobs.add(
      [this, name, zone = source.zone, since = source.since, most = source.config->download_limit] {
        Milliseconds begun = world_.clock.steady();
        auto file = make_download(*zone, since, most);
        Milliseconds took = world_.clock.steady() - begun;
        world_.loop.post([this, name, zone, file, took] { made(name, zone, file, took); });
      });
}

// Another version may have come meanwhile, or the zone may be gone.
void Downloads::made(const Name& name, const ZonePtr& zone, const Result<DownloadFilePtr>& file,
                     Milliseconds took) {
  auto found = entries_.find(name);
  if (found == entries_.end() || found->second.wanted != zone) return;
  Entry& entry = found->second;
  entry.is_making = false;
  entry.file = file.value_or(nullptr);
  if (!file)
    world_.log.error(
        "the zone is not there to download",
        {{"zone", print(name)}, {"serial", zone->serial().value()}, {"reason", file.error().what}});
  else
    world_.log.info("ready to download", {{"zone", print(name)},
                                          {"serial", zone->serial().value()},
                                          {"text_octets", entry.file->form(ContentCoding::identity).size()},
                                          {"gzip_octets", entry.file->form(ContentCoding::gzip).size()},
                                          {"zstd_octets", entry.file->form(ContentCoding::zstd).size()},
                                          {"took_ms", took.count()}});
  show_sizes(name, entry.file.get());
  show_catalogue();
  changed_();
}

bool Downloads::is_making(NameView zone) const {
  auto found = entries_.find(Name(zone));
  return found != entries_.end() && found->second.is_making;
}

bool Downloads::is_making() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& one) { return one.second.is_making; });
}

void Downloads::show_catalogue() {
  PortalFiles files;
  for (const auto& [name, entry] : entries_)
    if (entry.is_on_portal)
      files.emplace(download_path(name, std::nullopt),
                    std::pair(name, entry.is_served ? entry.file : DownloadFilePtr()));
  auto catalogue = std::make_shared<DownloadCatalogue>(places_on_portal(access_, std::move(files)));
  for (const auto& [name, entry] : entries_)
    for (const DownloadConfig& download : entry.downloads)
      catalogue->add(download_path(name, download.token),
                     {download.label.value_or("open"), print(name), download.open,
                      entry.is_served ? entry.file : nullptr});
  server_.show(std::move(catalogue));
}

void Downloads::show_sizes(const Name& name, const DownloadFile* file) {
  for (auto coding : {ContentCoding::identity, ContentCoding::gzip, ContentCoding::zstd})
    world_.metrics
        .gauge("zonewright_zone_download_bytes", "Size of the zone as it is downloaded.",
               {{"zone", print(name)}, {"coding", std::string(print(coding))}})
        .set(file ? static_cast<double>(file->form(coding).size()) : 0);
}

void Downloads::tell_portal(const DownloadEnded& ended) {
  auto zone = Name::parse(ended.subject);
  auto serial = parse_number(ended.tag, std::numeric_limits<std::uint32_t>::max());
  if (!zone || !serial) return;
  portal::Downloaded what{*zone, ended.client.ip, ended.holder, Serial(static_cast<std::uint32_t>(*serial))};
  world_.loop.post([this, what] { downloaded_(what); });
}

// On threads of the listener. The path is not known here, so that no token comes into a log.
void Downloads::ended(const DownloadEnded& ended) {
  Outcome outcome = outcome_of(ended);
  results_[static_cast<std::size_t>(outcome)].add();
  sent_[static_cast<std::size_t>(ended.coding)].add(ended.octets);
  bool has_it = outcome == Outcome::whole || outcome == Outcome::not_modified;
  if (ended.holder != 0 && has_it) tell_portal(ended);
  std::string client = ended.client.print();
  switch (outcome) {
    case Outcome::whole:
    case Outcome::part:
    case Outcome::cut:
      if (ended.tag.empty()) return;
      world_.log.write(LogLevel::info, lines_, "zone downloaded",
                       {{"zone", ended.subject},
                        {"label", ended.label},
                        {"client", client},
                        {"serial", ended.tag},
                        {"coding", print(ended.coding)},
                        {"first", ended.part.first},
                        {"asked_octets", ended.part.count},
                        {"octets", ended.octets},
                        {"whole", ended.is_whole},
                        {"took_ms", ended.took.count()}});
      return;
    case Outcome::head:
    case Outcome::not_modified: return;
    default:
      world_.log.write(
          LogLevel::info, lines_, "download refused",
          {{"client", client}, {"status", ended.status}, {"zone", ended.subject}, {"label", ended.label}});
  }
}

}  // namespace zw::localroot
