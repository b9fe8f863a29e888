// Any octets as a request, against zones of each kind of denial: the response is a message that reads back,
// keeps to its limit, and repeats what it must.
#include "authority/responder.h"
#include "dnssec/test_signer.h"

using namespace zw;

namespace {

ServedZone zone(std::string_view origin, test::Denial denial, test::OptOut opt_out) {
  test::Signing how;
  how.denial = denial;
  how.opt_out = opt_out;
  test::Records records(origin);
  records.add(
      "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n*.w 60 TXT x\na.b.c 60 A 192.0.2.2\n"
      "alias 60 CNAME x.w\nring 60 CNAME ring\ntree 60 DNAME w\nout 60 DNAME test.\nd 60 NS ns.d\nd 60 DS 1 "
      "13 2 00\n"
      "ns.d 60 A 192.0.2.3\nu 60 NS ns.u\nns.u 60 AAAA 2001:db8::1\nu.e 60 NS ns.u\n*.n 60 CNAME q.n\n"
      "long 60 DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.tree\n");
  return ServedZone(test::sign_zone(std::move(records), how).build());
}

const ZoneTable& zones() {
  static const ZoneTable kZones([] {
    std::vector<ServedZone> list;
    list.push_back(zone("a.", test::Denial::nsec, test::OptOut::no));
    list.push_back(zone("b.", test::Denial::nsec3, test::OptOut::no));
    list.push_back(zone("c.", test::Denial::nsec3, test::OptOut::yes));
    list.push_back(zone("d.a.", test::Denial::none, test::OptOut::no));
    list.emplace_back(*Name::parse("e."), ServedZone::Absence::expired);
    return list;
  }());
  return kZones;
}

ResponderOptions options(std::uint8_t bits) {
  ResponderOptions out;
  if (bits & 1) out.nsid = {'f'};
  if (bits & 2) out.cookies.emplace(CookieSecret{1});
  if (bits & 4) out.require_cookies = RequireCookies::over_udp;
  if (bits & 8) out.version = "1";
  if (bits & 16) out.keepalive = KeepaliveTime(10);
  return out;
}

}  // namespace

// The first octet chooses options and transport, the second what is kept for TSIG; the rest is the request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static Responder responder;
  static Buffer space(65535);
  Bytes request_octets(data + 2, size - 2);
  constexpr std::uint8_t kAddress[4] = {127, 0, 0, 1};
  Arrival arrival{kAddress, data[0] & 32 ? Transport::tcp : Transport::udp, WallTime(Seconds(1785888000)),
                  data[1] % 201u};
  Request request = Request::read(request_octets);
  std::size_t answered = responder.answer(zones(), options(data[0]), request, arrival, space);
  if (request.kind() == RequestKind::ignore) {
    ZW_ASSERT(answered == 0);
    return 0;
  }
  Bytes response = Bytes(space).first(answered);
  ZW_ASSERT(arrival.transport == Transport::tcp || answered <= 1232);
  MessageFault fault;
  auto message = MessageView::read(response, fault);
  ZW_ASSERT(message && message->end() == answered);
  ZW_ASSERT(message->header().qr() && message->id() == get16(request_octets.data()));
  for (Section section : {Section::answer, Section::authority, Section::additional})
    for (const RecordView& record : message->records(section)) {
      Name owner;
      Buffer rdata;
      ZW_ASSERT(record.expand_owner(owner));
      ZW_ASSERT(record.type == RrType::OPT || record.read_rdata(rdata).has_value());
    }
  EdnsView edns;
  EdnsStatus status = EdnsView::read(*message, edns, fault);
  ZW_ASSERT(status == (request.edns() ? EdnsStatus::good : EdnsStatus::absent));
  // A truncated one is no larger than its question, but for a server's cookie and NSID.
  std::size_t truncated = responder.truncate(options(data[0]), request, arrival, space);
  ZW_ASSERT(truncated <= request_octets.size() + kServerCookieOctets + 1);
  ZW_ASSERT(truncated == 0 || (space[2] & 2) != 0);
  return 0;
}
