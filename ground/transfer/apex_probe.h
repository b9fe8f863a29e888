// Asks a primary for an RRset at the apex of a zone, SOA or ZONEMD: twice over UDP, then over TCP, and at
// once over TCP if an answer is truncated. Over TLS alone, if the primary is to be asked so. Lives on its
// loop's thread.
#pragma once

#include <functional>

#include "base/random.h"
#include "net/exchange.h"
#include "transfer/apex_answer.h"
#include "transfer/primary.h"

namespace zw {

class ApexProbe {
 public:
  using OnAnswer = std::function<void(const ApexAnswer&)>;

  ApexProbe(Loop& loop, const Clock& clock, Random& random, const AskTimes& times)
      : clock_(clock), random_(random), times_(times), udp_(loop, random), tcp_(loop) {}

  /// `on_answer` is called once, from the loop, with what is `good` or `failed`; in it the probe may be
  /// started again or destroyed.
  void start(const Primary& primary, NameView zone, RrType type, RrClass rr_class, OnAnswer on_answer);
  void stop();

 private:
  void ask_over_udp();
  void ask_over_tcp();
  Buffer make_query();
  Next take(Bytes message);
  void udp_ended(const Result<void>& result);
  void tcp_ended(const Result<void>& result);
  bool again(ApexAnswerKind kind);
  void end();

  const Clock& clock_;
  Random& random_;
  AskTimes times_;
  UdpExchange udp_;
  TcpExchange tcp_;
  Primary primary_;
  ApexQuestion question_;
  OnAnswer on_answer_;
  std::optional<TsigStreamVerifier> tsig_;
  ApexAnswer answer_;  // of the last message
  unsigned datagrams_ = 0;
};

}  // namespace zw
