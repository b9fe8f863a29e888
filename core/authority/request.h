// What came in, told apart before anything is answered: what is no request, what is broken, what is a query,
// and what other rooms handle (transfers, NOTIFY). Nothing is copied or allocated.
#pragma once

#include <optional>

#include "dns/edns.h"
#include "dns/message.h"

namespace zw {

enum class RequestKind : std::uint8_t {
  ignore,    // no header, or a response: sends nothing back, lest two servers talk for ever
  faulty,    // is answered with fault()
  query,     //
  transfer,  // AXFR or IXFR (RFC 5936, RFC 1995); its access is for the caller to check
  notify,    // RFC 1996
};

/// Looks into the message, which must outlive it.
class Request {
 public:
  /// Any octets.
  static Request read(Bytes message);

  RequestKind kind() const { return kind_; }
  /// For `faulty`: FORMERR, NOTIMP (an opcode that nobody here knows) or BADVERS (RFC 6891 §6.1.3).
  Rcode fault() const { return fault_; }
  std::optional<EdeCode> reason() const { return reason_; }

  /// At least 12 octets, unless to be ignored.
  Bytes octets() const { return octets_; }
  /// Absent if the frame is broken.
  const std::optional<MessageView>& message() const { return message_; }
  /// There is one unless faulty or to be ignored; but a query for nothing but a cookie has none (RFC 7873
  /// §5.4).
  const std::optional<QuestionView>& question() const { return question_; }
  /// Absent without EDNS, and where OPT is malformed.
  const std::optional<EdnsView>& edns() const { return edns_; }
  bool dnssec_ok() const { return edns_ && edns_->dnssec_ok(); }
  /// A TSIG record stands at the end (RFC 8945 §5.2); verifying it is for the caller.
  bool has_tsig() const { return message_ && message_->tsig_count() > 0; }

 private:
  explicit Request(Bytes octets) : octets_(octets) {}
  void classify();
  bool is_whole();
  void classify_query(const Header& header);
  void fail(Rcode rcode, std::optional<EdeCode> reason = {});

  Bytes octets_;
  RequestKind kind_ = RequestKind::ignore;
  Rcode fault_ = Rcode::NOERROR;
  std::optional<EdeCode> reason_;
  std::optional<MessageView> message_;
  std::optional<QuestionView> question_;
  std::optional<EdnsView> edns_;
};

}  // namespace zw
