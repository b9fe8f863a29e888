#include "transfer/transfer_responder.h"

#include <algorithm>
#include <array>

namespace zw {

/// One request on its way to an answer.
struct TransferResponder::Answering {
  Answering(const TransferRequest& request, const ResponderOptions& with, WallTime when)
      : of(request), options(with), now(when) {
    if (!of.tsig.wants_signer()) return;
    if (auto made = TsigStreamSigner::make(of.tsig)) signer.emplace(std::move(*made));
  }
  std::size_t space() const { return signer ? signer->space() : 0; }
  std::optional<NameView> key() const {
    return of.tsig.status == TsigStatus::good ? std::optional(of.tsig.key->name()) : std::nullopt;
  }

  const TransferRequest& of;
  const ResponderOptions& options;
  WallTime now;
  std::optional<TsigStreamSigner> signer;
  std::optional<TransferQuery> query;  // of a transfer
  TransferDecision decision;
};

namespace {

const AccessList kNobody;

// What the answer may take over UDP.
MutableBytes within_payload(MutableBytes out, const TransferRequest& request,
                            const ResponderOptions& options) {
  if (request.peer.transport != Transport::udp) return out;
  const auto& edns = request.request.edns();
  std::size_t most =
      edns ? std::min<std::size_t>(edns->payload_octets(), options.udp_payload) : kMinUdpPayload;
  return out.first(std::min(out.size(), std::max(most, kMinUdpPayload)));
}

TransferAnswered answered_of(const TransferRequest& request, std::optional<NameView> key,
                             const TransferDecision& decision) {
  const QuestionView& question = *request.request.question();
  TransferAnswered out{question.name, request.peer.address, key, question.type, decision, {}};
  if (decision.form != TransferForm::error) out.serial = request.zone->zone().serial();
  return out;
}

}  // namespace

std::size_t TransferResponder::udp(const TransferRequest& request, const ResponderOptions& options,
                                   MutableBytes out) {
  Answering answering(request, options, clock_.wall());
  return answer(answering, out);
}

void TransferResponder::tcp(const TransferRequest& request, const ResponderOptions& options,
                            TcpReply& reply) {
  Answering answering(request, options, clock_.wall());
  std::array<std::uint8_t, 4096> out;
  std::size_t size = answer(answering, out);
  if (size > 0)
    reply.send(Bytes(out).first(size));
  else if (answering.decision.form == TransferForm::whole_zone)
    stream(answering, reply);
}

// A signature that does not verify is an answer of its own (RFC 8945 §5.2), whatever is asked.
std::size_t TransferResponder::answer(Answering& answering, MutableBytes out) {
  TsigStatus status = answering.of.tsig.status;
  if (status != TsigStatus::good && status != TsigStatus::absent)
    return decline(answering, answering.of.tsig.rcode(), {}, out);
  if (answering.of.request.kind() == RequestKind::notify) return answer_notify(answering, out);
  return answer_transfer(answering, out);
}

std::size_t TransferResponder::answer_notify(Answering& answering, MutableBytes out) {
  const TransferRequest& of = answering.of;
  auto request = read_notify(of.request);
  std::optional<NotifiedZone> zone;
  bool secondary =
      of.rules && of.rules->may_notify && request && of.zone && of.zone->rr_class() == request->rr_class;
  if (secondary) zone.emplace(*of.rules->may_notify, std::nullopt);
  if (secondary && !of.zone->absence()) zone->published = of.zone->zone().serial();
  auto decision = decide_notify(request, zone ? &*zone : nullptr, of.peer.address.ip, answering.key());
  if (decision.refresh && on_notify_) on_notify_(request->zone, of.peer.address.ip);
  std::size_t size = decline(answering, decision.rcode, {}, out);
  if (size > 0) mark_notify_answer(out);
  return size;
}

std::size_t TransferResponder::answer_transfer(Answering& answering, MutableBytes out) {
  const TransferRequest& of = answering.of;
  const AccessList& list = of.rules ? of.rules->may_transfer : kNobody;
  answering.query = read_transfer_query(of.request);
  answering.decision = decide_transfer(answering.query, of.zone,
                                       list.decide(of.peer.address.ip, answering.key()), of.peer.transport);
  const TransferDecision& decision = answering.decision;
  if (decision.form == TransferForm::whole_zone) return 0;
  if (on_transfer_) on_transfer_(answered_of(of, answering.key(), decision));
  if (decision.form == TransferForm::error) return decline(answering, decision.rcode, decision.ede, out);
  MutableBytes room = within_payload(out, of, answering.options);
  std::size_t size = write_current_soa(writer_, room, of.request, *answering.query, *of.zone, answering.now,
                                       answering.space());
  return sign(answering, out, size);
}

std::size_t TransferResponder::decline(Answering& answering, Rcode rcode, std::optional<EdeCode> ede,
                                       MutableBytes out) {
  const Peer& peer = answering.of.peer;
  Arrival arrival{peer.address.ip.octets(), peer.transport, answering.now, answering.space()};
  return sign(answering, out,
              responder_.decline(answering.options, answering.of.request, arrival, rcode, ede, out));
}

std::size_t TransferResponder::sign(Answering& answering, MutableBytes out, std::size_t size) {
  return answering.signer && size > 0 ? answering.signer->sign(out, size, answering.now) : size;
}

void TransferResponder::stream(Answering& answering, TcpReply& reply) {
  const TransferRequest& of = answering.of;
  ZonePtr zone = of.zone->zone_pointer();
  auto tell = [this, began = clock_.steady(), zone, client = of.peer.address, query = *answering.query,
               key = answering.key() ? std::optional<Name>(*answering.key()) : std::nullopt,
               decision = answering.decision](const SentTransfer& sent) {
    if (!on_transfer_) return;
    on_transfer_({query.zone, client, key ? std::optional<NameView>(*key) : std::nullopt, query.type,
                  decision, zone->serial(), sent, clock_.steady() - began});
  };
  reply.stream(std::make_unique<ZoneSource>(ZoneSource::Shared{writer_, clock_}, zone, *answering.query,
                                            of.zone->lifetime(answering.now), std::move(answering.signer),
                                            std::move(tell)));
}

// ---- the log ----

namespace {

struct Line {
  LogLevel level;
  std::string_view message;
};

Line line_of(const TransferAnswered& answered) {
  switch (answered.decision.form) {
    case TransferForm::error: return {LogLevel::warning, "transfer not given"};
    case TransferForm::current_soa: return {LogLevel::debug, "transfer answered with the SOA"};
    case TransferForm::whole_zone: break;
  }
  if (answered.sent.whole) return {LogLevel::info, "zone sent"};
  return {LogLevel::warning, "zone sent in part only"};
}

}  // namespace

void log_transfer(Logger& log, const TransferAnswered& answered) {
  auto [level, message] = line_of(answered);
  if (!log.enabled(level)) return;
  std::string zone = print(answered.zone), client = answered.client.print(), asked = print(answered.asked);
  std::string key = answered.key ? print(*answered.key) : "", rcode = print(answered.decision.rcode);
  std::vector<LogField> fields = {{"zone", zone}, {"client", client}, {"asked", asked}};
  if (answered.key) fields.emplace_back("key", key);
  if (answered.serial) fields.emplace_back("serial", answered.serial->value());
  if (answered.decision.form == TransferForm::error) {
    fields.emplace_back("rcode", rcode);
    fields.emplace_back("reason", answered.decision.reason);
  } else if (answered.decision.form == TransferForm::whole_zone) {
    fields.emplace_back("given", "axfr");
    fields.emplace_back("bytes", answered.sent.octets);
    fields.emplace_back("messages", answered.sent.messages);
    fields.emplace_back("records", answered.sent.records);
    fields.emplace_back("took_ms", answered.took.count());
  }
  log.write(level, message, fields);
}

}  // namespace zw
