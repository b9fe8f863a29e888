#include "transfer/transfer_responder.h"

#include <algorithm>

namespace zw {

namespace {

const AccessList kNobody;

// What the answer may take over UDP.
MutableBytes within_payload(MutableBytes out, const TransferRequest& asked, const ResponderOptions& options) {
  if (asked.peer.transport != Transport::udp) return out;
  const auto& edns = asked.request.edns();
  std::size_t most =
      edns ? std::min<std::size_t>(edns->payload_octets(), options.udp_payload) : kMinUdpPayload;
  return out.first(std::min(out.size(), std::max(most, kMinUdpPayload)));
}

bool is_signed(const TransferRequest& asked) { return asked.signer && *asked.signer; }
std::size_t reserve_of(const TransferRequest& asked) {
  return is_signed(asked) ? (*asked.signer)->space() : 0;
}

std::size_t sign(const TransferRequest& asked, MutableBytes out, std::size_t size) {
  return is_signed(asked) && size > 0 ? (*asked.signer)->sign(out, size, asked.now) : size;
}

TransferAnswered answered_of(const TransferRequest& asked, const std::optional<TransferQuery>& query,
                             const TransferDecision& decision) {
  const QuestionView& question = *asked.request.question();
  TransferAnswered out{question.name, asked.peer.address, asked.key, question.type, decision, {}, {}};
  if (query) out.had = query->client;
  out.transport = asked.peer.transport;
  if (decision.form != TransferForm::error) out.serial = asked.zone->zone().serial();
  return out;
}

}  // namespace

std::size_t TransferResponder::answer(const TransferRequest& asked, const ResponderOptions& options,
                                      MutableBytes out, TcpReply* reply) {
  if (asked.request.kind() == RequestKind::notify) return answer_notify(asked, options, out);
  auto query = read_transfer_query(asked.request, asked.peer.transport);
  const AccessList& list = asked.may_transfer ? *asked.may_transfer : kNobody;
  Access access =
      asked.is_granted ? Access::granted : list.decide({asked.peer.address.ip, asked.key, asked.peer.tls});
  DifferencesPtr differences = asked.rendered.differences;
  if (asked.zone && differences && differences->zone() != asked.zone->zone_pointer()) differences = nullptr;
  auto decision = decide_transfer(query, asked.zone, access, reply ? asked.peer.transport : Transport::udp,
                                  differences.get());
  if (decision.form == TransferForm::whole_zone || decision.form == TransferForm::differences)
    return stream(asked, *query, decision, *reply), 0;
  if (on_transfer_) on_transfer_(answered_of(asked, query, decision));
  if (decision.form == TransferForm::error)
    return sign(asked, out, decline(asked, options, decision.rcode, decision.ede, out));
  MutableBytes room = within_payload(out, asked, options);
  std::size_t size =
      write_current_soa(writer_, room, asked.request, *query, *asked.zone, asked.now, reserve_of(asked));
  return sign(asked, room, size);
}

std::size_t TransferResponder::answer_notify(const TransferRequest& asked, const ResponderOptions& options,
                                             MutableBytes out) {
  auto request = read_notify(asked.request);
  std::optional<NotifiedZone> zone;
  if (asked.may_notify) zone.emplace(NotifiedZone{*asked.may_notify, {}});
  if (zone && asked.zone && !asked.zone->absence()) zone->published = asked.zone->zone().serial();
  auto decision = decide_notify(request, zone ? &*zone : nullptr, asked.peer.address.ip, asked.key);
  if (on_notify_) on_notify_({asked.request.question()->name, asked.peer.address, decision});
  std::size_t size = decline(asked, options, decision.rcode, {}, out);
  if (size > 0) mark_notify_answer(out);
  return sign(asked, out, size);
}

std::size_t TransferResponder::decline(const TransferRequest& asked, const ResponderOptions& options,
                                       Rcode rcode, std::optional<EdeCode> ede, MutableBytes out) {
  Arrival arrival{asked.peer.address.ip.octets(), asked.peer.transport, asked.now, reserve_of(asked)};
  return responder_.decline(options, asked.request, arrival, rcode, ede, out);
}

// The stream may outlive all that the request looks into.
void TransferResponder::stream(const TransferRequest& asked, const TransferQuery& query,
                               const TransferDecision& decision, TcpReply& reply) {
  ZonePtr zone = asked.zone->zone_pointer();
  std::optional<Name> key;
  if (asked.key) key = *asked.key;
  auto tell = [this, began = clock_.steady(), zone, client = asked.peer.address,
               transport = asked.peer.transport, query, key, decision,
               keep = asked.keep](const SentTransfer& sent) {
    if (!on_transfer_) return;
    std::optional<NameView> key_name;
    if (key) key_name = *key;
    on_transfer_({query.zone, client, key_name, query.type, decision, query.client, zone->serial(), sent,
                  clock_.steady() - began, transport});
  };
  std::optional<TsigStreamSigner> signer;
  if (is_signed(asked)) signer = std::move(*asked.signer);
  ZoneSource::Shared shared{writer_, clock_};
  Seconds lifetime = asked.zone->lifetime(asked.now);
  const auto& [whole, differences] = asked.rendered;
  auto send = [&](std::vector<MessageRunPtr> runs) {
    reply.stream(std::make_unique<ImageSource>(shared, std::move(runs), query, lifetime, std::move(signer),
                                               std::move(tell)));
  };
  if (decision.form == TransferForm::differences)
    send(differences->from(*query.client)->runs);
  else if (whole && whole->zone() == zone)
    send({whole->run()});
  else
    reply.stream(
        std::make_unique<ZoneSource>(shared, zone, query, lifetime, std::move(signer), std::move(tell)));
}

void log_transfer(Logger& log, LogRate& rate, const TransferAnswered& answered) {
  std::string zone = print(answered.zone), client = answered.client.print(), asked = print(answered.asked);
  std::string key = answered.key ? print(*answered.key) : "none", rcode = print(answered.decision.rcode);
  std::uint32_t serial = answered.serial ? answered.serial->value() : 0;
  const SentTransfer& sent = answered.sent;
  switch (answered.decision.form) {
    case TransferForm::error:
      return log.write(LogLevel::warning, rate, "transfer not given",
                       {{"zone", zone},
                        {"client", client},
                        {"key", key},
                        {"asked", asked},
                        {"rcode", rcode},
                        {"reason", answered.decision.reason}});
    case TransferForm::current_soa:
      return log.write(
          LogLevel::debug, rate, "transfer answered with the SOA",
          {{"zone", zone}, {"client", client}, {"key", key}, {"asked", asked}, {"serial", serial}});
    case TransferForm::whole_zone:
    case TransferForm::differences:
      return log.write(sent.whole ? LogLevel::info : LogLevel::warning,
                       sent.whole ? "zone sent" : "zone sent in part only",
                       {{"zone", zone},
                        {"client", client},
                        {"key", key},
                        {"asked", asked},
                        {"given", answered.decision.form == TransferForm::differences ? "ixfr" : "axfr"},
                        {"serial", serial},
                        {"bytes", sent.octets},
                        {"messages", sent.messages},
                        {"records", sent.records},
                        {"why", answered.decision.reason},
                        {"took_ms", answered.took.count()}});
  }
}

}  // namespace zw
