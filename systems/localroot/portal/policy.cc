#include "localroot/portal/policy.h"

#include <algorithm>

#include "format/unicode.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kMostLabelCharacters = 64;
constexpr std::uint16_t kFirstFreePort = 1024;

void pause(TargetState& state, Pause why) {
  if (state.pause == Pause::none) state.pause = why;
}

}  // namespace

std::string_view print(Phase phase) {
  switch (phase) {
    case Phase::unproven: return "unproven";
    case Phase::active: return "active";
    case Phase::paused: return "paused";
    case Phase::disabled: return "disabled";
  }
  return "?";
}

Phase TargetState::phase() const {
  if (!enabled) return Phase::disabled;
  if (!proof) return Phase::unproven;
  return pause == Pause::none ? Phase::active : Phase::paused;
}

bool fits(const Claim& claim, const Asking& asking) {
  if (claim.ip != asking.from || claim.zone != asking.zone) return false;
  return claim.key ? asking.key == *claim.key : !asking.is_signed;
}

void note_transfer(TargetState& state, const Claim& claim, const Asking& transfer) {
  if (!fits(claim, transfer) || transfer.at < state.since) return;
  if (state.proof && transfer.at <= state.proof->at) return;  // it comes late
  state.proof = Proof{transfer.secret, transfer.at};
  state.seen = std::max(state.seen, transfer.at);
  state.unanswered = 0;
  state.pause = Pause::none;
}

void note_question(TargetState& state, const Claim& claim, const Asking& question) {
  if (state.proof && fits(claim, question)) state.seen = std::max(state.seen, question.at);
}

// What was told before the last transfer says nothing of who is there now.
void note_answered(TargetState& state, Timestamp told_at) {
  if (state.proof && told_at >= state.proof->at) state.unanswered = 0;
}

void note_unanswered(TargetState& state, Timestamp told_at, const PortalRules& rules) {
  if (!state.proof || told_at < state.proof->at) return;
  if (state.unanswered < rules.most_unanswered) ++state.unanswered;
  if (state.unanswered >= rules.most_unanswered) pause(state, Pause::unanswered);
}

void note_change(TargetState& state, Timestamp now) { state = {.enabled = state.enabled, .since = now}; }

void note_end_of_secret(TargetState& state, SecretId secret) {
  if (state.proof && state.proof->secret == secret) note_change(state, state.since);
}

void note_time(TargetState& state, Timestamp now, const PortalRules& rules) {
  if (state.proof && now - state.seen > rules.longest_silence) pause(state, Pause::silence);
}

bool may_be_told(const TargetState& state, Timestamp now, const PortalRules& rules) {
  return state.phase() == Phase::active && now - state.seen <= rules.longest_silence;
}

Precedence precedence(const TargetState& state, const Claim& claim, TargetId target) {
  return {state.unanswered > 0, !claim.key, target};
}

Result<std::string> check_label(std::string_view text) { return parse_label(text, kMostLabelCharacters); }

Result<void> check_address(const Address& address, bool has_key, bool allow_loopback) {
  static const Network kLocal[] = {*Network::parse("0.0.0.0/8"), *Network::parse("169.254.0.0/16"),
                                   *Network::parse("240.0.0.0/4"), *Network::parse("fe80::/10")};
  const IpAddress& ip = address.ip;
  bool is_local = std::ranges::any_of(kLocal, [&](const Network& network) { return network.contains(ip); });
  if (ip.is_any() || ip.is_multicast() || is_local || (ip.is_loopback() && !allow_loopback))
    return fail(ErrorKind::refused,
                "address {}: nobody can be told there; give the address that the server "
                "asks us from",
                ip.print());
  if (address.port == kDnsPort) return {};
  if (!has_key && !ip.is_loopback())
    return fail(ErrorKind::refused,
                "address {}: without a key the port has to be {}; give the server a key, "
                "or leave the port out",
                address.print(), kDnsPort);
  if (address.port < kFirstFreePort)
    return fail(ErrorKind::refused, "address {}: expected port {}, or {} and above", address.print(),
                kDnsPort, kFirstFreePort);
  return {};
}

}  // namespace zw::localroot::portal
