#include "transfer/apex_probe.h"

#include "transfer/sign_query.h"
#include "transfer/transfer_query.h"

namespace zw {

void ApexProbe::start(const Primary& primary, NameView zone, RrType type, RrClass rr_class,
                      OnAnswer on_answer) {
  stop();
  primary_ = primary;
  question_ = {.zone = zone, .type = type, .rr_class = rr_class, .edns = true};
  on_answer_ = std::move(on_answer);
  datagrams_ = 0;
  if (primary_.tls) return ask_over_tcp();
  ask_over_udp();
}

void ApexProbe::stop() {
  udp_.stop();
  tcp_.stop();
}

// A fresh ID for each message, signed anew.
Buffer ApexProbe::make_query() {
  question_.id = static_cast<std::uint16_t>(random_.next());
  answer_ = {.kind = ApexAnswerKind::failed};
  Buffer query = compose_transfer_query({.zone = question_.zone,
                                         .type = question_.type,
                                         .rr_class = question_.rr_class,
                                         .id = question_.id,
                                         .edns = question_.edns,
                                         .padded = primary_.tls != nullptr});
  tsig_ = sign_query(primary_.key, query, clock_.wall());
  return query;
}

void ApexProbe::ask_over_udp() {
  ++datagrams_;
  udp_.start(
      primary_.address, primary_.from, make_query(), times_.udp * (1 << (datagrams_ - 1)),
      [this](Bytes message) { return take(message); },
      [this](const Result<void>& result) { udp_ended(result); });
}

void ApexProbe::ask_over_tcp() {
  TcpExchangeLimits limits{
      .connect = times_.connect, .idle = times_.idle, .overall = times_.idle, .octets = 1 << 18};
  tcp_.start(
      primary_.address, primary_.from, make_query(), limits,
      [this](Bytes message) {
        take(message);
        return Next::done;  // nobody else can write to this connection
      },
      [this](const Result<void>& result) { tcp_ended(result); }, primary_.tls);
}

// What is not ours says only why nothing better came, if nothing does.
Next ApexProbe::take(Bytes message) {
  answer_ = read_apex_answer(message, question_, tsig_ ? &*tsig_ : nullptr, clock_.wall());
  return answer_.kind == ApexAnswerKind::not_ours ? Next::more : Next::done;
}

bool ApexProbe::again(ApexAnswerKind kind) {
  if (kind != ApexAnswerKind::no_edns) return false;
  question_.edns = false;
  return true;
}

void ApexProbe::udp_ended(const Result<void>& result) {
  if (result && again(answer_.kind)) return ask_over_udp();
  if (result && answer_.kind == ApexAnswerKind::use_tcp) return ask_over_tcp();
  if (result) return end();
  bool lost = result.error().kind == ErrorKind::timeout;
  bool heard = !answer_.what.empty();  // something that was not to be believed
  if (lost && !heard && datagrams_ < 2) return ask_over_udp();
  if (lost) return ask_over_tcp();
  if (answer_.what.empty()) answer_.what = result.error().what;
  end();
}

void ApexProbe::tcp_ended(const Result<void>& result) {
  if (result && again(answer_.kind)) return ask_over_tcp();
  if (result && answer_.kind == ApexAnswerKind::use_tcp) answer_.what = "the answer over TCP is truncated";
  if (!result && answer_.what.empty()) answer_.what = result.error().what;
  end();
}

void ApexProbe::end() {
  if (answer_.kind != ApexAnswerKind::good) answer_.kind = ApexAnswerKind::failed;
  ApexAnswer answer = std::move(answer_);
  std::exchange(on_answer_, nullptr)(answer);  // nothing after this: it may have destroyed us
}

}  // namespace zw
