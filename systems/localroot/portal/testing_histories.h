// Histories of a small world, made from a seed: accounts that register, change, rotate and delete; servers
// that fetch; strangers that fetch or claim what is others'; messages that are lost; days that pass. An
// oracle that shares nothing with the policy keeps its own books of what was registered and who fetched what,
// and judges each message that the portal sends.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "localroot/portal/policy.h"

namespace zw::localroot::portal {

/// One NOTIFY.
struct Message {
  Address to;
  ZoneId zone = 0;
  SecretId secret = 0;  // 0: unsigned
  TargetId target = 0;
  friend auto operator<=>(const Message&, const Message&) = default;
};

/// A portal as histories use it. Actions that it refuses are errors, and change nothing.
class HistorySubject {
 public:
  virtual ~HistorySubject() = default;
  virtual KeyId add_key(AccountId account) = 0;
  virtual SecretId newest_secret(KeyId key) = 0;
  /// The one before works until `ends`.
  virtual Result<void> rotate(AccountId account, KeyId key, Timestamp ends) = 0;
  virtual Result<void> end_rotation(AccountId account, KeyId key) = 0;
  virtual Result<void> delete_key(AccountId account, KeyId key) = 0;
  virtual Result<ServerId> add_server(AccountId account, const ServerDraft& draft) = 0;
  virtual Result<void> edit_server(AccountId account, ServerId server, const ServerDraft& draft) = 0;
  virtual Result<void> enable(AccountId account, ServerId server, bool enabled) = 0;
  virtual Result<void> delete_server(AccountId account, ServerId server) = 0;
  virtual void fetched(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp at) = 0;
  virtual void asked_soa(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp at) = 0;
  virtual std::vector<Message> publish(ZoneId zone, Timestamp now) = 0;
  virtual void outcome(const Message& message, bool answered, Timestamp told_at) = 0;
  /// Time has come to `now`.
  virtual void pass(Timestamp now) = 0;
};

class History {
 public:
  struct Counts {
    std::uint64_t actions = 0, messages = 0, wrong = 0, missed = 0;
    std::string first_fault{};
  };

  History(std::uint64_t seed, HistorySubject& subject, Counts& counts)
      : seed_(seed), random_(seed), subject_(subject), counts_(counts) {}

  void run(unsigned actions) {
    for (unsigned i = 0; i < actions; ++i, ++counts_.actions) {
      step(Seconds(1 + random_.below(600)));
      act();
    }
    for (ZoneId zone = 1; zone <= kZones; ++zone) publish(zone);
  }

 private:
  static constexpr unsigned kAccounts = 4, kAddresses = 5;
  static constexpr ZoneId kZones = 2;
  static constexpr unsigned kMostUnanswered = PortalRules().most_unanswered;

  struct Server {
    AccountId account;
    bool enabled = true;
    ServerDraft draft;
    std::map<std::pair<Address, ZoneId>, Timestamp> since;  // of each claim
  };
  struct Secret {
    KeyId key;
    Timestamp ends = Timestamp::max();
  };
  struct Key {
    AccountId account;
    std::vector<SecretId> secrets;  // the newest last
  };
  // What a place was seen to do: by whom it was asked for, signed by which secret.
  struct Place {
    std::vector<Timestamp> fetched;
    Timestamp seen{};
    std::map<std::uint16_t, unsigned> unanswered;  // by port, since the last fetch or answer
  };
  struct Fetch {
    IpAddress from;
    ZoneId zone;
    SecretId secret;
    Timestamp at;
  };
  using Spot = std::tuple<IpAddress, ZoneId, SecretId>;

  bool chance(unsigned percent) { return random_.below(100) < percent; }
  IpAddress some_address() {
    std::uint8_t octets[] = {192, 0, 2, static_cast<std::uint8_t>(1 + random_.below(kAddresses))};
    return IpAddress::v4(octets);
  }
  ZoneId some_zone() { return 1 + static_cast<ZoneId>(random_.below(kZones)); }
  template <typename Map>
  auto some_of(Map& map) {
    auto at = map.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.below(map.size())));
    return at;
  }

  void step(Timestamp::duration time) {
    now_ += time;
    for (auto& [id, key] : keys_)
      std::erase_if(key.secrets, [&](SecretId secret) { return secrets_[secret].ends <= now_; });
    if (chance(50)) deliver();
    subject_.pass(now_);
  }

  // What engines saw comes to the store late, when other things may have been said meanwhile.
  void deliver() {
    for (const Fetch& fetch : late_) subject_.fetched(fetch.from, fetch.zone, fetch.secret, fetch.at);
    late_.clear();
  }

  void act() {
    std::uint64_t dice = random_.below(100);
    if (dice < 8) return add_server();
    if (dice < 14) return edit_server();
    if (dice < 19) return toggle();
    if (dice < 21) return delete_server();
    if (dice < 25) return add_key();
    if (dice < 29) return rotate();
    if (dice < 30) return end_rotation();
    if (dice < 31) return delete_key();
    if (dice < 52) return fetch_as_owner();
    if (dice < 60) return fetch_as_stranger();
    if (dice < 63) return ask_soa();
    if (dice < 66) return step(Seconds(86'400 * (1 + random_.below(25))));
    for (unsigned i = chance(10) ? 12 : 1; i > 0; --i) publish(some_zone());
  }

  // ---- owners

  ServerDraft some_draft(AccountId account) {
    ServerDraft out;
    out.label = "server";
    std::vector<KeyId> own;
    for (const auto& [id, key] : keys_)
      if (key.account == account) own.push_back(id);
    if (!own.empty() && chance(60)) out.key = own[random_.below(own.size())];
    std::set<Address> addresses;
    for (std::uint64_t left = 1 + random_.below(2); left > 0; --left)
      addresses.insert({some_address(), out.key && chance(20) ? std::uint16_t{5300} : kDnsPort});
    out.addresses.assign(addresses.begin(), addresses.end());
    for (ZoneId zone = 1; zone <= kZones; ++zone)
      if (zone == 1 || chance(40)) out.zones.push_back({zone, NotifyPolicy::always});
    return out;
  }

  void add_server() {
    AccountId account = 1 + static_cast<AccountId>(random_.below(kAccounts));
    ServerDraft draft = some_draft(account);
    auto id = subject_.add_server(account, draft);
    if (!id) return fault("a server was not taken: " + id.error().what);
    servers_[*id] = {account, true, draft, {}};
    note_claims(servers_[*id], true);
  }
  // Claims that were there stay as old as they are, unless all begin anew.
  void note_claims(Server& server, bool anew) {
    auto before = std::exchange(server.since, {});
    for (const Address& address : server.draft.addresses)
      for (const auto& zone : server.draft.zones) {
        auto same = before.find({address, zone.zone});
        server.since[{address, zone.zone}] = anew || same == before.end() ? now_ : same->second;
      }
  }
  void edit_server() {
    if (servers_.empty()) return;
    auto at = some_of(servers_);
    Server& server = at->second;
    ServerDraft draft = chance(30) ? server.draft : some_draft(server.account);
    if (chance(30)) draft.addresses = server.draft.addresses;
    for (Address& address : draft.addresses)
      if (!draft.key) address.port = kDnsPort;
    std::ranges::sort(draft.addresses);
    auto twin = std::ranges::unique(draft.addresses);
    draft.addresses.erase(twin.begin(), twin.end());
    bool other_key = draft.key != server.draft.key;
    if (auto done = subject_.edit_server(server.account, at->first, draft); !done)
      return fault("an edit was not taken: " + done.error().what);
    server.draft = draft;
    note_claims(server, other_key);
  }
  void toggle() {
    if (servers_.empty()) return;
    auto at = some_of(servers_);
    at->second.enabled = !at->second.enabled;
    if (!subject_.enable(at->second.account, at->first, at->second.enabled)) fault("a toggle was not taken");
  }
  void delete_server() {
    if (servers_.empty()) return;
    auto at = some_of(servers_);
    if (!subject_.delete_server(at->second.account, at->first)) fault("a server was not deleted");
    servers_.erase(at);
  }
  void add_key() {
    AccountId account = 1 + static_cast<AccountId>(random_.below(kAccounts));
    KeyId id = subject_.add_key(account);
    keys_[id] = {account, {}};
    note_secret(id);
  }
  void note_secret(KeyId key) {
    SecretId secret = subject_.newest_secret(key);
    keys_[key].secrets.push_back(secret);
    secrets_[secret].key = key;
  }
  void rotate() {
    if (keys_.empty()) return;
    auto at = some_of(keys_);
    Key& key = at->second;
    Timestamp ends = now_ + Seconds(3600 * (1 + random_.below(100)));
    bool allowed = key.secrets.size() == 1;
    if (subject_.rotate(key.account, at->first, ends).has_value() != allowed)
      return fault("a rotation went otherwise");
    if (!allowed) return;
    secrets_[key.secrets.back()].ends = ends;
    note_secret(at->first);
  }
  void end_rotation() {
    if (keys_.empty()) return;
    auto at = some_of(keys_);
    Key& key = at->second;
    bool allowed = key.secrets.size() == 2;
    if (subject_.end_rotation(key.account, at->first).has_value() != allowed)
      return fault("the end of a rotation went otherwise");
    if (!allowed) return;
    secrets_[key.secrets.front()].ends = now_;
    key.secrets.erase(key.secrets.begin());
  }
  void delete_key() {
    if (keys_.empty()) return;
    auto at = some_of(keys_);
    bool used =
        std::ranges::any_of(servers_, [&](const auto& one) { return one.second.draft.key == at->first; });
    if (subject_.delete_key(at->second.account, at->first).has_value() == used)
      return fault("the deletion of a key went otherwise");
    if (used) return;
    for (SecretId secret : at->second.secrets) secrets_[secret].ends = now_;
    keys_.erase(at);
  }

  // ---- those who fetch

  void note_fetch(const IpAddress& from, ZoneId zone, SecretId secret) {
    Place& place = places_[{from, zone, secret}];
    place.fetched.push_back(now_);
    place.seen = now_;
    place.unanswered.clear();
    // A transfer with either secret of a key lifts a pause.
    if (secret != 0)
      for (SecretId other : keys_[secrets_[secret].key].secrets)
        places_[{from, zone, other}].unanswered.clear();
    late_.push_back({from, zone, secret, now_});
    if (chance(70)) deliver();
  }
  SecretId some_secret_of(KeyId key) {
    const auto& secrets = keys_[key].secrets;
    return secrets[random_.below(secrets.size())];
  }
  void fetch_as_owner() {
    if (servers_.empty()) return;
    const Server& server = some_of(servers_)->second;
    const Address& address = server.draft.addresses[random_.below(server.draft.addresses.size())];
    const auto& zones = server.draft.zones;
    note_fetch(address.ip, zones[random_.below(zones.size())].zone,
               server.draft.key ? some_secret_of(*server.draft.key) : 0);
  }
  void fetch_as_stranger() {
    SecretId secret = 0;
    if (!keys_.empty() && chance(60)) secret = some_secret_of(some_of(keys_)->first);
    note_fetch(some_address(), some_zone(), secret);
  }
  void ask_soa() {
    SecretId secret = 0;
    if (!keys_.empty() && chance(50)) secret = some_secret_of(some_of(keys_)->first);
    IpAddress from = some_address();
    ZoneId zone = some_zone();
    // The oracle takes a question for any of the key's secrets.
    if (secret == 0)
      places_[{from, zone, 0}].seen = now_;
    else
      for (SecretId one : keys_[secrets_[secret].key].secrets) places_[{from, zone, one}].seen = now_;
    subject_.asked_soa(from, zone, secret, now_);
  }

  // ---- the portal's messages

  void publish(ZoneId zone) {
    step(Seconds(60));
    deliver();
    std::vector<Message> sent = subject_.publish(zone, now_);
    counts_.messages += sent.size();
    std::set<Address> reached;
    for (const Message& message : sent) {
      if (!reached.insert(message.to).second) fault("two messages to one place: " + message.to.print());
      if (message.zone != zone) fault("a message about another zone");
      if (const char* wrong = judge(message)) fault(message.to.print() + ": " + wrong);
    }
    look_for_missed(zone, reached);
    step(Seconds(330));
    for (const Message& message : sent) note_outcome(message, !chance(deaf(message.to.ip) ? 95 : 20));
  }
  bool deaf(const IpAddress& ip) const { return (ip.octets()[3] + seed_) % kAddresses == 0; }

  void note_outcome(const Message& message, bool answered) {
    unsigned& unanswered = places_[{message.to.ip, message.zone, message.secret}].unanswered[message.to.port];
    unanswered = answered ? 0 : unanswered + 1;
    subject_.outcome(message, answered, now_ - Seconds(330));
  }

  bool has_fetched(const Spot& spot, Timestamp since) const {
    auto place = places_.find(spot);
    return place != places_.end() &&
           std::ranges::any_of(place->second.fetched, [&](Timestamp at) { return at >= since; });
  }
  // Why a message may not be sent; null if it may.
  const char* judge(const Message& message) {
    if (message.secret != 0 && secrets_[message.secret].ends <= now_)
      return "signed with a secret that has ended";
    Spot spot{message.to.ip, message.zone, message.secret};
    const char* wrong = "nobody has registered it";
    for (const auto& [id, server] : servers_) {
      auto since = server.since.find({message.to, message.zone});
      if (since == server.since.end()) continue;
      if (server.draft.key.value_or(0) != (message.secret ? secrets_[message.secret].key : 0)) continue;
      wrong = "its owner has disabled it";
      if (!server.enabled) continue;
      wrong = "it was not proven";
      if (has_fetched(spot, since->second)) {
        wrong = nullptr;
        break;
      }
    }
    if (wrong) return wrong;
    if (now_ - places_[spot].seen > PortalRules().longest_silence) return "it was silent for too long";
    if (places_[spot].unanswered[message.to.port] >= kMostUnanswered) return "it never answers";
    return nullptr;
  }
  // Who has fetched after all that could be held against it is told, itself or another one at its place.
  void look_for_missed(ZoneId zone, const std::set<Address>& reached) {
    for (const auto& [id, server] : servers_) {
      if (!server.enabled) continue;
      for (const auto& [claim, since] : server.since) {
        const Address& address = claim.first;
        if (claim.second != zone) continue;
        SecretId secret = server.draft.key ? keys_[*server.draft.key].secrets.back() : 0;
        auto place = places_.find(Spot{address.ip, zone, secret});
        if (place == places_.end() || place->second.fetched.empty()) continue;
        bool fresh = place->second.fetched.back() >= now_ - Seconds(661);  // as the last action
        if (!fresh || place->second.fetched.back() < since || reached.contains(address)) continue;
        ++counts_.missed;
        fault(address.print() + ": has fetched and is not told");
      }
    }
  }

  void fault(const std::string& what) {
    ++counts_.wrong;
    if (counts_.first_fault.empty()) counts_.first_fault = "history " + std::to_string(seed_) + ": " + what;
  }

  std::uint64_t seed_;
  Splitmix random_;
  HistorySubject& subject_;
  Counts& counts_;
  Timestamp now_{Seconds(1'800'000'000)};
  std::map<ServerId, Server> servers_;
  std::map<KeyId, Key> keys_;
  std::map<SecretId, Secret> secrets_;
  std::map<Spot, Place> places_;
  std::vector<Fetch> late_;
};

/// The policy with nothing around it: a registry in memory.
class PolicySubject final : public HistorySubject {
 public:
  KeyId add_key(AccountId) override {
    KeyId id = ++last_;
    keys_[id].push_back({++last_, Timestamp::max()});
    return id;
  }
  SecretId newest_secret(KeyId key) override { return keys_[key].back().id; }
  Result<void> rotate(AccountId, KeyId key, Timestamp ends) override {
    if (keys_[key].size() > 1) return fail(ErrorKind::conflict, "a rotation is under way");
    keys_[key].back().ends = ends;
    keys_[key].push_back({++last_, Timestamp::max()});
    return {};
  }
  Result<void> end_rotation(AccountId, KeyId key) override {
    if (keys_[key].size() < 2) return fail(ErrorKind::conflict, "no rotation is under way");
    end_first(keys_[key]);
    return {};
  }
  Result<void> delete_key(AccountId, KeyId key) override {
    for (const Target& target : targets_)
      if (target.claim.key == key) return fail(ErrorKind::conflict, "it is used");
    keys_.erase(key);
    return {};
  }
  Result<ServerId> add_server(AccountId, const ServerDraft& draft) override {
    ServerId id = ++last_;
    enabled_[id] = true;
    for (const Address& address : draft.addresses)
      for (const auto& zone : draft.zones) add(id, address, zone.zone, draft.key);
    return id;
  }
  Result<void> edit_server(AccountId, ServerId server, const ServerDraft& draft) override {
    std::vector<Target> before;
    for (auto at = targets_.begin(); at != targets_.end();)
      if (at->server == server)
        before.push_back(*at), at = targets_.erase(at);
      else
        ++at;
    for (const Address& address : draft.addresses)
      for (const auto& zone : draft.zones) {
        auto same = std::ranges::find_if(before, [&](const Target& one) {
          return Address{one.claim.ip, one.claim.port} == address && one.claim.zone == zone.zone;
        });
        if (same == before.end()) {
          add(server, address, zone.zone, draft.key);
        } else {
          if (same->claim.key != draft.key) note_change(same->state, now_);
          same->claim.key = draft.key;
          targets_.push_back(*same);
        }
      }
    return {};
  }
  Result<void> enable(AccountId, ServerId server, bool enabled) override {
    enabled_[server] = enabled;
    for (Target& target : targets_)
      if (target.server == server) target.state.enabled = enabled;
    return {};
  }
  Result<void> delete_server(AccountId, ServerId server) override {
    std::erase_if(targets_, [&](const Target& target) { return target.server == server; });
    return {};
  }
  void fetched(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp at) override {
    for (Target& target : targets_) note_transfer(target.state, target.claim, asking(from, zone, secret, at));
  }
  void asked_soa(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp at) override {
    for (Target& target : targets_) note_question(target.state, target.claim, asking(from, zone, secret, at));
  }
  std::vector<Message> publish(ZoneId zone, Timestamp now) override {
    std::map<Address, std::pair<Precedence, Message>> chosen;
    for (const Target& target : targets_) {
      if (target.claim.zone != zone || !may_be_told(target.state, now, {})) continue;
      Address to{target.claim.ip, target.claim.port};
      std::pair one{precedence(target.state, target.claim, target.id),
                    Message{to, zone, target.state.proof->secret, target.id}};
      auto [at, is_new] = chosen.try_emplace(to, one);
      if (!is_new && one.first < at->second.first) at->second = one;
    }
    std::vector<Message> out;
    for (const auto& [to, one] : chosen) out.push_back(one.second);
    return out;
  }
  void outcome(const Message& message, bool answered, Timestamp told_at) override {
    for (Target& target : targets_) {
      if (Address{target.claim.ip, target.claim.port} != message.to || target.claim.zone != message.zone ||
          target.claim.key != key_of(message.secret))
        continue;
      if (answered)
        note_answered(target.state, told_at);
      else
        note_unanswered(target.state, told_at, {});
    }
  }
  void pass(Timestamp now) override {
    now_ = now;
    for (auto& [id, key] : keys_)
      if (key.size() > 1 && key.front().ends <= now) end_first(key);
    bool looks = now.time_since_epoch().count() % 3'000'000 == 0;  // not each time
    for (Target& target : targets_)
      if (looks) note_time(target.state, now, {});
  }

 private:
  struct Secret {
    SecretId id;
    Timestamp ends;
  };
  struct Target {
    TargetId id;
    ServerId server;
    Claim claim;
    TargetState state;
  };

  void add(ServerId server, const Address& address, ZoneId zone, std::optional<KeyId> key) {
    targets_.push_back({++last_,
                        server,
                        {address.ip, address.port, zone, key},
                        {.enabled = enabled_[server], .since = now_}});
  }
  void end_first(std::vector<Secret>& key) {
    for (Target& target : targets_) note_end_of_secret(target.state, key.front().id);
    key.erase(key.begin());
  }
  Asking asking(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp at) const {
    KeyId key = key_of(secret).value_or(0);
    return {from, zone, secret != 0, key, key ? secret : 0, at};
  }
  std::optional<KeyId> key_of(SecretId secret) const {
    for (const auto& [id, key] : keys_)
      for (const Secret& one : key)
        if (one.id == secret) return id;
    return std::nullopt;
  }

  std::int64_t last_ = 0;
  Timestamp now_{};
  std::map<KeyId, std::vector<Secret>> keys_;
  std::map<ServerId, bool> enabled_;
  std::vector<Target> targets_;
};

inline History::Counts run_policy_histories(std::uint64_t first_seed, std::uint64_t count, unsigned actions) {
  History::Counts counts;
  for (std::uint64_t i = 0; i < count; ++i) {
    PolicySubject subject;
    History(first_seed + i, subject, counts).run(actions);
  }
  return counts;
}

}  // namespace zw::localroot::portal
