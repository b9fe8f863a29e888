#include "transfer/soa_probe.h"

#include "transfer/sign_query.h"
#include "transfer/transfer_query.h"

namespace zw {

void SoaProbe::start(const Primary& primary, NameView zone, RrClass rr_class, OnAnswer on_answer) {
  stop();
  primary_ = primary;
  question_ = {.zone = zone, .rr_class = rr_class, .edns = true};
  on_answer_ = std::move(on_answer);
  datagrams_ = 0;
  if (primary_.tls) return ask_over_tcp();
  ask_over_udp();
}

void SoaProbe::stop() {
  udp_.stop();
  tcp_.stop();
}

// A fresh ID for each message, signed anew.
Buffer SoaProbe::make_query() {
  question_.id = static_cast<std::uint16_t>(random_.next());
  answer_ = {.kind = SoaAnswerKind::failed};
  Buffer query = compose_transfer_query({.zone = question_.zone,
                                         .type = RrType::SOA,
                                         .rr_class = question_.rr_class,
                                         .id = question_.id,
                                         .edns = question_.edns,
                                         .padded = primary_.tls != nullptr});
  tsig_ = sign_query(primary_.key, query, clock_.wall());
  return query;
}

void SoaProbe::ask_over_udp() {
  ++datagrams_;
  udp_.start(
      primary_.address, primary_.from, make_query(), times_.udp * (1 << (datagrams_ - 1)),
      [this](Bytes message) { return take(message); },
      [this](const Result<void>& result) { udp_ended(result); });
}

void SoaProbe::ask_over_tcp() {
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
Next SoaProbe::take(Bytes message) {
  answer_ = read_soa_answer(message, question_, tsig_ ? &*tsig_ : nullptr, clock_.wall());
  return answer_.kind == SoaAnswerKind::not_ours ? Next::more : Next::done;
}

bool SoaProbe::again(SoaAnswerKind kind) {
  if (kind != SoaAnswerKind::no_edns) return false;
  question_.edns = false;
  return true;
}

void SoaProbe::udp_ended(const Result<void>& result) {
  if (result && again(answer_.kind)) return ask_over_udp();
  if (result && answer_.kind == SoaAnswerKind::use_tcp) return ask_over_tcp();
  if (result) return end();
  bool lost = result.error().kind == ErrorKind::timeout;
  bool heard = !answer_.what.empty();  // something that was not to be believed
  if (lost && !heard && datagrams_ < 2) return ask_over_udp();
  if (lost) return ask_over_tcp();
  if (answer_.what.empty()) answer_.what = result.error().what;
  end();
}

void SoaProbe::tcp_ended(const Result<void>& result) {
  if (result && again(answer_.kind)) return ask_over_tcp();
  if (result && answer_.kind == SoaAnswerKind::use_tcp) answer_.what = "the answer over TCP is truncated";
  if (!result && answer_.what.empty()) answer_.what = result.error().what;
  end();
}

void SoaProbe::end() {
  if (answer_.kind != SoaAnswerKind::good) answer_.kind = SoaAnswerKind::failed;
  SoaAnswer answer = std::move(answer_);
  std::exchange(on_answer_, nullptr)(answer);  // nothing after this: it may have destroyed us
}

}  // namespace zw
