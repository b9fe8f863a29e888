// What a worker of the server counts.
#pragma once

#include "metrics/metrics.h"

namespace zw {

struct StreamCounters {
  OwnCounter queries, answers;
  OwnCounter sent_bytes;  // with lengths and, in TLS, all that it adds
};

struct NetCounters {
  OwnCounter udp_queries, udp_answers, udp_sent_bytes;
  StreamCounters tcp, tls;
  OwnCounter tls_opened, tls_failed;
  OwnCounter udp_malformed;  // received: no header, an answer, or too long
  OwnCounter udp_unsent;     // the kernel took no more, or knew no way
  OwnCounter tcp_accepted, tcp_refused;
  OwnCounter tcp_idle, tcp_slow, tcp_malformed, tcp_displaced;  // why we ended a connection
  Gauge tcp_open;                                               // of all workers
};

/// For the worker of this number, in memory of its own.
NetCounters make_net_counters(Metrics& metrics, std::size_t worker);

}  // namespace zw
