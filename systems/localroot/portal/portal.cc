#include "localroot/portal/portal.h"

#include "localroot/portal/report_queue.h"
#include "localroot/portal/site.h"
#include "os/clock.h"
#include "os/files.h"
#include "web/accounts/schema.h"
#include "web/factors/site_key.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kMostPasswordOctets = 4096;

// One that is there, or, where nobody said which, a new one.
Result<SecretBuffer> site_key(const PortalConfig& config, const std::string& state) {
  if (config.key_file) ZW_CHECK(file_size(*config.key_file));
  ZW_TRY(Buffer kept, keep_secret(config.key_file.value_or(state + "/portal.key"), kSiteKeyOctets));
  SecretBuffer key(kept.begin(), kept.end());
  wipe(kept);
  return key;
}

Result<SmtpClient> mail_client(const PortalMailConfig& config) {
  SmtpSettings settings;
  settings.host = config.host;
  settings.port = config.port;
  settings.security = config.security;
  settings.user = config.user.value_or("");
  settings.authorities = config.authorities.value_or("");
  settings.hello = config.hello.value_or(settings.hello);
  if (config.password_file) {
    ZW_TRY(Buffer password, read_file(*config.password_file, kMostPasswordOctets));
    while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
    settings.password.assign(password.begin(), password.end());
    wipe(password);
  }
  return SmtpClient::make(std::move(settings));
}

PortalSettings store_settings_of(const PortalConfig& config) {
  PortalSettings out;
  out.key_domain = config.key_domain;
  out.allow_loopback = config.allow_loopback;
  return out;
}

class RunningPortal final : public Portal, private PortalEngine {
 public:
  static Result<std::unique_ptr<RunningPortal>> make(const PortalConfig& config, const Portal::World& world,
                                                     PortalEngine& engine) {
    auto portal = std::unique_ptr<RunningPortal>(new RunningPortal(config, world, engine));
    ZW_CHECK(portal->begin());
    return portal;
  }
  ~RunningPortal() override {
    close();        // pages show how far the feed is
    feed_.reset();  // it tells the engine, and looks after accounts
  }

  Result<void> open() override {
    if (!site_) return {};
    SiteLimits limits;
    limits.trust.proxies = config_.trusted_proxies;
    return site_->open(config_.listen, config_.tls ? world_.identity : HttpsIdentityPtr(), limits);
  }
  void close() override {
    if (site_) site_->close();
  }
  std::vector<Address> listening() const override {
    return site_ ? site_->listening() : std::vector<Address>();
  }
  void report(Report report) override { reports_->add(std::move(report)); }
  void repeat() override { feed_->repeat(); }
  Timestamp now() const override { return database_->now(); }

 private:
  RunningPortal(PortalConfig config, Portal::World world, PortalEngine& engine)
      : config_(std::move(config)), world_(std::move(world)), engine_(engine) {}

  // On the feed's thread.
  void take(PortalNews news) override {
    reports_->expect(news.told);
    engine_.take(std::move(news));
  }

  Result<void> begin() {
    ZW_TRY(database_, open_portal_database(config_, world_.state,
                                           {.clock = clock_, .random = random_, .metrics = &world_.metrics}));
    PortalSettings settings = store_settings_of(config_);
    SecretBuffer key;
    if (!config_.listen.empty()) {
      ZW_TRY(key, site_key(config_, world_.state));
      settings.download_key = key_for(key, SiteKeyUse::secret_urls);
    }
    store_.emplace(*database_, std::move(settings));
    ZW_CHECK(offer());
    if (!config_.listen.empty()) ZW_CHECK(make_site(key));
    reports_.emplace(*store_, world_.log);
    PortalEngine& self = *this;
    feed_.emplace(*store_, self, world_.log, config_.share, [this] { tidy(); });
    return {};
  }

  Result<void> make_site(Bytes key) {
    PortalSiteSettings settings;
    settings.name = config_.name;
    settings.origin = config_.origin.value_or("");
    settings.sender = config_.mail.sender.value_or("");
    settings.contact = config_.contact.value_or("");
    ZW_TRY(SmtpClient mail, mail_client(config_.mail));
    ZW_TRY(site_, PortalSite::make(settings,
                                   {.database = *database_,
                                    .store = *store_,
                                    .service = world_.service,
                                    .mail = std::move(mail),
                                    .on_mail = [this](const Mail& sent,
                                                      const MailOutcome& outcome) { note(sent, outcome); },
                                    .feed = [this]() -> std::optional<FeedStanding> {
                                      return feed_ ? std::optional(feed_->standing()) : std::nullopt;
                                    }},
                                   key));
    return {};
  }

  // Whose mail it is stands in no log.
  void note(const Mail& mail, const MailOutcome& outcome) {
    if (outcome.kind != MailOutcome::Kind::accepted)
      world_.log.warning("a mail was not taken",
                         {{"id", mail.id}, {"code", outcome.code}, {"reason", outcome.what}});
  }

  // What somebody has decided on the pages stands.
  Result<void> offer() {
    if (config_.offer.empty()) return {};
    ZW_TRY(auto known, store_->zones(std::nullopt));
    for (const Name& name : config_.offer) {
      bool is_known = std::ranges::any_of(known, [&](const PortalZone& zone) { return zone.name == name; });
      if (is_known) continue;
      PortalZone zone;
      zone.name = name;
      ZW_CHECK(store_->offer_zone("local", zone));
    }
    return {};
  }

  void tidy_accounts() {
    if (auto tidied = site_->accounts().tidy(); !tidied)
      world_.log.warning("the accounts cannot be tidied", {{"reason", tidied.error().what}});
  }

  void tidy() {
    if (site_) tidy_accounts();
    if (std::uint64_t dropped = reports_->dropped(); dropped > told_dropped_) {
      world_.log.warning("what subscribers did was not noted, since the database is slow",
                         {{"reports", dropped - told_dropped_}});
      told_dropped_ = dropped;
    }
    told_gauge_.set(static_cast<double>(feed_->standing().told));
    waiting_gauge_.set(static_cast<double>(reports_->waiting()));
  }

  const PortalConfig config_;
  const Portal::World world_;
  PortalEngine& engine_;
  const SystemClock clock_{};
  SystemRandom random_;
  Gauge told_gauge_ = world_.metrics.gauge("zonewright_portal_told_targets",
                                           "Addresses and zones that the portal has us tell.");
  Gauge waiting_gauge_ = world_.metrics.gauge("zonewright_portal_reports_waiting",
                                              "What subscribers did and the database does not have yet.");
  std::uint64_t told_dropped_ = 0;
  std::unique_ptr<Database> database_;
  std::optional<PortalStore> store_;
  std::unique_ptr<PortalSite> site_;
  std::optional<ReportQueue> reports_;
  std::optional<PortalFeed> feed_;
};

}  // namespace

Result<std::unique_ptr<Portal>> Portal::make(const PortalConfig& config, const Portal::World& world,
                                             PortalEngine& engine) {
  return RunningPortal::make(config, world, engine);
}

Result<std::unique_ptr<Database>> open_portal_database(const PortalConfig& config, const std::string& state,
                                                       const StoreWorld& world) {
  StoreConfig store = config.store;
  store.database = store.database.or_file(state + "/portal.db");
  const Schema schemas[] = {account_schema(), kPortalSchema};
  return Database::open(store, world, schemas);
}

}  // namespace zw::localroot::portal
