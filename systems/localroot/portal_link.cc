#include "localroot/portal_link.h"

#include <algorithm>
#include <utility>

#include "localroot/advice/offer_of_config.h"
#include "localroot/download_config.h"
#include "os/clock.h"

namespace zw::localroot {
namespace {

constexpr Milliseconds kOpenAgain{200};  // while another process has the portal's address
constexpr int kOpenTries = 150;
constexpr Milliseconds kAgain{5'000};  // after the database could not be reached

std::optional<NameView> view(const std::optional<Name>& name) {
  return name ? std::optional(name->view()) : std::nullopt;
}

bool same(const HttpsIdentityPtr& a, const HttpsIdentityPtr& b) { return a == b || (a && b && *a == *b); }

// Of a zone that everybody may download.
void add_open_url(const ZoneConfig& zone, const std::optional<std::string>& origin, Offer& offer) {
  if (!origin || std::ranges::none_of(zone.downloads, &DownloadConfig::open)) return;
  offer.url = download_url(*origin, zone.name, std::nullopt);
  offer.url_is_secret = false;
}

}  // namespace

// ---- its life ---------------------------------------------------------------------------------------------

Result<void> PortalLink::configure(const Loaded& loaded, bool opens) {
  const portal::PortalConfig& config = loaded.config.portal;
  std::string settings = config.enabled ? portal::portal_settings().print(config) : "";
  HttpsIdentityPtr identity = config.enabled && config.tls ? loaded.https_identity : nullptr;
  source_ = loaded.config.source;
  has_downloads_ = config.downloads && !loaded.config.listen_https.empty();
  if (settings == settings_ && same(identity, identity_)) return {};
  close();
  if (!config.enabled) return {};
  config_ = config;
  state_ = loaded.config.state;
  identity_ = std::move(identity);
  opens_ = opens;
  auto made = make();
  bool is_away = !made && (made.error().kind == ErrorKind::io || made.error().kind == ErrorKind::timeout);
  if (!made && !is_away) return fail(made.error());
  settings_ = std::move(settings);
  if (is_away) {
    world_.log.error("no portal until its database can be reached", {{"reason", made.error().what}});
    again_.start(kAgain);
    return {};
  }
  portal_ = std::move(*made);
  if (!opens_) return {};
  auto opened = portal_->open();
  if (!opened) close();
  return opened;
}

PortalLink::Made PortalLink::make() {
  portal::Portal::World world{world_.log, world_.metrics, state_, identity_, [this] { return facts(); }};
  return portal::Portal::make(config_, world, *this);
}

// A database far away may take its time, which the loop has not.
void PortalLink::try_again() {
  trier_ = std::jthread([this, number = ++tries_] {
    auto made = std::make_shared<Made>(make());
    world_.loop.post([this, number, made] {
      if (number == tries_) tried(std::move(*made));
    });
  });
}

void PortalLink::tried(Made made) {
  if (!made) {
    world_.log.warning("still no portal", {{"reason", made.error().what}});
    return again_.start(kAgain);
  }
  world_.log.info("the portal's database can be reached");
  portal_ = std::move(*made);
  open_tries_ = kOpenTries;
  portal_->repeat();  // what it told before we had it was not taken
  if (opens_) open();
}

void PortalLink::open() {
  if (!std::exchange(opens_, true)) open_tries_ = kOpenTries;
  if (!portal_) return;
  auto opened = portal_->open();
  if (opened) return;
  if (open_tries_-- > 0)
    open_timer_.start(kOpenAgain);
  else
    world_.log.error("no pages of the portal", {{"reason", opened.error().what}});
}

void PortalLink::close() {
  open_timer_.stop();
  again_.stop();
  ++tries_;
  trier_ = {};
  portal_.reset();
  settings_.clear();
  identity_.reset();
  access_.reset();
  forget();
}

std::vector<Address> PortalLink::listening() const {
  return portal_ ? portal_->listening() : std::vector<Address>();
}

void PortalLink::repeat() {
  if (portal_) portal_->repeat();
}

// ---- from there -------------------------------------------------------------------------------------------

void PortalLink::take(portal::PortalNews news) {
  world_.loop.post([this, news = std::make_shared<portal::PortalNews>(std::move(news))] { took(*news); });
}

void PortalLink::forget() const {
  calls_.each([](Announcer& announcer) { announcer.forget_dynamic(); });
}

void PortalLink::took(portal::PortalNews& news) {
  if (!portal_) return;
  if (news.whole) forget();
  for (const portal::FeedChange& change : news.changes) {
    Announcer* announcer = calls_.find(change.zone);
    if (!announcer) continue;
    std::vector<NotifyTarget> told;
    told.reserve(change.told.size());
    for (const portal::FeedTarget& target : change.told) {
      NotifyTarget& one = told.emplace_back();
      one.address = target.address;
      one.from = source_for(source_, target.address.ip);
      one.group = static_cast<std::uint8_t>(target.policy);
      one.heard = target.heard;
      if (target.key) one.key = std::shared_ptr<const TsigKey>(target.key, &target.key->tsig);
    }
    announcer->change(told, change.gone);
  }
  if (access_ == news.access) return;
  access_ = std::move(news.access);
  calls_.access_changed();
}

// ---- to there ---------------------------------------------------------------------------------------------

void PortalLink::heard(NameView zone, const Fetch& fetch, const Announcer& announcer) {
  using Kind = portal::Report::Kind;
  if (!portal_ || !access_) return;
  auto asking = access_->asking(zone, fetch.from, view(fetch.key), portal_->now());
  if (!asking) return;
  portal::Report report;
  report.kind = fetch.got ? Kind::fetched : fetch.refusal.empty() ? Kind::asked : Kind::refused;
  if (report.kind == Kind::refused) {
    // Strangers can be refused as often as they like, and the database has to look whether they are.
    if (!fetch.key && !refused_reports_.admit(world_.clock.steady())) return;
  } else if (!access_->may_fetch(zone, fetch.from, view(fetch.key))) {
    return;  // nobody registered this; the configuration lets him in
  }
  report.asking = *asking;
  report.serial = fetch.got ? fetch.got : fetch.had;
  report.transport = fetch.transport;
  report.refusal = fetch.refusal;
  note_lag(report, announcer);
  portal_->report(std::move(report));
}

void PortalLink::note_lag(portal::Report& report, const Announcer& announcer) const {
  if (!report.serial) return;
  if (Milliseconds lag = announcer.lag_of(*report.serial); lag.count() > 0)
    report.lacks_since = report.asking.at - std::chrono::ceil<Seconds>(lag);
}

bool PortalLink::offers_downloads(NameView zone) const {
  return access_ && has_downloads_ && access_->find_zone(zone);
}

void PortalLink::downloaded(const portal::Downloaded& what) {
  Announcer* announcer = calls_.find(what.zone);
  if (!portal_ || !access_ || !announcer) return;
  // Who has a URL can ask as often as he likes, from wherever he likes.
  if (!download_reports_.admit(world_.clock.steady())) return;
  auto asking = access_->asking(what.zone, what.from, std::nullopt, portal_->now());
  if (!asking) return;
  portal::Report report;
  report.kind = portal::Report::Kind::downloaded;
  report.asking = *asking;
  report.server = what.server;
  report.serial = what.version;
  report.transport = Transport::https;
  note_lag(report, *announcer);
  portal_->report(std::move(report));
}

void PortalLink::told(NameView zone, const Announcer::Told& told) {
  if (!portal_ || !access_) return;
  std::optional<NameView> key;
  if (told.key) key = told.key->name();
  auto asking = access_->asking(zone, told.address.ip, key, portal_->now());
  if (!asking) return;
  portal::Report report;
  report.kind = portal::Report::Kind::told;
  report.asking = *asking;
  report.port = told.address.port;
  report.serial = told.serial;
  report.outcome = {told.answered, told.rcode, told.fault,
                    static_cast<std::uint16_t>(std::min<std::int64_t>(told.round_trip.count(), 0xffff))};
  portal_->report(std::move(report));
}

void PortalLink::show(const Loaded& loaded, const std::vector<const Keeper*>& keepers) {
  if (!portal_) return;
  auto next = std::make_shared<portal::ServiceFacts>();
  const Config& config = loaded.config;
  next->tells_from = config.source;
  next->downloads = config.portal.downloads;
  Seconds shifted = SystemClock().wall() - world_.clock.wall();
  for (const Keeper* keeper : keepers) {
    portal::ServiceFacts::Zone& zone = next->zones.emplace_back();
    zone.name = keeper->origin();
    if (auto offer = offer_of(loaded, keeper->config())) zone.offer = std::move(*offer);
    if (!config.portal.servers.empty()) zone.offer.servers = config.portal.servers;
    if (!config.portal.tls_servers.empty()) zone.offer.tls_servers = config.portal.tls_servers;
    zone.offer.tls_name = config.portal.tls_name;
    zone.offer.public_fall_backs = config.portal.public_fall_backs;
    zone.changes = keeper->changes();
    add_open_url(keeper->config(), config.portal.downloads, zone.offer);
    ZonePtr served = keeper->zone();
    if (!served) continue;
    zone.serial = zone.offer.serial = served->serial();
    zone.since = keeper->evidence()->verified_at + shifted;
    zone.records = served->record_count();
    const auto [image, differences] = keeper->rendered();
    zone.octets = image ? image->run()->stream_octets() : 0;
  }
  std::ranges::sort(next->zones, [](const auto& a, const auto& b) { return a.name.view() < b.name.view(); });
  std::lock_guard lock(facts_mutex_);
  facts_ = std::move(next);
}

portal::ServiceFactsPtr PortalLink::facts() const {
  std::lock_guard lock(facts_mutex_);
  return facts_;
}

}  // namespace zw::localroot
