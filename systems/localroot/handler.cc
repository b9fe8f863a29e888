#include "localroot/handler.h"

namespace zw::localroot {
namespace {

// Of a signature that is not good, for its owner.
std::string_view in_words(TsigStatus status) {
  switch (status) {
    case TsigStatus::badkey: return "there is no key of this name and algorithm here";
    case TsigStatus::badsig: return "the signature is wrong, so the secret is another one";
    case TsigStatus::badtime: return "the clocks are too far apart";
    case TsigStatus::badtrunc: return "the signature is cut too short";
    default: return "the signature cannot be read";
  }
}

}  // namespace

struct ZoneHandler::Asked {
  const Peer& peer;
  Request request;
  TsigRequest tsig;
  std::optional<TsigStreamSigner> signer;
  WallTime now;
  TcpReply* reply = nullptr;  // over TCP
  ResponseSubject subject = {};
  bool is_known = false;  // by a signature or a cookie: its address is not forged

  Transport transport() const { return peer.transport; }
  std::optional<NameView> key() const {
    return tsig.status == TsigStatus::good ? std::optional(tsig.key->name()) : std::nullopt;
  }
  std::size_t reserve() const { return signer ? signer->space() : 0; }
  Arrival arrival() const {
    Arrival out;
    out.address = peer.address.ip.octets();
    out.transport = peer.transport;
    out.now = now;
    out.reserve = reserve();
    return out;
  }
  std::size_t sign(MutableBytes out, std::size_t size) {
    return size > 0 && signer ? signer->sign(out, size, now) : size;
  }
};

ZoneHandler::ZoneHandler(const Clock& clock, const Tidings& tidings, HandlerCounters counters)
    : clock_(clock),
      tidings_(tidings),
      counters_(counters),
      transfers_(
          clock, responder_, writer_, [this](const TransferAnswered& answered) { count_transfer(answered); },
          [this](const NotifyAnswered& answered) { count_notify(answered); }),
      room_(kMaxMessage) {
  take(std::make_shared<const Snapshot>(Snapshot{{}, {}, std::make_shared<const Rules>()}));
}

void ZoneHandler::take(SnapshotPtr snapshot) {
  snapshot_ = std::move(snapshot);
  options_ = snapshot_->rules->options;
  const Rules& rules = *snapshot_->rules;
  if (!limiter_ || limiter_->limits() != rules.rate_limits)
    limiter_.emplace(rules.rate_limits, rules.rate_secret);
}

std::size_t ZoneHandler::udp(Bytes query, const Peer& peer, MutableBytes out) {
  Asked asked{peer, Request::read(query), {}, {}, clock_.wall()};
  std::size_t size = answer(asked, out);
  if (size > 0 && !asked.is_known) size = limit(asked, size, out);
  count(out.first(size));
  return size;
}

// RFC 7873 §5.4 and the TSIG of who shares a key say whose address it is; of all others it may be a victim's.
std::size_t ZoneHandler::limit(Asked& asked, std::size_t size, MutableBytes out) {
  const IpAddress& client = asked.peer.address.ip;
  auto ruling = limiter_->decide(client, asked.subject, clock_.steady());
  if (ruling.fate == RateLimiter::Fate::send) return size;
  if (ruling.begins && tidings_.limited) tidings_.limited(limiter_->network_of(client), ruling.because);
  size = 0;
  if (ruling.fate == RateLimiter::Fate::truncate)
    size = responder_.truncate(options_, asked.request, asked.arrival(), out);
  (size > 0 ? counters_.limited_truncated : counters_.limited_dropped).add();
  return size;
}

void ZoneHandler::tcp(Bytes query, const Peer& peer, TcpReply& reply) {
  Asked asked{peer, Request::read(query), {}, {}, clock_.wall(), &reply};
  options_.keepalive.reset();
  if (asked.request.edns() && asked.request.edns()->has(OptionCode::TCP_KEEPALIVE))
    options_.keepalive = std::chrono::duration_cast<KeepaliveTime>(reply.keep_alive());
  std::size_t size = answer(asked, room_);
  count(Bytes(room_).first(size));
  if (size > 0) reply.send(Bytes(room_).first(size));
}

void ZoneHandler::tls_failed(const Peer& peer, std::string_view reason) {
  if (tidings_.tls_failed) tidings_.tls_failed(peer.address, reason);
}

void ZoneHandler::count(Bytes answer) {
  if (answer.size() < 4) return counters_.dropped.add();
  std::size_t rcode = answer[3] & 15u;
  (rcode < counters_.answers.size() ? counters_.answers[rcode] : counters_.other_answers).add();
}

std::size_t ZoneHandler::answer(Asked& asked, MutableBytes out) {
  const Request& request = asked.request;
  if (request.kind() == RequestKind::ignore) return 0;
  if (request.has_tsig()) {
    verify(asked);
    if (asked.tsig.wants_signer()) {
      auto signer = TsigStreamSigner::make(asked.tsig);
      if (!signer) return decline(asked, Rcode::SERVFAIL, {}, out);
      asked.signer = std::move(*signer);
    }
    if (asked.tsig.status != TsigStatus::good) {
      counters_.bad_signatures.add();
      if (request.kind() == RequestKind::transfer && tidings_.asked)
        tidings_.asked(request.question()->name, asked.peer, {}, in_words(asked.tsig.status));
      return decline(asked, asked.tsig.rcode(), {}, out);
    }
    asked.is_known = true;
  }
  if (request.kind() == RequestKind::transfer || request.kind() == RequestKind::notify)
    return answer_transfer(asked, out);
  if (!may_ask(asked)) return decline(asked, Rcode::REFUSED, EdeCode::prohibited, out);
  tell_of_question(asked);
  Arrival arrival = asked.arrival();
  std::size_t size = responder_.answer(snapshot_->zones, options_, request, arrival, out);
  asked.subject = responder_.subject();
  CookieVerdict cookie = responder_.cookie();
  asked.is_known |= cookie == CookieVerdict::good || cookie == CookieVerdict::renewal;
  return asked.sign(out, size);
}

// Keys of the configuration come first, so that nobody can register one in their place.
void ZoneHandler::verify(Asked& asked) const {
  const MessageView& message = *asked.request.message();
  asked.tsig = verify_request(message, snapshot_->rules->keys, asked.now);
  if (asked.tsig.status != TsigStatus::badkey || !snapshot_->portal) return;
  const TsigKeyring& ring = snapshot_->portal->keys.ring_for(asked.tsig.key_name);
  asked.tsig = verify_request(message, ring, asked.now);
}

// That it asks whether there is something new shows that a subscriber lives (portal/policy.h).
void ZoneHandler::tell_of_question(const Asked& asked) const {
  const auto& question = asked.request.question();
  if (!snapshot_->portal || !question || question->type != RrType::SOA || !tidings_.asked) return;
  if (snapshot_->portal->may_fetch(question->name, asked.peer.address.ip, asked.key()))
    tidings_.asked(question->name, asked.peer, asked.key(), {});
}

// A catalog tells of all zones that a fleet keeps: who may not fetch it may not ask about it (RFC 9432 §7).
bool ZoneHandler::may_ask(const Asked& asked) const {
  const Rules& rules = *snapshot_->rules;
  if (rules.catalogs.empty() || !asked.request.question()) return true;
  const ServedZone* served = snapshot_->zones.find(asked.request.question()->name);
  for (std::size_t at : rules.catalogs)
    if (const ZoneAccess& catalog = rules.zones[at]; served && served->origin() == catalog.origin.view())
      return catalog.transfer.decide({asked.peer.address.ip, asked.key(), asked.peer.tls}) == Access::granted;
  return true;
}

std::size_t ZoneHandler::decline(Asked& asked, Rcode rcode, std::optional<EdeCode> ede, MutableBytes out) {
  Arrival arrival = asked.arrival();
  return asked.sign(out, responder_.decline(options_, asked.request, arrival, rcode, ede, out));
}

std::size_t ZoneHandler::answer_transfer(Asked& asked, MutableBytes out) {
  NameView name = asked.request.question()->name;
  const ZoneAccess* access = snapshot_->rules->find(name);
  TransferRequest transfer{asked.request, asked.peer, asked.key(), &asked.signer, asked.now};
  transfer.zone = snapshot_->zones.find_origin(name);
  if (transfer.zone) transfer.rendered = snapshot_->rendered_of(*transfer.zone);
  transfer.may_transfer = access ? &access->transfer : nullptr;
  bool in_clear = access && access->is_tls_only() && !asked.peer.tls;
  transfer.is_granted = !in_clear && snapshot_->portal &&
                        snapshot_->portal->may_fetch(name, asked.peer.address.ip, asked.key());
  transfer.may_notify = access ? &access->notify : nullptr;
  transfer.keep = snapshot_;  // it holds the keys
  return transfers_.answer(transfer, options_, out, asked.reply);
}

void ZoneHandler::count_transfer(const TransferAnswered& answered) {
  if (answered.decision.form == TransferForm::error) counters_.transfers_refused.add();
  if (answered.sent.whole) counters_.given(answered).add();
  tidings_.transfer(answered);
}

void ZoneHandler::count_notify(const NotifyAnswered& answered) {
  (answered.decision.rcode == Rcode::NOERROR ? counters_.notifies : counters_.notifies_refused).add();
  if (answered.decision.refresh) tidings_.notified(answered.zone, answered.sender);
}

}  // namespace zw::localroot
