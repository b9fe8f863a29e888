#include "localroot/portal/advice.h"

#include <fmt/format.h>

namespace zw::localroot::portal {
namespace {

bool has_downloaded(const PortalTarget& target) {
  return target.facts.transport == Transport::https && target.facts.fetched_at;
}

Advice of_unproven(const PortalTarget& target, bool has_key, Timestamp now) {
  std::string from = target.address.ip.print();
  if (is_downloading(target, now))
    return {false, "It fetches over HTTPS: it is told of nothing, and looks for new versions by itself.", ""};
  if (has_downloaded(target))
    return {true, fmt::format("Nothing was fetched over HTTPS to {} for more than two days.", from),
            "See that its software runs, and has the URL that the server has now: each new one ends the one "
            "before."};
  if (!target.facts.refusal.empty())
    return {
        true, fmt::format("A transfer to {} was refused: {}.", from, target.facts.refusal),
        has_key
            ? "Let the server sign by the key that is registered for it; compare name, algorithm and secret."
            : "Register the server with the key that it signs by, or let it ask unsigned."};
  return {true, fmt::format("Nothing is told to {} before it has fetched the zone itself.", from),
          fmt::format(
              "Let the server fetch the zone from here{}. If it has, it came from another address than {}.",
              has_key ? ", signed by its key" : "", from)};
}

Advice of_paused(const PortalTarget& target) {
  if (target.state.pause == Pause::silence)
    return {true, "Nothing was asked for from this address for a long time, so it is told of nothing.",
            "Let the server fetch the zone once; it is told again from then on."};
  return {
      true,
      fmt::format("{} versions on end were told and not answered, so it is told of nothing.",
                  target.state.unanswered),
      fmt::format("See that NOTIFY to UDP port {} comes through, then let the server fetch the zone once.",
                  target.address.port)};
}

Advice of_fault(NotifyFault fault, const PortalTarget& target) {
  std::string what = fmt::format("The last NOTIFY was not answered: {}.", print(fault));
  switch (fault) {
    case NotifyFault::badkey:
      return {true, what, "Register the key in the server's configuration, and allow NOTIFY by it."};
    case NotifyFault::badsig:
      return {true, what, "Compare algorithm and secret of the key with what is shown here."};
    case NotifyFault::badtime: return {true, what, "Set the server's clock; five minutes are borne."};
    case NotifyFault::unsigned_:
      return {true, what, "Let the server allow NOTIFY by its key, so that it signs what it answers."};
    default:
      return {true, what,
              fmt::format(
                  "See that NOTIFY to UDP port {} comes through a firewall, and that the server allows it.",
                  target.address.port)};
  }
}

}  // namespace

bool is_downloading(const PortalTarget& target, Timestamp now) {
  return !target.state.proof && has_downloaded(target) && now - *target.facts.fetched_at <= kDownloadSilence;
}

Advice advise(const PortalTarget& target, bool has_key, Timestamp now) {
  switch (target.state.phase()) {
    case Phase::disabled: return {false, "It is disabled.", ""};
    case Phase::unproven: return of_unproven(target, has_key, now);
    case Phase::paused: return of_paused(target);
    case Phase::active: break;
  }
  const auto& outcome = target.facts.outcome;
  if (outcome && !outcome->answered) return of_fault(outcome->fault, target);
  if (outcome && outcome->rcode != Rcode::NOERROR)
    return {true, fmt::format("The server answered NOTIFY by {}.", print(outcome->rcode)),
            "Let it take the zone from here as a secondary, and allow NOTIFY from our address."};
  if (target.facts.lacks_since && now - *target.facts.lacks_since > kLagBorne)
    return {true, "The server was told of a newer version and has not fetched it.",
            "Look into its log for the transfer that failed."};
  return {false, "It is told of new versions.", ""};
}

}  // namespace zw::localroot::portal
