#include "transfer/transfer_decision.h"

namespace zw {

namespace {

TransferDecision refuse(Rcode rcode, EdeCode ede, std::string_view reason) {
  return {TransferForm::error, rcode, ede, reason};
}

// RFC 1995 §2 and §4. Where RFC 1982 knows no order, the client gets the zone and may judge by itself.
TransferDecision grant(const TransferQuery& query, Serial ours, Transport transport,
                       const Differences* differences) {
  if (query.type == RrType::AXFR) return {TransferForm::whole_zone};
  bool current = query.client == ours || *query.client > ours;
  if (current || transport == Transport::udp) return {TransferForm::current_soa};
  TransferDecision out{TransferForm::whole_zone};
  if (differences && differences->from(*query.client))
    out.form = TransferForm::differences;
  else if (differences && differences->is_too_far(*query.client))
    out.reason = "the differences are larger than the zone";
  else
    out.reason = "the client's version is not in the journal";
  return out;
}

}  // namespace

TransferDecision decide_transfer(const std::optional<TransferQuery>& query, const ServedZone* zone,
                                 Access access, Transport transport, const Differences* differences) {
  if (!query) return {TransferForm::error, Rcode::FORMERR, {}, "IXFR without the SOA of the client"};
  if (!zone || zone->rr_class() != query->rr_class)
    return refuse(Rcode::NOTAUTH, EdeCode::not_authoritative, "this zone is not served here");
  if (access != Access::granted) return refuse(Rcode::REFUSED, EdeCode::prohibited, print(access));
  if (zone->absence() == ServedZone::Absence::not_ready)
    return refuse(Rcode::SERVFAIL, EdeCode::not_ready, "there is no copy of this zone yet");
  if (zone->absence() == ServedZone::Absence::expired)
    return refuse(Rcode::SERVFAIL, EdeCode::invalid_data, "the copy of this zone has expired");
  if (query->type == RrType::AXFR && transport == Transport::udp)  // RFC 5936 §4.2 leaves it undefined
    return refuse(Rcode::NOTIMP, EdeCode::not_supported, "AXFR needs TCP");
  return grant(*query, zone->zone().serial(), transport, differences);
}

std::size_t write_current_soa(MessageWriter& writer, MutableBytes out, const Request& request,
                              const TransferQuery& asked, const ServedZone& zone, WallTime now,
                              std::size_t reserve) {
  RrSetView soa = zone.zone().soa();
  EdnsOptions options;
  if (asked.asks_expire) options.expire(zone.lifetime(now));
  bool fits = writer.start_response(out, *request.message(), Rcode::NOERROR, Header::kAa) &&
              writer.reserve(reserve + (asked.edns ? options.opt_octets() : 0)) &&
              writer.record(Section::answer, zone.origin(), RrType::SOA, zone.rr_class(), soa.ttl(),
                            soa.rdatas().front());
  if (!fits) writer.set_tc();
  writer.reserve(reserve);
  if (asked.edns) write_opt(writer, {}, options.octets());
  return writer.finish().size();
}

}  // namespace zw
