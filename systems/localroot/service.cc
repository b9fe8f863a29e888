#include "localroot/service.h"

#include <algorithm>
#include <atomic>

#include "localroot/announcer.h"
#include "localroot/catalogs.h"
#include "localroot/downloads.h"
#include "localroot/hand_over.h"
#include "localroot/handler.h"
#include "localroot/job_thread.h"
#include "localroot/keeper.h"
#include "localroot/portal_link.h"
#include "localroot/rules.h"
#include "net/server.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/files.h"
#include "os/workers.h"
#include "web/http_server.h"

namespace zw::localroot {
namespace {

constexpr Milliseconds kGrace{5'000};       // for transfers that are on their way when we stop
constexpr Milliseconds kLinger{30'000};     // for clients that are connected when another process takes over
constexpr Milliseconds kStatusPeriod{250};  // how old a status that is shown may be
constexpr std::size_t kOtherFiles = 128;    // listeners, refreshing, notifying, HTTP
constexpr std::string_view kJson = "application/json";

// A zone with who looks after it and who is told of it. The rules hold the keys that both use.
struct Kept {
  std::shared_ptr<const Rules> rules;
  std::unique_ptr<Keeper> keeper;
  std::unique_ptr<Announcer> announcer;
};

class RunningService final : public Service, public Watcher {
 public:
  RunningService(StartOptions options, const Clock& clock, Logger& log, std::unique_ptr<Loop> loop,
                 FolderLock lock, const Config& config)
      : options_(std::move(options)),
        clock_(clock),
        log_(log),
        worker_count_(config.workers ? config.workers : usable_cores()),
        metrics_(worker_count_),
        loop_(std::move(loop)),
        lock_(std::move(lock)),
        store_(config.state),
        verify_workers_(config.verify_threads),
        status_timer_(*loop_, [this] { show_status(); }) {
    started_ = clock_.wall();
    random_.fill(own_cookie_secret_);
    tidings_.notified = [this](NameView zone, const Address& from) {
      loop_->post([this, zone = Name(zone), from] { notified(zone, from); });
    };
    tidings_.transfer = [this](const TransferAnswered& answered) {
      log_transfer(log_, transfer_lines_, answered);
      Fetch fetch{answered.client.ip, {}, answered.had, {}, {}};
      if (answered.key) fetch.key = *answered.key;
      if (answered.sent.whole) fetch.got = answered.serial;
      fetch.transport = answered.transport;
      if (answered.decision.form == TransferForm::error) fetch.refusal = answered.decision.reason;
      tell_of(answered.zone, fetch);
    };
    tidings_.asked = [this](NameView zone, const Peer& peer, std::optional<NameView> key,
                            std::string_view refusal) {
      Fetch fetch{peer.address.ip, {}, {}, {}, refusal, peer.transport, true};
      if (key) fetch.key = *key;
      tell_of(zone, fetch);
    };
    tidings_.tls_failed = [this](const Address& from, std::string_view reason) {
      std::string client = from.print();
      log_.write(LogLevel::warning, tls_lines_, "TLS session failed",
                 {{"client", client}, {"reason", reason}});
    };
    tidings_.limited = [this](const Network& to, ResponseKind kind) {
      log_.write(LogLevel::warning, limited_lines_, "limiting the rate of answers",
                 {{"to", to.print()}, {"kind", print(kind)}});
    };
  }

  ~RunningService() override {
    hand_over_.reset();
    // The portal tells us things; then workers, since they hand tidings in; then jobs, which use keepers;
    // then the keepers.
    portal_.close();
    if (server_) server_->stop(Milliseconds(0));
    server_.reset();
    http_.reset();
    jobs_.reset();
  }

  /// `succession`: whom we take over from, if anybody.
  Result<void> open(const Loaded& loaded, std::optional<Succession> succession) {
    succession_ = std::move(succession);
    if (succession_) own_cookie_secret_ = succession_->cookie_secret();
    auto make_handler = [this](std::size_t worker) {
      return std::make_unique<ZoneHandler>(clock_, tidings_, make_handler_counters(metrics_, worker));
    };
    ZW_TRY(server_, Server::make(worker_count_, make_handler, metrics_, tcp_limits(loaded.config.tcp)));
    if (succession_) server_->inherit(succession_->take_sockets());
    catalogs_.set_frozen(succession_.has_value());
    ZW_CHECK(configure(loaded));
    return succession_ ? Result<void>() : await_successor();
  }

  bool run(Signals& signals, const ServiceManager& manager) override {
    signals_ = &signals;
    manager_ = &manager;
    if (auto watched = loop_->watch(signals.fd(), EPOLLIN, *this); !watched) {
      log_.error("cannot watch for signals", {{"reason", watched.error().what}});
      return false;
    }
    if (!succession_) tell_ready(manager.ready());
    loop_->run();
    if (stage_ != Stage::leaving)
      tell_manager(manager.stopping());  // else another one is the main process now
    log_.info("stopping");
    loop_->unwatch(signals.fd(), *this);
    Milliseconds end = clock_.steady() + kGrace;
    server_->stop(kGrace);
    downloads_.stop(std::max(Milliseconds(0), end - clock_.steady()));
    return stage_ != Stage::refused;
  }

  std::vector<Address> listening() const override { return server_->listening(); }
  std::vector<Address> listening_tls() const override { return server_->listening_tls(); }
  std::vector<Address> listening_https() const override { return downloads_.listening(); }
  std::vector<Address> listening_portal() const override { return portal_.listening(); }
  std::optional<Address> http() const override {
    return http_ ? std::optional(http_->listening()) : std::nullopt;
  }

 private:
  // A signal came.
  void ready(std::uint32_t) override {
    while (auto signal = signals_->next()) {
      if (*signal == Signal::stop) loop_->stop();
      if (*signal == Signal::reload) reload();
      if (*signal == Signal::upgrade) upgrade();
    }
  }

  // ---- hand-over ----

  enum class Stage : std::uint8_t {
    serving,
    frozen,   // another process is about to take over
    leaving,  // it has, and clients that are here still are served on
    refused,  // we were to take over, and were given up
  };

  Result<void> await_successor() {
    HandOver::Calls calls{[this] { freeze(); }, [this] { thaw(); }, [this] { leave(); }};
    ZW_TRY(hand_over_, HandOver::make(*loop_, log_, loaded_.config.state, std::move(calls)));
    return {};
  }

  void upgrade() {
    if (stage_ != Stage::serving || succession_) return log_.warning("no upgrade now, one is under way");
    if (!hand_over_) return log_.error("no upgrade: nobody can take over from here");
    log_.info("starting the process that takes over");
    if (auto started = start_again(options_.upgrade); !started)
      log_.error("cannot start it", {{"reason", started.error().what}});
  }

  // No keeper begins anything, and what the job thread still does comes to its end.
  void freeze() {
    stage_ = Stage::frozen;
    catalogs_.set_frozen(true);
    for (Kept& kept : kept_) kept.keeper->retire();
    show_status();
    // A successor may go and another one come meanwhile, for whom later jobs are waited for.
    jobs_->add([this, freezes = ++freezes_] {
      loop_->post([this, freezes] {
        if (stage_ == Stage::frozen && freezes == freezes_)
          hand_over_->give(lock_, own_cookie_secret_, server_->shared());
      });
    });
  }

  void thaw() {
    stage_ = Stage::serving;
    catalogs_.set_frozen(false);
    if (auto signed_again = lock_.sign(); !signed_again)
      log_.warning("the lock names another process", {{"reason", signed_again.error().what}});
    if (auto applied = configure(catalogs_.configured()); !applied)
      log_.error("cannot go on as before", {{"reason", applied.error().what}});
  }

  void leave() {
    stage_ = Stage::leaving;
    status_timer_.stop();
    show_timer_.stop();
    kept_.clear();
    http_.reset();
    portal_.close();
    auto left = [this, both = std::make_shared<int>(2)] {
      if (--*both == 0) loop_->stop();
    };
    downloads_.drain(kLinger, left);
    auto closed = server_->drain(kLinger, [this, left] { loop_->post(left); });
    if (!closed) log_.error("cannot close the listening sockets", {{"reason", closed.error().what}});
    hand_over_->left();
    log_.info("another process has taken over; ending with the last connection");
  }

  // All zones are loaded: answers from here on, and then lets the other process go.
  void take_over() {
    auto listening = listen(loaded_);
    if (listening) listening = downloads_.listen(loaded_, worker_count_);
    auto served = listening ? succession_->serve() : listening;
    if (!served) {
      log_.error("cannot take over", {{"reason", served.error().what}});
      stage_ = Stage::refused;
      return loop_->stop();
    }
    succession_.reset();
    catalogs_.set_frozen(false);
    auto http = make_http(loaded_.config.http);
    if (http)
      http_ = std::move(*http);
    else
      log_.error("no status over HTTP", {{"reason", http.error().what}});
    portal_.open();
    if (auto waiting = await_successor(); !waiting)
      log_.error("nobody can take over from here", {{"reason", waiting.error().what}});
    show_zones();  // with the addresses that we answer at
    tell_ready(manager_->took_over());
  }

  bool is_settled() const {
    return !downloads_.is_making() && portal_.is_settled() &&
           std::all_of(kept_.begin(), kept_.end(),
                       [](const Kept& kept) { return kept.keeper && kept.keeper->is_settled(); });
  }

  void tell_ready(const Result<void>& told) {
    tell_manager(told);
    log_.info("ready", {{"zones", kept_.size()}, {"workers", worker_count_}});
  }

  void tell_manager(const Result<void>& told) {
    if (!told) log_.warning("the service manager does not listen", {{"reason", told.error().what}});
  }

  void reload() {
    if (stage_ != Stage::serving || succession_)
      return log_.warning("no reload now, while another process takes over");
    tell_manager(manager_->reloading());
    auto loaded = load_config(options_.file);
    if (!loaded) {
      log_.error("the configuration has errors; nothing changes", {{"errors", loaded.error()}});
    } else if (auto applied = configure(*loaded); !applied) {
      log_.error("the new configuration cannot be used", {{"reason", applied.error().what}});
    } else {
      log_.info("reloaded", {{"zones", kept_.size()}});
    }
    tell_manager(manager_->ready());
  }

  // With the zones that catalogs add.
  Result<void> configure(Loaded loaded) {
    Catalogs::Expanded whole = catalogs_.expand(loaded);
    ZW_CHECK(apply(whole.loaded));
    catalogs_.took(std::move(loaded), std::move(whole.unkept));
    look_at_catalogs();
    show_status();
    return {};
  }

  // Catalogs add other zones now.
  void regroup() {
    if (stage_ != Stage::serving) return;
    if (auto applied = configure(catalogs_.configured()); !applied)
      log_.error("what catalogs say cannot be used", {{"reason", applied.error().what}});
  }

  void look_at_catalogs() {
    std::vector<Keeper*> keepers;
    for (const Kept& kept : kept_)
      if (kept.keeper) keepers.push_back(kept.keeper.get());
    catalogs_.look(keepers);
  }

  World world() { return {*loop_, clock_, random_, log_, metrics_, *jobs_, verify_workers_, store_, line_}; }

  // Opens whatever people and programs reach us by. Who takes over does so later, but for the portal's
  // database.
  Result<void> reach(const Loaded& loaded) {
    const Config& config = loaded.config;
    ZW_CHECK(portal_.configure(loaded, !succession_));
    if (succession_) return {};
    bool same_http = http_ && config.http == loaded_.config.http;
    std::unique_ptr<HttpServer> http;
    if (!same_http) {
      ZW_TRY(http, make_http(config.http));
    }
    ZW_CHECK(listen(loaded));
    ZW_CHECK(downloads_.listen(loaded, worker_count_));
    if (!same_http) http_ = std::move(http);
    return {};
  }

  Result<void> apply(const Loaded& loaded) {
    const Config& config = loaded.config;
    // What can fail comes first, and leaves all as it was when it does.
    if (auto reached = reach(loaded); !reached) {
      if (auto back = reach(loaded_); !back)
        log_.error("cannot go on as before", {{"reason", back.error().what}});
      return reached;
    }
    const std::vector<IpAddress> source_before = std::exchange(loaded_, loaded).config.source;
    server_->set_limits(tcp_limits(config.tcp));
    check_open_files(config);
    log_.set_least(config.log_level);
    notify_budget_.set(config.notify_budget);
    if (auto ends = loaded.tls ? loaded.tls->certificate_ends() : std::nullopt) show_certificate(*ends);
    rules_ = make_rules(loaded, own_cookie_secret_, worker_count_);
    std::vector<Kept> before = std::exchange(kept_, {});
    for (std::size_t i = 0; i < config.zones.size(); ++i) {
      auto same = std::find_if(before.begin(), before.end(), [&](const Kept& kept) {
        return kept.keeper && !kept.keeper->is_retired() && source_before == config.source &&
               kept.keeper->config() == config.zones[i] && same_keys(kept.rules->keys, rules_->keys) &&
               kept.keeper->anchors() == loaded.anchors[i];
      });
      auto older = std::find_if(before.begin(), before.end(), [&](const Kept& kept) {
        return kept.keeper && kept.keeper->config().name == config.zones[i].name;
      });
      const Keeper* predecessor = older != before.end() ? older->keeper.get() : nullptr;
      bool is_new = same == before.end();
      kept_.push_back(is_new ? keep(loaded, i, predecessor) : std::move(*same));
      if (is_new && predecessor) kept_.back().announcer->change(older->announcer->dynamic(), {});
    }
    portal_.repeat();  // some are new
    // Jobs and posts that are under way still use the keepers that go: they go behind them.
    for (Kept& kept : before) {
      if (!kept.keeper) continue;
      kept.keeper->retire();
      auto shared = std::make_shared<Kept>(std::move(kept));
      jobs_->add(
          [this, shared = std::move(shared)]() mutable { loop_->post([shared = std::move(shared)] {}); });
    }
    show_zones();
    return {};
  }

  void show_certificate(WallTime ends) {
    metrics_.gauge("zonewright_tls_certificate_expires_timestamp_seconds", "When our own certificate ends.")
        .set(static_cast<double>(ends.time_since_epoch().count()));
    if (ends < SystemClock().wall())
      log_.warning("our certificate has ended, and clients will refuse it", {{"ended_at", print_time(ends)}});
  }

  // Each connection is an open file. The soft limit that services begin with is often 1024.
  void check_open_files(const Config& config) {
    std::size_t most = raise_open_files();
    std::size_t connections =
        config.tcp.connections + (config.listen_https.empty() ? 0 : config.https.connections);
    if (most >= connections + kOtherFiles) return;
    log_.warning("fewer files may be open than [tcp] connections would need; raise the limit of open files",
                 {{"limit", most}, {"connections", connections}});
  }

  // With the certificate first, which listeners need. If one cannot be opened, all is as it was.
  Result<void> listen(const Loaded& loaded) {
    server_->set_tls(loaded.tls);
    auto opened = server_->listen(loaded.config.listen, loaded.config.listen_tls);
    if (!opened) server_->set_tls(loaded_.tls);
    return opened;
  }

  // Null if there is to be none.
  Result<std::unique_ptr<HttpServer>> make_http(const std::optional<Address>& at) {
    if (!at) return nullptr;
    auto status = [this](const HttpRequest&) {
      Status shown = board_.get();
      if (!shown.is_known()) return HttpResponse{503, "starting; ask again\n"};
      return HttpResponse{200, print_status_json(shown), std::string(kJson)};
    };
    auto health = [this](const HttpRequest&) {
      bool healthy = is_healthy(board_.get());
      return HttpResponse{healthy ? 200u : 503u,
                          healthy ? "ok\n" : "not every zone is served; see /status\n"};
    };
    auto metrics = [this](const HttpRequest&) {
      return HttpResponse{200, metrics_.exposition(), std::string(Metrics::kContentType)};
    };
    return HttpServer::make(*at, {{"/status", status}, {"/healthz", health}, {"/metrics", metrics}});
  }

  Kept keep(const Loaded& loaded, std::size_t which, const Keeper* before) {
    const Config& config = loaded.config;
    const ZoneConfig& zone = config.zones[which];
    Kept kept{rules_, nullptr, nullptr};
    std::vector<Primary> primaries;
    for (const PrimaryConfig& remote : zone.primaries) {
      Primary& primary = primaries.emplace_back();
      primary.address = remote.address;
      primary.from = source_for(config, remote.address.ip);
      primary.key = find_key(kept.rules->keys, remote.key);
      primary.tls = remote.loaded_tls.context;
    }
    kept.keeper = std::make_unique<Keeper>(world(), zone, std::move(primaries), loaded.anchors[which],
                                           [this](Keeper&) { zones_changed(); });
    std::vector<NotifyTarget> targets;
    for (const SubscriberConfig& subscriber : zone.subscribers) {
      NotifyTarget target;
      target.group = static_cast<std::uint8_t>(subscriber.notify);
      target.address = subscriber.address;
      target.from = source_for(config, subscriber.address.ip);
      target.key = {kept.rules, find_key(kept.rules->keys, subscriber.key)};
      if (is_ourselves(target.address, succession_ ? succession_->listening() : server_->listening(),
                       random_))
        log_.warning("this subscriber is ourselves and is left out",
                     {{"zone", print(zone.name)}, {"address", target.address.print()}});
      else
        targets.push_back(target);
    }
    AnnouncerWorld announcing{*loop_, clock_, random_, log_, notify_lines_, metrics_, notify_budget_};
    kept.announcer = std::make_unique<Announcer>(
        announcing, zone.name, targets,
        [this, name = zone.name](const Announcer::Told& told) { portal_.told(name, told); });
    if (!before || !kept.keeper->take_over(*before)) kept.keeper->start();
    return kept;
  }

  // Showing costs as much as there are zones. So it takes half of the loop's time at most, when thousands of
  // them are published together; what changes meanwhile is shown at once.
  void zones_changed() {
    Milliseconds now = loop_->now();
    if (now >= show_again_at_) return show_zones();
    if (!show_timer_.running()) show_timer_.start(show_again_at_ - now);
  }

  // Hands the workers what is served now, and when all have it, tells the subscribers.
  void show_zones() {
    show_timer_.stop();
    Milliseconds begun = clock_.steady();
    std::vector<ServedZone> zones;
    std::vector<Rendered> rendered;
    std::vector<DownloadSource> sources;
    std::vector<const Keeper*> keepers;
    for (const Kept& kept : kept_) {
      if (!kept.keeper) continue;
      keepers.push_back(kept.keeper.get());
      rendered.push_back(kept.keeper->rendered());
      const auto& evidence = kept.keeper->evidence();
      sources.emplace_back(&kept.keeper->config(), kept.keeper->zone(),
                           evidence ? evidence->verified_at : WallTime(),
                           portal_.offers_downloads(kept.keeper->origin()));
      if (ZonePtr zone = kept.keeper->zone())
        zones.emplace_back(zone, good_until(*kept.keeper->evidence()));
      else
        zones.emplace_back(kept.keeper->origin(), kept.keeper->condition() == Condition::expired
                                                      ? ServedZone::Absence::expired
                                                      : ServedZone::Absence::not_ready);
    }
    auto snapshot = std::make_shared<const Snapshot>(
        Snapshot{ZoneTable(std::move(zones)), std::move(rendered), rules_, portal_.access()});
    auto left = std::make_shared<std::atomic<std::size_t>>(worker_count_);
    server_->tell([this, snapshot, left](std::size_t, Handler& handler) {
      static_cast<ZoneHandler&>(handler).take(snapshot);
      if (left->fetch_sub(1) == 1) loop_->post([this] { announce(); });
    });
    downloads_.show(sources, portal_.access());
    look_at_catalogs();
    show_status();
    portal_.show(loaded_, keepers);
    show_again_at_ = loop_->now() + 2 * (clock_.steady() - begun);
    // When all workers have what was on disk.
    if (succession_ && is_settled() && !std::exchange(takes_over_, true))
      loop_->post([this] { take_over(); });
  }

  void announce() {
    for (Kept& kept : kept_) {
      ZonePtr zone = kept.keeper ? kept.keeper->zone() : nullptr;
      if (!zone || kept.announcer->announced() == zone->serial()) continue;
      if (downloads_.is_making(zone->origin())) continue;  // who comes at once shall find it
      const auto [image, differences] = kept.keeper->rendered();
      std::size_t whole = image ? image->run()->stream_octets() : zone->memory();
      std::size_t step = differences ? differences->last_step_octets() : 0;
      kept.announcer->published(zone, kept.keeper->take_change(), step > 0 ? std::min(step, whole) : whole,
                                whole);
    }
  }

  Kept* find(NameView zone) {
    for (Kept& kept : kept_)
      if (kept.keeper->origin() == zone) return &kept;
    return nullptr;
  }

  void notified(NameView zone, const Address& from) {
    if (Kept* kept = find(zone)) kept->keeper->notified(from.ip);
  }

  // On a worker's thread. Strangers can be refused as often as they like, and ask in a subscriber's name.
  void tell_of(NameView zone, const Fetch& fetch) {
    LogRate& rate = fetch.refusal.empty() ? asked_news_ : refused_news_;
    if (fetch.got || rate.admit(clock_.steady()))
      loop_->post([this, zone = Name(zone), fetch] { heard(zone, fetch); });
  }

  void heard(NameView zone, const Fetch& fetch) {
    Kept* kept = find(zone);
    if (!kept) return;
    if (fetch.got) kept->keeper->count_transfer();
    if (!fetch.only_for_portal) kept->announcer->heard(fetch);
    portal_.heard(zone, fetch, *kept->announcer);
  }

  // With a million subscribers it takes long, and then has a twentieth of the time.
  void show_status() {
    Milliseconds begun = clock_.steady();
    Status status{started_, clock_.wall(), {}, {}};
    for (const Kept& kept : kept_) {
      if (!kept.keeper) continue;
      ZoneStatus& zone = status.zones.emplace_back(kept.keeper->status());
      kept.announcer->show(zone);
    }
    catalogs_.show(status);
    board_.put(std::move(status));
    status_timer_.start(std::max(kStatusPeriod, 20 * (clock_.steady() - begun)));
  }

  const StartOptions options_;
  const Clock& clock_;
  Logger& log_;
  const std::size_t worker_count_;
  SystemRandom random_;
  CookieSecret own_cookie_secret_{};
  Metrics metrics_;
  StatusBoard board_;
  Tidings tidings_;
  LogRate transfer_lines_{1000, Milliseconds(10)};
  LogRate notify_lines_{100, Milliseconds(100)};
  EgressBudget notify_budget_;
  LogRate refused_news_{1000, Milliseconds(1)}, asked_news_{1000, Milliseconds(1)};
  LogRate tls_lines_{100, Milliseconds(100)};
  LogRate limited_lines_{10, Milliseconds(1'000)};
  WallTime started_{};
  std::unique_ptr<Loop> loop_;
  FolderLock lock_;
  ZoneStore store_;
  FetchLine line_{*loop_};
  ThreadWorkers verify_workers_;
  Timer status_timer_;
  Timer show_timer_{*loop_, [this] { show_zones(); }};
  Milliseconds show_again_at_{0};  // of the loop's clock; not sooner
  std::shared_ptr<const Rules> rules_;
  std::vector<Kept> kept_;
  std::unique_ptr<JobThread> jobs_ = std::make_unique<JobThread>();
  Catalogs catalogs_{world(), [this] { regroup(); }};
  Downloads downloads_{world(), [this] { zones_changed(); },
                       [this](const portal::Downloaded& what) { portal_.downloaded(what); }};
  std::unique_ptr<Server> server_;
  PortalLink portal_{{*loop_, clock_, log_, metrics_},
                     {[this](NameView zone) {
                        Kept* kept = find(zone);
                        return kept ? kept->announcer.get() : nullptr;
                      },
                      [this](const auto& what) {
                        for (Kept& kept : kept_)
                          if (kept.announcer) what(*kept.announcer);
                      },
                      [this] { zones_changed(); }}};
  Loaded loaded_;  // the configuration that is in use
  std::unique_ptr<HttpServer> http_;
  Signals* signals_ = nullptr;
  const ServiceManager* manager_ = nullptr;
  Stage stage_ = Stage::serving;
  std::optional<Succession> succession_;  // until we have taken over
  bool takes_over_ = false;
  std::uint64_t freezes_ = 0;
  std::unique_ptr<HandOver> hand_over_;
};

}  // namespace

Result<std::unique_ptr<Service>> Service::make(const StartOptions& options, const Loaded& loaded,
                                               const Clock& clock, Logger& log) {
  const std::string& state = loaded.config.state;
  ZW_CHECK(make_folder(state, 0700));
  std::optional<Succession> succession;
  if (options.take_over) {
    ZW_TRY(succession, Succession::begin(state));
  }
  auto lock = succession ? succession->take_lock() : FolderLock::take(state);
  if (!lock) return std::unexpected(lock.error());
  ZW_TRY(auto loop, Loop::make());
  auto service =
      std::make_unique<RunningService>(options, clock, log, std::move(loop), std::move(*lock), loaded.config);
  ZW_CHECK(service->open(loaded, std::move(succession)));
  return service;
}

}  // namespace zw::localroot
