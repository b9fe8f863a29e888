#include "transfer/refresh_policy.h"

#include <algorithm>

namespace zw {

CopyFacts copy_facts(const Zone& zone) {
  Zone::SoaTimes times = zone.soa_times();
  return {Serial(times.serial), Seconds(times.refresh), Seconds(times.retry), Seconds(times.expire)};
}

std::string_view print(RefreshPhase phase) {
  static constexpr std::string_view kNames[] = {"idle", "asking-soa", "asking-zone", "judging"};
  return kNames[static_cast<std::size_t>(phase)];
}

RefreshPolicy::RefreshPolicy(std::vector<PrimarySettings> primaries, RefreshSettings settings, Random& random)
    : primaries_(std::move(primaries)), settings_(settings), random_(random) {}

// ---- rounds ----

void RefreshPolicy::begin_round(std::optional<std::size_t> first, Milliseconds now, RefreshActions& actions) {
  if (state_.phase == RefreshPhase::asking_soa) actions.emplace_back(StopAsking{});
  to_ask_.clear();
  for (std::size_t i = primaries_.size(); i-- > 0;)
    if (i != first) to_ask_.push_back(i);
  if (first) to_ask_.push_back(*first);
  notified_ = false;
  notifier_.reset();
  round_began_at_ = now;
  ask_next(now, actions);
}

// Without any version to compare with, a probe would only cost time.
void RefreshPolicy::ask_next(Milliseconds now, RefreshActions& actions) {
  if (to_ask_.empty()) return end_round(false, now, actions);
  state_.primary = to_ask_.back();
  to_ask_.pop_back();
  promised_.reset();
  if (!state_.copy) return ask_zone(TransferMethod::axfr, actions);
  state_.phase = RefreshPhase::asking_soa;
  actions.emplace_back(AskSoa{state_.primary});
}

void RefreshPolicy::ask_zone(TransferMethod method, RefreshActions& actions) {
  state_.phase = RefreshPhase::asking_zone;
  std::optional<Serial> floor;
  if (state_.copy) floor = state_.copy->serial;
  actions.emplace_back(AskZone{state_.primary, method, floor, promised_});
}

void RefreshPolicy::end_round(bool well, Milliseconds now, RefreshActions& actions) {
  state_.phase = RefreshPhase::idle;
  state_.failed_rounds = well ? 0 : state_.failed_rounds + 1;
  state_.next_round_at = now + pause_after(well);
  check_expiry(now, actions);
}

// Up to a tenth less than the SOA says, so that secondaries that were started together spread out.
Milliseconds RefreshPolicy::pause_after(bool well) {
  Seconds pause;
  if (!state_.copy) {
    pause = settings_.first_retry;
    for (unsigned i = 1; i < state_.failed_rounds && pause < settings_.last_first_retry; ++i) pause *= 2;
    pause = std::min(pause, settings_.last_first_retry);
  } else {
    Seconds refresh = std::clamp(state_.copy->refresh, settings_.refresh_least, settings_.refresh_most);
    Seconds retry = std::clamp(state_.copy->retry, settings_.retry_least, settings_.retry_most);
    pause = well ? refresh : std::min(retry, refresh);
  }
  auto tenth = static_cast<std::uint64_t>(Milliseconds(pause).count()) / 10;
  return pause - Milliseconds(static_cast<std::int64_t>(random_.below(tenth + 1)));
}

RefreshActions RefreshPolicy::next_primary(Milliseconds now) {
  RefreshActions actions;
  ask_next(now, actions);
  return actions;
}

// ---- the copy ----

// RFC 7314 §4: a primary that is a secondary itself tells how long its own copy is good; it never makes ours
// live longer than the SOA says.
Milliseconds RefreshPolicy::lifetime(std::optional<Seconds> expire) const {
  Seconds most = std::clamp(state_.copy->expire, settings_.expire_least, settings_.expire_most);
  return expire ? std::min(most, *expire) : most;
}

void RefreshPolicy::confirm(std::optional<Seconds> expire, Milliseconds now, RefreshActions& actions) {
  Milliseconds until = now + lifetime(expire);
  if (state_.expired && until <= now) return ask_next(now, actions);  // it expired there too
  state_.expires_at = std::max(state_.expires_at, until);
  state_.expired = false;
  state_.confirmed_at = now;
  actions.emplace_back(ExtendCopy{state_.expires_at});
  end_round(true, now, actions);
}

void RefreshPolicy::check_expiry(Milliseconds now, RefreshActions& actions) {
  if (!state_.copy || state_.expired || now < state_.expires_at) return;
  state_.expired = true;
  actions.emplace_back(ExpireCopy{});
}

// ---- facts ----

RefreshActions RefreshPolicy::start(Milliseconds now, std::optional<CopyFacts> copy, Milliseconds left) {
  ZW_ASSERT(!primaries_.empty());
  RefreshActions actions;
  started_ = true;
  state_.copy = copy;
  state_.expires_at = now + left;
  check_expiry(now, actions);
  begin_round({}, now, actions);
  return actions;
}

RefreshActions RefreshPolicy::tick(Milliseconds now) {
  RefreshActions actions;
  check_expiry(now, actions);
  auto round_at = next_round();
  if (round_at && now >= *round_at) begin_round(notifier_, now, actions);
  return actions;
}

RefreshActions RefreshPolicy::notified(std::optional<std::size_t> primary, Milliseconds now) {
  notified_ = true;
  if (primary) notifier_ = primary;
  return tick(now);
}

// A probe of a primary that is perhaps dead does not hold up what another one tells; a transfer goes on, and
// one more round follows it.
std::optional<Milliseconds> RefreshPolicy::next_round() const {
  if (!started_) return std::nullopt;
  Milliseconds news_at = round_began_at_ + settings_.notify_pause;
  if (state_.phase == RefreshPhase::idle)
    return notified_ ? std::min(news_at, state_.next_round_at) : state_.next_round_at;
  bool news = notified_ && notifier_ && notifier_ != state_.primary;
  if (state_.phase == RefreshPhase::asking_soa && news) return news_at;
  return std::nullopt;
}

RefreshActions RefreshPolicy::soa_came(Serial serial, std::optional<Seconds> expire, Milliseconds now) {
  if (state_.phase != RefreshPhase::asking_soa) return {};
  RefreshActions actions;
  promised_ = serial;
  if (serial == state_.copy->serial)
    confirm(expire, now, actions);
  else if (serial > state_.copy->serial)
    ask_zone(primaries_[state_.primary].ixfr ? TransferMethod::ixfr : TransferMethod::axfr, actions);
  else
    ask_next(now, actions);
  return actions;
}

RefreshActions RefreshPolicy::soa_failed(Milliseconds now) {
  return state_.phase == RefreshPhase::asking_soa ? next_primary(now) : RefreshActions();
}

RefreshActions RefreshPolicy::zone_came(TransferMethod how, std::optional<Seconds> expire, Milliseconds) {
  if (state_.phase != RefreshPhase::asking_zone) return {};
  state_.phase = RefreshPhase::judging;
  came_by_ = how;
  came_expire_ = expire;
  return {JudgeZone{}};
}

RefreshActions RefreshPolicy::zone_is_current(std::optional<Seconds> expire, Milliseconds now) {
  if (state_.phase != RefreshPhase::asking_zone || !state_.copy) return {};
  RefreshActions actions;
  confirm(expire, now, actions);
  return actions;
}

RefreshActions RefreshPolicy::zone_failed(const TransferFailure& failure, Milliseconds now) {
  if (state_.phase != RefreshPhase::asking_zone) return {};
  if (!failure.try_axfr) return next_primary(now);
  RefreshActions actions;
  ask_zone(TransferMethod::axfr, actions);
  return actions;
}

RefreshActions RefreshPolicy::accepted(const CopyFacts& copy, Milliseconds now) {
  if (state_.phase != RefreshPhase::judging) return {};
  RefreshActions actions;
  state_.copy = copy;
  state_.expires_at = now;  // what the old version was granted does not count
  state_.expired = false;
  confirm(came_expire_, now, actions);
  return actions;
}

// Differences that lead to a bad zone may be wrong where the zone is not.
RefreshActions RefreshPolicy::refused(Milliseconds now) {
  if (state_.phase != RefreshPhase::judging) return {};
  if (came_by_ == TransferMethod::axfr) return next_primary(now);
  RefreshActions actions;
  ask_zone(TransferMethod::axfr, actions);
  return actions;
}

std::optional<Milliseconds> RefreshPolicy::wake() const {
  std::optional<Milliseconds> wake = next_round();
  if (state_.copy && !state_.expired) wake = std::min(wake.value_or(state_.expires_at), state_.expires_at);
  return wake;
}

}  // namespace zw
