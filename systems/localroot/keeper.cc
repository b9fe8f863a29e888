#include "localroot/keeper.h"

#include <fmt/format.h>

#include <algorithm>

namespace zw::localroot {
namespace {

RefresherSettings refresher_settings(const ZoneConfig& config, std::vector<Primary> primaries,
                                     FetchLine& line) {
  RefresherSettings settings;
  settings.zone = config.name;
  settings.primaries = std::move(primaries);
  settings.line = &line;
  return settings;
}

AgreementSettings agreement_settings(const ZoneConfig& config, std::vector<Primary> primaries) {
  AgreementSettings settings;
  settings.zone = config.name;
  settings.primaries = std::move(primaries);
  settings.needed = config.agreement;
  settings.within = config.agreement_within;
  return settings;
}

ChangeFeedSettings feed_settings(const ChangesConfig& config) {
  return {config.size, config.versions, std::chrono::ceil<Seconds>(config.age), config.records};
}

double seconds_since_epoch(WallTime when) { return static_cast<double>(when.time_since_epoch().count()); }

}  // namespace

Keeper::Keeper(const World& world, const ZoneConfig& config, std::vector<Primary> primaries,
               std::vector<TrustAnchor> anchors, std::function<void(Keeper&)> changed)
    : world_(world),
      config_(config),
      verifier_({std::move(anchors), config.require_zonemd, config.accept_rsasha1, config.image_limit,
                 config.most_members},
                world.clock, world.workers),
      history_(std::make_shared<History>(world.store.journal_folder(config.name),
                                         HistorySettings{config.journal_size, config.condense_differences},
                                         world.log)),
      log_(std::make_shared<PublicationLog>(world.store.log_file(config.name))),
      changed_(std::move(changed)),
      gauges_(make_zone_gauges(world.metrics, print(config.name))),
      refresh_metrics_(world.metrics, config.name),
      end_of_signatures_(world.loop, [this] { update(); }) {
  if (config.changes.enabled)
    changes_ =
        std::make_unique<FeedWriter>(config.name, world.store.changes_folder(config.name),
                                     feed_settings(config.changes), world.clock, world.log, world.metrics);
  if (config.agreement > 1)
    agreement_.emplace(world.loop, world.clock, world.random, agreement_settings(config, primaries));
  refresher_.emplace(world.loop, world.clock, world.random,
                     refresher_settings(config, std::move(primaries), world.line), *this,
                     [this](const RefreshEvent& event) { heard(event); });
}

void Keeper::heard(const RefreshEvent& event) {
  log_event(world_.log, event);
  refresh_metrics_.count(event);
  if (event.kind == RefreshEvent::Kind::transfer_failed)
    refuse(event.serial, event.primary.print(), std::string(event.what));
  if (event.kind == RefreshEvent::Kind::soa_answered) check_serial(event);
  if (event.kind == RefreshEvent::Kind::soa_failed) check_tls(event);
}

void Keeper::notified(const IpAddress& sender) {
  if (refresher_) refresher_->notified(sender);
  if (agreement_) agreement_->nudge(sender);
}

void Keeper::retire() {
  refresher_.reset();
  agreement_.reset();
}

void Keeper::start() {
  world_.jobs.add([this] {
    auto stored = world_.store.load(config_.name);
    if (!stored) {
      world_.loop.post([this, error = stored.error()] { loaded(std::unexpected(error), {}); });
      return;
    }
    Judged judged = verifier_.verify(stored->zone, std::nullopt, std::nullopt, nullptr);
    if (judged.judgement.publish) {
      judged.rendered.differences = history_->load(judged.zone, judged.rendered.whole);
      judged.history = history_->extent();
      // After a kill between storing and noting it is noted now.
      Evidence evidence = stored->evidence.value_or(judged.evidence);
      if (evidence.source.empty()) evidence.source = "disk";
      note_publication(judged, evidence);
    }
    world_.loop.post([this, judged, before = stored->evidence] { loaded(judged, before); });
    if (judged.judgement.publish) note_changes(judged.zone, nullptr, judged.evidence);
  });
}

bool Keeper::take_over(const Keeper& before) {
  bool same_rules = config_.require_zonemd == before.config_.require_zonemd &&
                    config_.accept_rsasha1 == before.config_.accept_rsasha1 &&
                    config_.most_members == before.config_.most_members && anchors() == before.anchors();
  auto left = before.evidence_ ? before.evidence_->expires_at - world_.clock.wall() : Seconds(0);
  if (!same_rules || before.condition_ != Condition::serving || left <= Seconds(0)) return false;
  settled_ = true;
  zone_ = before.zone_;
  rendered_ = before.rendered_;
  if (rendered_.whole && rendered_.whole->octets() > config_.image_limit) rendered_.whole.reset();
  extent_ = before.extent_;
  log_ = before.log_;
  log_state_ = before.log_state_;
  known_ = before.known_;
  floor_ = before.floor_;
  evidence_ = before.evidence_;
  condition_ = before.condition_;
  refusal_ = before.refusal_;
  verify_seconds_ = before.verify_seconds_;
  published_ = before.published_;
  refused_ = before.refused_;
  transfers_out_ = before.transfers_out_;
  if (changes_) feed_ = before.feed_;  // until ours was read
  // Not at once, since who reloads has not put all zones together yet.
  world_.loop.post([this] { update(); });
  refresh(std::chrono::duration_cast<Milliseconds>(left));
  // Behind what the one before may still write; it may keep another history than we are told to.
  bool may_be_made = !rendered_.whole && config_.image_limit > before.config_.image_limit;
  world_.jobs.add([this, zone = zone_, whole = rendered_.whole, may_be_made, evidence = *evidence_] {
    Rendered rendered{may_be_made ? verifier_.make_image(zone) : whole, nullptr};
    rendered.differences = history_->load(zone, rendered.whole);
    world_.loop.post([this, rendered, extent = history_->extent()] { take_history(rendered, extent); });
    note_changes(zone, nullptr, evidence);
  });
  return true;
}

// Another version may have been published meanwhile.
void Keeper::take_history(Rendered rendered, HistoryExtent extent) {
  if (rendered.differences->zone() != zone_) return;
  rendered_ = std::move(rendered);
  extent_ = extent;
  update();
}

void Keeper::begin_without_copy() {
  settled_ = true;
  update();
  refresh(Milliseconds(0));
}

void Keeper::loaded(Result<Judged> judged, std::optional<Evidence> before) {
  std::string zone = print(config_.name);
  if (!judged) {
    if (judged.error().kind == ErrorKind::not_found)
      world_.log.info("no copy on disk", {{"zone", zone}});
    else
      world_.log.warning("the copy on disk is of no use", {{"zone", zone}, {"reason", judged.error().what}});
    return begin_without_copy();
  }
  floor_ = judged->zone->serial();
  verify_seconds_ = judged->verify_seconds;
  if (!judged->judgement.publish) {
    world_.log.warning("the copy on disk does not verify any more",
                       {{"zone", zone}, {"serial", floor_->value()}, {"reason", judged->judgement.reason}});
    refuse(floor_, "disk", judged->judgement.reason);
    return begin_without_copy();
  }
  Evidence evidence = judged->evidence;
  if (before) {  // where it came from, and how long it is good, is as it was
    evidence.source = before->source;
    evidence.method = before->method;
    evidence.confirmed_at = before->confirmed_at;
    evidence.expires_at = before->expires_at;
  } else {  // nobody knows how old it is
    evidence.source = "disk";
    evidence.expires_at = world_.clock.wall();
  }
  auto left = std::chrono::duration_cast<Milliseconds>(evidence.expires_at - world_.clock.wall());
  world_.log.info("the copy on disk is verified",
                  {{"zone", zone},
                   {"serial", evidence.serial.value()},
                   {"signatures", evidence.signatures},
                   {"took_ms", static_cast<std::int64_t>(judged->verify_seconds * 1000)},
                   {"left_s", left.count() / 1000}});
  zone_ = judged->zone;
  rendered_ = judged->rendered;
  extent_ = judged->history;
  log_state_ = judged->log;
  known_ = judged->known;
  evidence_ = std::move(evidence);
  condition_ = left.count() > 0 ? Condition::serving : Condition::expired;
  settled_ = true;
  update();
  refresh(left);
}

// What we make ourselves is asked of nobody; whoever makes it is told that it can be offered.
void Keeper::refresh(Milliseconds left) {
  busy_ = false;
  if (!refresher_) return;  // retired
  if (!config_.primaries.empty()) return refresher_->start(zone_, left);
  world_.loop.post([this] { changed_(*this); });
}

// What is served when a candidate comes; it stays so until that is judged.
struct Keeper::Standing {
  ZonePtr zone;
  DifferencesPtr differences;
  std::optional<Serial> floor;
  KnownSignaturesPtr known;
};

Keeper::Standing Keeper::standing() const { return {zone_, rendered_.differences, floor_, known_}; }

void Keeper::judge(Candidate candidate, OnVerdict verdict) {
  came_at_ = candidate.last_octet_at;
  auto shared = std::make_shared<Candidate>(std::move(candidate));
  world_.jobs.add([this, shared, before = standing(), verdict = std::move(verdict)] {
    Address giver = shared->primary;
    Findings findings;
    Judged judged = verify(before, shared->records.build(findings));
    judged.evidence.source = giver.print();
    judged.evidence.method = print(shared->records.method);
    bool asks = config_.agreement > 1 && judged.judgement.publish;
    if (!asks) return finish(before, std::move(judged), verdict);
    world_.loop.post([this, giver, judged = std::move(judged), verdict] { agree(giver, judged, verdict); });
  });
}

void Keeper::offer(const ZonePtr& zone) {
  ZW_ASSERT(config_.primaries.empty() && !busy_);
  busy_ = true;
  came_at_ = world_.loop.now();
  world_.jobs.add([this, zone, before = standing()] {
    Judged judged = verify(before, zone);
    judged.evidence.source = "ourselves";
    judged.evidence.method = "made";
    finish(before, std::move(judged), [](const CandidateVerdict&) {});
  });
}

// On the job thread.
Judged Keeper::verify(const Standing& before, Result<ZonePtr> zone) {
  auto published = before.zone ? std::optional(before.zone->serial()) : std::nullopt;
  Judged judged;
  if (!zone)
    judged.judgement = {false, zone.error().what};
  else
    judged = verifier_.verify(std::move(*zone), published, before.floor, before.known);
  return judged;
}

// On the job thread. The change feed waits until the version is on its way to the world; what a kill keeps
// from it, it takes from the journal at the next start.
void Keeper::finish(const Standing& before, Judged judged, const OnVerdict& verdict) {
  auto changes = store(before, judged);
  world_.loop.post([this, judged, verdict] { this->judged(judged, verdict); });
  if (judged.judgement.publish) note_changes(judged.zone, changes ? &*changes : nullptr, judged.evidence);
}

// On the job thread. What led to it from the version before, if there was one.
std::optional<Changeset> Keeper::store(const Standing& before, Judged& judged) {
  if (!judged.judgement.publish) return std::nullopt;
  auto added = history_->add(before.zone, before.differences, judged.zone, judged.rendered.whole);
  judged.rendered.differences = std::move(added.differences);
  judged.change = added.change;
  judged.history = history_->extent();
  if (auto saved = world_.store.save(*judged.zone, judged.evidence); !saved)
    judged.judgement = {false, "it cannot be stored: " + saved.error().what};
  else
    note_publication(judged, judged.evidence);
  return std::move(added.changes);
}

// On the job thread.
void Keeper::note_changes(const ZonePtr& newest, const Changeset* changes, const Evidence& evidence) {
  if (!changes_) return;
  changes_->note(history_->journal(), newest, changes, evidence);
  auto readable = changes_->feed();
  if (!readable) return;  // that of the keeper before us stays
  world_.loop.post([this, feed = std::move(readable)] {
    if (std::exchange(feed_, feed) != feed) changed_(*this);
  });
}

void Keeper::agree(const Address& giver, Judged judged, OnVerdict verdict) {
  if (!agreement_) return;  // retired
  auto shared = std::make_shared<Judged>(std::move(judged));
  Buffer zonemd = shared->zonemd;
  agreement_->start(giver, std::move(zonemd),
                    [this, shared, verdict = std::move(verdict)](const AgreementOutcome& outcome) {
                      if (!outcome.reached) {
                        shared->judgement = {false, "no agreement: " + outcome.what()};
                        return this->judged(std::move(*shared), verdict);
                      }
                      shared->evidence.agreed = outcome.agreed;
                      world_.jobs.add([this, shared, before = standing(), verdict] {
                        finish(before, std::move(*shared), verdict);
                      });
                    });
}

void Keeper::judged(Judged judged, const OnVerdict& verdict) {
  busy_ = false;
  verify_seconds_ = judged.verify_seconds;
  gauges_.verify_seconds.set(judged.verify_seconds);
  if (!judged.judgement.publish) {
    auto serial = judged.zone ? std::optional(judged.zone->serial()) : std::nullopt;
    refuse(serial, judged.evidence.source, judged.judgement.reason);
    verdict({nullptr, judged.judgement.reason});
    return;
  }
  ZonePtr zone = judged.zone;
  gauges_.publish.observe(std::chrono::duration<double>(world_.loop.now() - came_at_).count());
  publish(std::move(judged));
  verdict({zone, ""});
}

// On the job thread. A log that cannot be written is told, and does not keep a good version from the world.
void Keeper::note_publication(Judged& judged, const Evidence& evidence) {
  if (auto added = log_->add(evidence, world_.clock.wall()); !added)
    world_.log.error(
        "the publication is not in the log",
        {{"zone", print(config_.name)}, {"serial", evidence.serial.value()}, {"reason", added.error().what}});
  judged.log = log_->state();
}

void Keeper::publish(Judged judged) {
  const Evidence& evidence = judged.evidence;
  world_.log.info("zone published",
                  {{"zone", print(config_.name)},
                   {"serial", evidence.serial.value()},
                   {"source", evidence.source},
                   {"method", evidence.method},
                   {"records", evidence.records},
                   {"signatures", evidence.signatures},
                   {"known", judged.known_count},
                   {"zonemd", evidence.has_zonemd},
                   {"digest", evidence.digest},
                   {"agreed", std::max<std::size_t>(evidence.agreed.size(), 1)},
                   {"verify_ms", static_cast<std::int64_t>(verify_seconds_.value_or(0) * 1000)}});
  zone_ = std::move(judged.zone);
  change_ |= judged.change;
  rendered_ = std::move(judged.rendered);
  extent_ = judged.history;
  log_state_ = std::move(judged.log);
  known_ = std::move(judged.known);
  floor_ = zone_->serial();
  evidence_ = std::move(judged.evidence);
  condition_ = Condition::serving;
  ++published_;
  gauges_.published.add();
  update();
}

void Keeper::refuse(std::optional<Serial> serial, std::string source, std::string reason) {
  ++refused_;
  gauges_.refused.add();
  refusal_ = Refusal{world_.clock.wall(), serial, std::move(source), std::move(reason)};
}

// A primary that went back is asked for no zone, so nobody else tells of it.
void Keeper::check_serial(const RefreshEvent& event) {
  if (!zone_ || !event.serial || *event.serial == zone_->serial() || *event.serial > zone_->serial()) return;
  std::string reason = not_newer(*event.serial, zone_->serial());
  world_.log.warning("primary has an older version",
                     {{"zone", print(config_.name)}, {"primary", event.primary.print()}, {"reason", reason}});
  refuse(event.serial, event.primary.print(), std::move(reason));
}

// A primary that TLS does not believe is asked for no zone either; nor may it be asked in clear text.
void Keeper::check_tls(const RefreshEvent& event) {
  auto is_tls = [&](const PrimaryConfig& primary) {
    return primary.address == event.primary && primary.uses_tls();
  };
  if (std::any_of(config_.primaries.begin(), config_.primaries.end(), is_tls))
    refuse({}, event.primary.print(), std::string(event.what));
}

void Keeper::extend(Milliseconds left) {
  if (!evidence_) return;
  evidence_->confirmed_at = world_.clock.wall();
  evidence_->expires_at = evidence_->confirmed_at + std::chrono::duration_cast<Seconds>(left);
  if (!signatures_ended()) condition_ = Condition::serving;
  save_evidence();
  update();
}

// Signatures are good through the second in which they expire (RFC 4035 §5.3.1).
bool Keeper::signatures_ended() const {
  return evidence_ && evidence_->signed_until && *evidence_->signed_until < world_.clock.wall();
}

void Keeper::expire() {
  condition_ = Condition::expired;
  world_.log.error("the zone has expired and is not served any more", {{"zone", print(config_.name)}});
  update();
}

void Keeper::save_evidence() {
  world_.jobs.add([this, evidence = *evidence_] {
    if (auto saved = world_.store.save_evidence(evidence); !saved)
      world_.log.error("cannot store the evidence", {{"reason", saved.error().what}});
  });
}

// After each change, and when the first signature ends: such a copy would not pass verification any more.
void Keeper::update() {
  if (condition_ == Condition::serving && signatures_ended()) {
    condition_ = Condition::expired;
    refuse(evidence_->serial, "clock",
           fmt::format("signatures expired at {}", print_time(*evidence_->signed_until)));
    world_.log.error("signatures have expired; the zone is not served any more",
                     {{"zone", print(config_.name)}});
  }
  if (condition_ == Condition::serving && evidence_->signed_until) {
    Seconds left = *evidence_->signed_until - world_.clock.wall() + Seconds(1);
    end_of_signatures_.start(std::min<Seconds>(left, std::chrono::hours(24)));
  }
  bool serving = condition_ == Condition::serving;
  gauges_.condition.set(serving);
  gauges_.serial.set(serving ? zone_->serial().value() : 0);
  show_sizes(serving ? rendered_ : Rendered());
  if (evidence_) {
    gauges_.expires.set(seconds_since_epoch(evidence_->expires_at));
    if (evidence_->signed_until) gauges_.signed_until.set(seconds_since_epoch(*evidence_->signed_until));
  }
  changed_(*this);
}

void Keeper::show_sizes(const Rendered& rendered) {
  const auto& [whole, differences] = rendered;
  auto set = [](Gauge& gauge, std::size_t value) { gauge.set(static_cast<double>(value)); };
  set(gauges_.image_bytes, whole ? whole->octets() : 0);
  set(gauges_.step_bytes, differences ? differences->last_step_octets() : 0);
  set(gauges_.differences_bytes, differences ? differences->octets() : 0);
  set(gauges_.differences_versions, differences ? differences->versions() : 0);
  set(gauges_.journal_bytes, extent_.octets);
  set(gauges_.journal_versions, extent_.versions);
  set(gauges_.log_entries, log_state_.entries);
  set(gauges_.log_broken, !log_state_.fault.empty());
}

ZoneStatus Keeper::status() const {
  ZoneStatus out;
  out.origin = config_.name;
  out.condition = condition_;
  out.evidence = evidence_;
  out.last_refusal = refusal_;
  out.published = published_;
  out.refused = refused_;
  out.transfers_out = transfers_out_;
  out.verify_seconds = verify_seconds_;
  out.log = log_state_;
  if (!refresher_) {
    out.phase = "handing over";
    return out;
  }
  const RefreshState& state = refresher_->state();
  out.phase = agreement_ && agreement_->running() ? "agreeing" : print(state.phase);
  if (state.phase == RefreshPhase::idle && state.next_round_at.count() > 0)
    out.next_refresh = world_.clock.wall() +
                       std::chrono::duration_cast<Seconds>(state.next_round_at - world_.clock.steady());
  return out;
}

}  // namespace zw::localroot
