#include "localroot/portal/portal.h"

#include <fmt/format.h>
#include <unistd.h>

#include "localroot/portal/api/api.h"
#include "localroot/portal/pages/pages.h"
#include "localroot/portal/report_queue.h"
#include "os/clock.h"
#include "os/files.h"
#include "store/outbox.h"
#include "web/accounts/pages.h"
#include "web/accounts/schema.h"
#include "web/accounts/token_pages.h"
#include "web/factors/site_key.h"
#include "web/mail/delivery.h"
#include "web/site/server.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kMostKeyOctets = 4096, kMostHostOctets = 256;

// Who takes jobs from the database, unique among those who share it.
std::string holder() {
  char host[kMostHostOctets] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = 0;
  return fmt::format("{}/{}", host, getpid());
}

// One that is there, or, where nobody said which, a new one.
Result<SecretBuffer> site_key(const PortalConfig& config, const std::string& state) {
  std::string file = config.key_file.value_or(state + "/portal.key");
  auto kept = read_file(file, kMostKeyOctets);
  if (kept && kept->size() != kSiteKeyOctets)
    return fail(ErrorKind::malformed, "{}: expected {} octets made by chance, found {}", file, kSiteKeyOctets,
                kept->size());
  if (!kept && (config.key_file || kept.error().kind != ErrorKind::not_found))
    return std::unexpected(kept.error());
  if (!kept) {
    kept = Buffer(kSiteKeyOctets);
    SystemRandom().fill(*kept);
    ZW_CHECK(write_file_atomically(file, *kept, 0600));
  }
  SecretBuffer key(kept->begin(), kept->end());
  wipe(*kept);
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
    ZW_TRY(Buffer password, read_file(*config.password_file, kMostKeyOctets));
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

// What people see. Stands still once made, since handlers point into it.
class Site {
 public:
  using Feed = std::function<std::optional<FeedStanding>()>;
  static Result<std::unique_ptr<Site>> make(const PortalConfig& config, const Portal::World& world,
                                            Database& database, PortalStore& store, Feed feed) {
    ZW_TRY(SecretBuffer key, site_key(config, world.state));
    ZW_TRY(auto pool, PasswordPool::make({}));
    ZW_TRY(SmtpClient client, mail_client(config.mail));
    auto site = std::unique_ptr<Site>(
        new Site(config, world, database, std::move(pool), std::move(client), std::move(feed), key));
    ZW_CHECK(site->route(store, key));
    return site;
  }

  Result<void> open() {
    std::vector<std::unique_ptr<SiteServer>> servers;
    SiteLimits limits;
    limits.trust.proxies = config_.trusted_proxies;
    for (const Address& at : config_.listen) {
      auto explain = [this](unsigned status, std::string_view what) { return frame_->explain(status, what); };
      ZW_TRY(auto server, SiteServer::make(at, router_, explain,
                                           config_.tls ? world_.identity : HttpsIdentityPtr(), limits));
      servers.push_back(std::move(server));
    }
    servers_ = std::move(servers);
    return {};
  }
  void close() { servers_.clear(); }

  std::vector<Address> listening() const {
    std::vector<Address> out;
    for (const auto& server : servers_) out.push_back(server->listening());
    return out;
  }

  void tidy() {
    if (auto tidied = accounts_.tidy(); !tidied)
      world_.log.warning("the accounts cannot be tidied", {{"reason", tidied.error().what}});
  }

 private:
  Site(PortalConfig config, Portal::World world, Database& database, std::unique_ptr<PasswordPool> pool,
       SmtpClient client, Feed feed, Bytes key)
      : config_(std::move(config)),
        world_(std::move(world)),
        feed_(std::move(feed)),
        pool_(std::move(pool)),
        outbox_(database, holder()),
        accounts_(database, *pool_, outbox_, key, account_settings()),
        tokens_(database, portal_scopes()),
        tickets_({}, key),
        delivery_(database, outbox_, std::move(client),
                  [this](const Mail& mail, const MailOutcome& outcome) { note_mail(mail, outcome); }) {}

  AccountSettings account_settings() const {
    AccountSettings out;
    out.site = config_.name;
    out.origin = config_.origin.value_or("");
    out.sender = config_.mail.sender.value_or("");
    return out;
  }

  Result<void> route(PortalStore& store, Bytes key) {
    FrameSettings look = portal_frame(config_.name, *config_.origin);
    look.account_links.push_back(token_link());
    std::vector<EmbeddedFile> files(portal_files().begin(), portal_files().end());
    files.insert(files.end(), portal_api_files().begin(), portal_api_files().end());
    ZW_TRY(SiteFrame frame, SiteFrame::make(std::move(look), files, key, accounts_));
    frame_.emplace(std::move(frame));
    frame_->add_assets(*router_);
    add_account_pages(*router_, *frame_, accounts_, tickets_);
    add_portal_pages(*router_, *frame_,
                     {.store = store,
                      .accounts = accounts_,
                      .service = world_.service,
                      .contact = config_.contact.value_or(""),
                      .api_pages = true,
                      .feed = feed_});
    add_token_pages(*router_, *frame_, tokens_);
    add_portal_api(*router_, {store, accounts_, tokens_, world_.service, clock_});
    add_portal_api_page(*router_, *frame_);
    return {};
  }

  // Whose mail it is stands in no log.
  void note_mail(const Mail& mail, const MailOutcome& outcome) {
    if (outcome.kind != MailOutcome::Kind::accepted)
      world_.log.warning("a mail was not taken",
                         {{"id", mail.id}, {"code", outcome.code}, {"reason", outcome.what}});
  }

  const PortalConfig config_;
  const Portal::World world_;
  const Feed feed_;
  const SystemClock clock_{};
  std::unique_ptr<PasswordPool> pool_;
  Outbox outbox_;
  Accounts accounts_;
  AccountTokens tokens_;
  WorkTickets tickets_;
  std::optional<SiteFrame> frame_;
  std::shared_ptr<WebRouter> router_ = std::make_shared<WebRouter>();
  MailDelivery delivery_;
  std::vector<std::unique_ptr<SiteServer>> servers_;  // last: they use the others
};

class RunningPortal final : public Portal {
 public:
  static Result<std::unique_ptr<RunningPortal>> make(const PortalConfig& config, const Portal::World& world,
                                                     PortalEngine& engine) {
    auto portal = std::unique_ptr<RunningPortal>(new RunningPortal(config, world));
    ZW_CHECK(portal->begin(engine));
    return portal;
  }
  ~RunningPortal() override {
    close();        // pages show how far the feed is
    feed_.reset();  // it tells the engine, and looks after accounts
  }

  Result<void> open() override { return site_ ? site_->open() : Result<void>(); }
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
  RunningPortal(PortalConfig config, Portal::World world)
      : config_(std::move(config)), world_(std::move(world)) {}

  Result<void> begin(PortalEngine& engine) {
    ZW_TRY(database_, open_portal_database(config_, world_.state,
                                           {.clock = clock_, .random = random_, .metrics = &world_.metrics}));
    store_.emplace(*database_, store_settings_of(config_));
    ZW_CHECK(offer());
    if (!config_.listen.empty()) {
      ZW_TRY(site_, Site::make(config_, world_, *database_, *store_, [this]() -> std::optional<FeedStanding> {
               return feed_ ? std::optional(feed_->standing()) : std::nullopt;
             }));
    }
    reports_.emplace(*store_, world_.log);
    feed_.emplace(*store_, engine, world_.log, config_.share, [this] { tidy(); });
    return {};
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

  void tidy() {
    if (site_) site_->tidy();
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
  const SystemClock clock_{};
  SystemRandom random_;
  Gauge told_gauge_ = world_.metrics.gauge("zonewright_portal_told_targets",
                                           "Addresses and zones that the portal has us tell.");
  Gauge waiting_gauge_ = world_.metrics.gauge("zonewright_portal_reports_waiting",
                                              "What subscribers did and the database does not have yet.");
  std::uint64_t told_dropped_ = 0;
  std::unique_ptr<Database> database_;
  std::optional<PortalStore> store_;
  std::unique_ptr<Site> site_;
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
