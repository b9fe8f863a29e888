// From the octets of a request to the octets of its response: header, EDNS and cookies here, sections in
// zone_answer.h. Nothing allocates, locks or logs on the way.
//
// A Responder is kept and used for one request after another by one thread at a time. What it answers from
// (the table of zones and the options) is immutable and shared; a caller hands in the newest each time.
#pragma once

#include <string>

#include "authority/request.h"
#include "authority/zone_answer.h"
#include "dns/cookie.h"
#include "dns/transport.h"

namespace zw {

enum class RequireCookies : std::uint8_t {
  no,
  over_udp,  // who has no good cookie is told to take one (BADCOOKIE), or to come over TCP (RFC 7873 §5.2)
};

struct ResponderOptions {
  /// Most octets of a response over UDP, and what is announced in OPT; at least 512.
  std::uint16_t udp_payload = 1232;
  /// Told to who asks with NSID (RFC 5001); empty: nothing is.
  Buffer nsid;
  /// Told to who asks in class CHAOS for version.bind or version.server, and for id.server or hostname.bind
  /// (RFC 4892); each at most 255 octets; empty: refused.
  std::string version, server_id;
  /// Absent: cookies are ignored.
  std::optional<ServerCookies> cookies;
  RequireCookies require_cookies = RequireCookies::no;
  /// Idle time told to who asks over TCP or TLS (RFC 7828).
  std::optional<KeepaliveTime> keepalive;
};

/// How a request came in.
struct Arrival {
  Bytes address;  // of the client: 4 or 16 octets
  Transport transport = Transport::udp;
  WallTime now{};
  /// Octets to be left free behind the response, for TSIG. Up to 200 are there in any response; when there is
  /// no room for more, as in 512 octets behind a long question, OPT is left out.
  std::size_t reserve = 0;
};

class Responder {
 public:
  /// Writes the response to `request` into `out`, which holds at least 512 octets (65,535 for a stream), and
  /// gives its size; 0 if there is to be none. Transfers are refused and NOTIFY is not implemented here: see
  /// RequestKind.
  std::size_t answer(const ZoneTable& zones, const ResponderOptions& options, const Request& request,
                     const Arrival& arrival, MutableBytes out);

  /// A response without records but OPT: for what the caller decides. `request` is not to be ignored.
  std::size_t decline(const ResponderOptions& options, const Request& request, const Arrival& arrival,
                      Rcode rcode, std::optional<EdeCode> reason, MutableBytes out);

  /// A response without records that says to come over TCP, with a cookie for who asks for one; 0 if
  /// `request` is none that could be asked again there: broken, or NOTIFY.
  std::size_t truncate(const ResponderOptions& options, const Request& request, const Arrival& arrival,
                       MutableBytes out);

  /// Of the last response, for limiting its rate: what it is about, and what was found of the client's
  /// cookie, if that was looked at. The subject looks into the zones that it was answered from.
  const ResponseSubject& subject() const { return subject_; }
  CookieVerdict cookie() const { return cookie_; }

 private:
  struct Verdict {
    Rcode rcode = Rcode::NOERROR;
    std::optional<EdeCode> reason = {};
  };
  void begin(const ResponderOptions& options, const Request& request, const Arrival& arrival,
             MutableBytes out);
  std::size_t finish(Verdict verdict);

  Verdict decide(const ZoneTable& zones);
  CookieVerdict take_cookie();
  std::optional<Verdict> demand_cookie(CookieVerdict cookie);
  Verdict answer_chaos(const QuestionView& question);
  Verdict answer_from(const ServedZone& served, const QuestionView& question);
  void tell_expiry(const ServedZone& served, const QuestionView& question);
  bool keep_room();

  const ResponderOptions* options_ = nullptr;
  const Request* request_ = nullptr;
  const Arrival* arrival_ = nullptr;
  MessageWriter writer_;
  std::optional<EdnsOptions> edns_;  // what the response will carry, if it carries OPT
  ZoneAnswer zone_answer_;
  ResponseSubject subject_;
  CookieVerdict cookie_ = CookieVerdict::none;
};

}  // namespace zw
