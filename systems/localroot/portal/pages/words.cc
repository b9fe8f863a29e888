#include "localroot/portal/pages/words.h"

#include <fmt/format.h>

#include "localroot/portal/advice.h"

namespace zw::localroot::portal {

std::string print_count(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string print_span(Seconds span) {
  std::int64_t seconds = std::max<std::int64_t>(span.count(), 0);
  if (seconds < 60) return print_count(seconds, "second", "seconds");
  if (seconds < 3'600) return print_count(seconds / 60, "minute", "minutes");
  if (seconds < 2 * 86'400) return print_count(seconds / 3'600, "hour", "hours");
  return print_count(seconds / 86'400, "day", "days");
}

std::string print_moment(Timestamp when) {
  std::string text = print_time(std::chrono::floor<Seconds>(when));
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::string print_past(Timestamp when, Timestamp now) {
  auto ago = std::chrono::floor<Seconds>(now - when);
  if (ago < Seconds(10)) return fmt::format("just now, {}", print_moment(when));
  return fmt::format("{} ago, {}", print_span(ago), print_moment(when));
}

std::string print_octets(std::uint64_t octets) {
  auto value = static_cast<double>(octets);
  if (octets < 1'000) return fmt::format("{} octets", octets);
  if (octets < 1'000'000) return fmt::format("{:.0f} kB", value / 1e3);
  if (octets < 1'000'000'000) return fmt::format("{:.1f} MB", value / 1e6);
  return fmt::format("{:.1f} GB", value / 1e9);
}

std::string print_zone(NameView name) {
  if (name.is_root()) return "the root zone";
  std::string out = print(name);
  out.pop_back();
  return out;
}

std::string print_address(const Address& address) {
  return address.port == kDnsPort ? address.ip.print() : address.print();
}

std::string_view words_of(NotifyPolicy policy) {
  switch (policy) {
    case NotifyPolicy::always: return "of every version";
    case NotifyPolicy::change: return "when data changed, not only signatures";
    case NotifyPolicy::deadline: return "when a third of the life of its signatures is over";
    case NotifyPolicy::change_or_deadline: return "when data changed, or a third of the life is over";
    case NotifyPolicy::security: return "at once when keys changed, else as a third of the life is over";
  }
  return "?";
}

std::string_view words_of(Transport transport) {
  switch (transport) {
    case Transport::udp: return "UDP";
    case Transport::tcp: return "TCP";
    case Transport::tls: return "TLS";
    case Transport::https: return "HTTPS";
  }
  return "?";
}

std::string words_of(const Outcome& outcome) {
  if (!outcome.answered) return fmt::format("not answered: {}", print(outcome.fault));
  if (outcome.rcode == Rcode::NOERROR) return fmt::format("taken after {} ms", outcome.round_trip);
  return fmt::format("answered by {} after {} ms", print(outcome.rcode), outcome.round_trip);
}

Tag tag_of(Phase phase) {
  switch (phase) {
    case Phase::unproven: return {"wait", "waits for a transfer"};
    case Phase::active: return {"good", "active"};
    case Phase::paused: return {"bad", "paused"};
    case Phase::disabled: return {"", "disabled"};
  }
  return {"", "?"};
}

namespace {
const Tag kDownloading{"good", "fetches over HTTPS"};
}  // namespace

Tag tag_of(const PortalTarget& target, Timestamp now) {
  bool downloads = target.state.enabled && is_downloading(target, now);
  return downloads ? kDownloading : tag_of(target.state.phase());
}

Tag tag_of(const ServerSummary& server) {
  if (!server.enabled) return tag_of(Phase::disabled);
  if (server.targets == 0) return {"wait", "no zone chosen"};
  auto part = [&](std::int64_t count, const Tag& tag) {
    return count == server.targets
               ? tag
               : Tag{tag.look, fmt::format("{} of {} {}", count, server.targets, tag.words)};
  };
  if (server.paused > 0) return part(server.paused, tag_of(Phase::paused));
  if (server.active == server.targets) return tag_of(Phase::active);
  if (server.active + server.downloading == server.targets) return part(server.downloading, kDownloading);
  if (server.active > 0) return {"wait", fmt::format("{} of {} active", server.active, server.targets)};
  return tag_of(Phase::unproven);
}

ServerSummary summary_of(const PortalServer& server, Timestamp now) {
  ServerSummary out{server.id, server.draft.label, server.draft.addresses, server.draft.key, server.enabled};
  for (const PortalTarget& target : server.targets) {
    TargetState state = target.state;
    state.enabled = true;
    ++out.targets;
    out.active += state.phase() == Phase::active;
    out.paused += state.phase() == Phase::paused;
    out.downloading += is_downloading(target, now);
  }
  return out;
}

void add_tag(PageData& data, const Tag& tag) { data.text("look", tag.look).text("state", tag.words); }

std::string fresh_word(const PortalServer& server) {
  std::string all =
      fmt::format("{} {} {}", server.id, server.enabled, server.download ? server.download->id : 0);
  auto ticks = [](const std::optional<Timestamp>& at) { return at ? at->time_since_epoch().count() : 0; };
  for (const PortalTarget& target : server.targets) {
    const TargetFacts& facts = target.facts;
    all += fmt::format(" {} {} {} {} {} {}", target.id, print(target.state.phase()),
                       facts.held ? facts.held->value() : 0, ticks(facts.told_at), ticks(facts.fetched_at),
                       ticks(facts.refused_at));
  }
  return fmt::format("{:x}", std::hash<std::string>()(all));
}

PageData option(std::string value, std::string words, bool is_chosen) {
  PageData out;
  out.text("value", std::move(value)).text("words", std::move(words)).flag("is_chosen", is_chosen);
  return out;
}

}  // namespace zw::localroot::portal
