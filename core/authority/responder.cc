#include "authority/responder.h"

#include <algorithm>

namespace zw {
namespace {

// The nearest zone; but the parent's answers for DS at a cut, when it is served too (RFC 4035 §3.1.4.1).
const ServedZone* find_zone(const ZoneTable& zones, const QuestionView& question) {
  const ServedZone* served = zones.find(question.name);
  if (served && question.type == RrType::DS && !question.name.is_root() && served->origin() == question.name)
    if (const ServedZone* parent = zones.find(question.name.parent())) served = parent;
  return served && served->rr_class() == question.rr_class ? served : nullptr;
}

bool is_one_of(NameView name, std::initializer_list<std::string_view> wires) {
  return std::any_of(wires.begin(), wires.end(), [&](std::string_view wire) {
    Bytes octets = as_bytes(wire);
    return name == NameView(octets.data(), octets.size());
  });
}
using namespace std::string_view_literals;  // literals with the root's zero octet
constexpr auto kVersionBind = "\7version\4bind\0"sv, kVersionServer = "\7version\6server\0"sv;
constexpr auto kHostnameBind = "\10hostname\4bind\0"sv, kIdServer = "\2id\6server\0"sv;

}  // namespace

std::size_t Responder::answer(const ZoneTable& zones, const ResponderOptions& options, const Request& request,
                              const Arrival& arrival, MutableBytes out) {
  if (request.kind() == RequestKind::ignore) return 0;
  begin(options, request, arrival, out);
  switch (request.kind()) {
    case RequestKind::ignore:
    case RequestKind::faulty: return finish({request.fault(), request.reason()});
    case RequestKind::notify: return finish({Rcode::NOTIMP});
    case RequestKind::transfer: return finish({Rcode::REFUSED});
    case RequestKind::query: break;
  }
  return finish(decide(zones));
}

std::size_t Responder::decline(const ResponderOptions& options, const Request& request,
                               const Arrival& arrival, Rcode rcode, std::optional<EdeCode> reason,
                               MutableBytes out) {
  begin(options, request, arrival, out);
  return finish({rcode, reason});
}

std::size_t Responder::truncate(const ResponderOptions& options, const Request& request,
                                const Arrival& arrival, MutableBytes out) {
  if (request.kind() != RequestKind::query && request.kind() != RequestKind::transfer) return 0;
  begin(options, request, arrival, out);
  take_cookie();
  writer_.set_tc();
  return finish({});
}

void Responder::begin(const ResponderOptions& options, const Request& request, const Arrival& arrival,
                      MutableBytes out) {
  options_ = &options;
  request_ = &request;
  arrival_ = &arrival;
  edns_.reset();
  subject_ = {};
  cookie_ = CookieVerdict::none;
  if (request.edns()) edns_.emplace();
  if (request.message()) {
    writer_.start_response(out, *request.message(), Rcode::NOERROR, 0);
  } else {
    Header header = Header::of_checked(request.octets().data());
    writer_.start(out, header.id,
                  static_cast<std::uint16_t>(Header::pack(header.opcode(), Rcode::NOERROR, Header::kQr) |
                                             (header.bits & Header::kRd)));
  }
  if (arrival.transport == Transport::udp) {
    std::size_t ours = std::max<std::size_t>(options.udp_payload, kMinUdpPayload);
    writer_.set_limit(request.edns() ? std::min(request.edns()->payload_octets(), ours) : kMinUdpPayload);
  } else if (edns_ && options.keepalive && request.edns()->has(OptionCode::TCP_KEEPALIVE)) {
    edns_->keepalive(*options.keepalive);
  }
  if (edns_ && !options.nsid.empty() && request.edns()->has(OptionCode::NSID)) edns_->nsid(options.nsid);
}

std::size_t Responder::finish(Verdict verdict) {
  writer_.set_rcode(verdict.rcode);
  writer_.reserve(arrival_->reserve);
  if (edns_) {
    if (verdict.reason) edns_->extended_error(*verdict.reason);
    if (arrival_->transport == Transport::tls && request_->edns()->has(OptionCode::PADDING))
      edns_->pad(writer_, kResponsePadding);
    OptFields fields{options_->udp_payload, verdict.rcode, request_->dnssec_ok()};
    // A long name in the question may leave no room for options in 512 octets; the record itself has room.
    if (!write_opt(writer_, fields, edns_->octets())) write_opt(writer_, fields);
  }
  return writer_.finish().size();
}

Responder::Verdict Responder::decide(const ZoneTable& zones) {
  CookieVerdict cookie = take_cookie();
  if (auto demanded = demand_cookie(cookie)) return *demanded;
  if (!request_->question()) return {};
  const QuestionView& question = *request_->question();
  if (question.rr_class == RrClass::CH) return answer_chaos(question);
  const ServedZone* served = find_zone(zones, question);
  if (!served) return {Rcode::REFUSED, EdeCode::not_authoritative};
  if (auto why = served->absence())
    return {Rcode::SERVFAIL,
            *why == ServedZone::Absence::expired ? EdeCode::invalid_data : EdeCode::not_ready};
  return answer_from(*served, question);
}

CookieVerdict Responder::take_cookie() {
  auto cookie = request_->edns() ? request_->edns()->cookie() : std::nullopt;
  if (!options_->cookies || !cookie) return CookieVerdict::none;
  CookieVerdict verdict = cookie_ = options_->cookies->check(*cookie, arrival_->address, arrival_->now);
  if (verdict == CookieVerdict::good) {
    edns_->cookie(cookie->client, cookie->server);
  } else {
    edns_->cookie(cookie->client, options_->cookies->make(cookie->client, arrival_->address, arrival_->now));
  }
  return verdict;
}

// RFC 7873 §5.2.
std::optional<Responder::Verdict> Responder::demand_cookie(CookieVerdict cookie) {
  if (!options_->cookies || cookie == CookieVerdict::good || cookie == CookieVerdict::renewal)
    return std::nullopt;
  bool has_cookie = request_->edns() && request_->edns()->has(OptionCode::COOKIE);
  if (!request_->question())
    return cookie == CookieVerdict::bad ? std::optional(Verdict{Rcode::BADCOOKIE}) : std::nullopt;
  if (options_->require_cookies == RequireCookies::no || arrival_->transport != Transport::udp)
    return std::nullopt;
  if (has_cookie) return Verdict{Rcode::BADCOOKIE};
  writer_.set_tc();
  return Verdict{};
}

Responder::Verdict Responder::answer_chaos(const QuestionView& question) {
  std::string_view text;
  if (is_one_of(question.name, {kVersionBind, kVersionServer})) text = options_->version;
  if (is_one_of(question.name, {kHostnameBind, kIdServer})) text = options_->server_id;
  if (text.empty() || text.size() > 255 || (question.type != RrType::TXT && question.type != RrType::ANY))
    return {Rcode::REFUSED};
  std::array<std::uint8_t, 256> rdata;
  rdata[0] = static_cast<std::uint8_t>(text.size());
  std::memcpy(&rdata[1], text.data(), text.size());
  writer_.set_flag(Header::kAa);
  if (!keep_room() || !writer_.record(Section::answer, kQuestionName, RrType::TXT, RrClass::CH, 0,
                                      Bytes(rdata).first(text.size() + 1)))
    writer_.set_tc();
  return {};
}

// RFC 7314: a secondary tells what is left, a primary what the SOA says.
void Responder::tell_expiry(const ServedZone& served, const QuestionView& question) {
  if (!request_->edns()->has(OptionCode::EXPIRE) || question.type != RrType::SOA ||
      question.name != served.origin())
    return;
  edns_->expire(served.lifetime(arrival_->now));
}

bool Responder::keep_room() { return writer_.reserve(arrival_->reserve + (edns_ ? edns_->opt_octets() : 0)); }

Responder::Verdict Responder::answer_from(const ServedZone& served, const QuestionView& question) {
  if (edns_) tell_expiry(served, question);
  bool is_udp = arrival_->transport == Transport::udp;
  if (!keep_room()) return is_udp ? (writer_.set_tc(), Verdict{}) : Verdict{Rcode::SERVFAIL};
  auto filled = zone_answer_.fill(writer_, served, question, request_->dnssec_ok());
  subject_ = filled.subject;
  if (filled.fill == Fill::unprovable || (filled.fill == Fill::too_long && !is_udp)) return {Rcode::SERVFAIL};
  if (filled.authoritative) writer_.set_flag(Header::kAa);
  if (filled.fill != Fill::whole && is_udp) writer_.set_tc();
  return {filled.rcode};
}

}  // namespace zw
