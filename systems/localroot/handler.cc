#include "localroot/handler.h"

#include "transfer/transfer_decision.h"

namespace zw::localroot {

struct ZoneHandler::Asked {
  const Peer& peer;
  Request request;
  TsigRequest tsig;
  std::optional<TsigStreamSigner> signer;
  WallTime now;
  TcpReply* reply = nullptr;  // over TCP

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
    : clock_(clock), tidings_(tidings), counters_(counters), room_(kMaxMessage) {
  take(std::make_shared<const Snapshot>(Snapshot{{}, std::make_shared<const Rules>()}));
}

void ZoneHandler::take(SnapshotPtr snapshot) {
  snapshot_ = std::move(snapshot);
  options_ = snapshot_->rules->options;
}

std::size_t ZoneHandler::udp(Bytes query, const Peer& peer, MutableBytes out) {
  Asked asked{peer, Request::read(query), {}, {}, clock_.wall()};
  std::size_t size = answer(asked, out);
  count(out.first(size));
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

void ZoneHandler::count(Bytes answer) {
  if (answer.size() < 4) return counters_.dropped.add();
  std::size_t rcode = answer[3] & 15u;
  (rcode < counters_.answers.size() ? counters_.answers[rcode] : counters_.other_answers).add();
}

std::size_t ZoneHandler::answer(Asked& asked, MutableBytes out) {
  const Request& request = asked.request;
  if (request.kind() == RequestKind::ignore) return 0;
  if (request.has_tsig()) {
    asked.tsig = verify_request(*request.message(), snapshot_->rules->keys, asked.now);
    if (asked.tsig.wants_signer()) {
      auto signer = TsigStreamSigner::make(asked.tsig);
      if (!signer) return decline(asked, Rcode::SERVFAIL, {}, out);
      asked.signer = std::move(*signer);
    }
    if (asked.tsig.status != TsigStatus::good) {
      counters_.bad_signatures.add();
      return decline(asked, asked.tsig.rcode(), {}, out);
    }
  }
  if (request.kind() == RequestKind::transfer) return answer_transfer(asked, out);
  if (request.kind() == RequestKind::notify) return answer_notify(asked, out);
  Arrival arrival = asked.arrival();
  return asked.sign(out, responder_.answer(snapshot_->zones, options_, request, arrival, out));
}

std::size_t ZoneHandler::decline(Asked& asked, Rcode rcode, std::optional<EdeCode> ede, MutableBytes out) {
  Arrival arrival = asked.arrival();
  return asked.sign(out, responder_.decline(options_, asked.request, arrival, rcode, ede, out));
}

std::size_t ZoneHandler::answer_transfer(Asked& asked, MutableBytes out) {
  auto query = read_transfer_query(asked.request);
  const ServedZone* served = query ? snapshot_->zones.find_origin(query->zone) : nullptr;
  const ZoneAccess* rules = query ? snapshot_->rules->find(query->zone) : nullptr;
  Access access = rules ? rules->transfer.decide(asked.peer.address.ip, asked.key()) : Access::no_rule;
  TransferDecision decision = decide_transfer(query, served, access, asked.transport());
  if (decision.form == TransferForm::error) {
    counters_.transfers_refused.add();
    return decline(asked, decision.rcode, decision.ede, out);
  }
  if (decision.form == TransferForm::current_soa)
    return asked.sign(
        out, write_current_soa(writer_, out, asked.request, *query, *served, asked.now, asked.reserve()));

  Seconds lifetime = served->lifetime(asked.now);
  auto zone = served->zone_pointer();
  // The source may outlive this snapshot: it keeps the keys that it signs with, and tells how it ended.
  auto on_end = [this, keep = snapshot_, zone, to = asked.peer.address](const SentTransfer& sent) {
    if (sent.whole) counters_.transfers.add();
    tidings_.sent(zone->origin(), to, zone->serial(), sent);
  };
  asked.reply->stream(std::make_unique<ZoneSource>(ZoneSource::Shared{writer_, clock_}, zone, *query,
                                                   lifetime, std::move(asked.signer), std::move(on_end)));
  return 0;
}

std::size_t ZoneHandler::answer_notify(Asked& asked, MutableBytes out) {
  auto notify = read_notify(asked.request);
  const ZoneAccess* rules = notify ? snapshot_->rules->find(notify->zone) : nullptr;
  const ServedZone* served = notify ? snapshot_->zones.find_origin(notify->zone) : nullptr;
  std::optional<Serial> published;
  if (served && !served->absence()) published = served->zone().serial();
  std::optional<NotifiedZone> zone;
  if (rules) zone.emplace(NotifiedZone{rules->notify, published});
  NotifyDecision decision =
      decide_notify(notify, zone ? &*zone : nullptr, asked.peer.address.ip, asked.key());
  (decision.rcode == Rcode::NOERROR ? counters_.notifies : counters_.notifies_refused).add();
  if (decision.refresh) tidings_.notified(notify->zone, asked.peer.address);
  std::size_t size = responder_.decline(options_, asked.request, asked.arrival(), decision.rcode, {}, out);
  if (size > 0) mark_notify_answer(out.first(size));
  return asked.sign(out, size);
}

}  // namespace zw::localroot
