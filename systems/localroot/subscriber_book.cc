#include "localroot/subscriber_book.h"

#include <algorithm>

namespace zw::localroot {

void SubscriberBook::reserve(std::size_t subscribers) {
  if (subscribers <= facts_.capacity()) return;
  facts_.reserve(std::max(subscribers, facts_.capacity() + facts_.capacity() / 4));
}

void SubscriberBook::add(std::size_t number) {
  if (number >= facts_.size()) {
    reserve(number + 1);
    facts_.resize(number + 1);
    is_known_.resize(number + 1);
  }
  is_known_[number] = true;
}

void SubscriberBook::remove(std::size_t number) {
  facts_[number] = {};
  is_known_[number] = false;
}

void SubscriberBook::published(Serial serial, Milliseconds now) {
  versions_.push_back({serial, now});
  if (versions_.size() > kMostVersions) versions_.pop_front();
}

std::optional<Milliseconds> SubscriberBook::note(const Fetch& fetch, std::span<const Candidate> there,
                                                 Milliseconds now) {
  auto by_key = [&](const Candidate& one) {
    return one.key ? fetch.key && one.key->name() == fetch.key->view() : !fetch.key;
  };
  bool told_apart = std::any_of(there.begin(), there.end(), by_key);
  std::optional<Milliseconds> took;
  for (const Candidate& one : there)
    if (!told_apart || by_key(one)) took = note_one(facts_[one.number], fetch, now);
  return took;
}

std::optional<Milliseconds> SubscriberBook::note_one(Facts& facts, const Fetch& fetch, Milliseconds now) {
  if (!fetch.refusal.empty()) {
    ++facts.refusals;
    facts.refusal = fetch.refusal;
  }
  auto held = fetch.got ? fetch.got : fetch.had;
  if (fetch.got) ++facts.fetches;
  if (!held || facts.held == held) return std::nullopt;
  facts.held = held;
  facts.held_since = now;
  auto version = std::find_if(versions_.rbegin(), versions_.rend(),
                              [&](const Version& one) { return one.serial == *held; });
  if (!fetch.got || version == versions_.rend()) return std::nullopt;
  return now - version->at;
}

std::optional<Milliseconds> SubscriberBook::lag(std::size_t i, Milliseconds now) const {
  const auto& held = facts_[i].held;
  if (!held || versions_.empty()) return std::nullopt;
  return lag_of(*held, now);
}

Milliseconds SubscriberBook::lag_of(Serial held, Milliseconds now) const {
  Milliseconds out{0};
  for (auto one = versions_.rbegin(); one != versions_.rend() && one->serial > held; ++one)
    out = now - one->at;
  return out;
}

SubscriberBook::Spread SubscriberBook::spread(Milliseconds now) const {
  Spread out;
  std::vector<Milliseconds> lags;
  lags.reserve(facts_.size());
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    if (!is_known_[i]) continue;
    auto one = lag(i, now);
    if (one) lags.push_back(*one);
    ++(!one ? out.unknown : *one > Milliseconds(0) ? out.behind : out.current);
  }
  auto at = [&](std::size_t percent) {
    auto nth = lags.begin() + static_cast<std::ptrdiff_t>((lags.size() - 1) * percent / 100);
    std::nth_element(lags.begin(), nth, lags.end());
    return *nth;
  };
  if (!lags.empty()) {
    out.lag_median = at(50);
    out.lag_p99 = at(99);
  }
  return out;
}

}  // namespace zw::localroot
