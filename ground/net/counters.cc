#include "net/counters.h"

namespace zw {

NetCounters make_net_counters(Metrics& metrics, std::size_t worker) {
  auto by = [&](std::string_view name, std::string_view help, const char* label, const char* value) {
    return metrics.own_counter(worker, name, help, {{label, value}});
  };
  auto queries = [&](const char* transport) {
    return by("zonewright_net_queries_total", "Messages received that are queries by their header.",
              "transport", transport);
  };
  auto answers = [&](const char* transport) {
    return by("zonewright_net_answers_total", "Messages sent.", "transport", transport);
  };
  auto sent = [&](const char* transport) {
    return by("zonewright_net_sent_bytes_total", "Octets of the messages sent.", "transport", transport);
  };
  auto dropped = [&](const char* reason) {
    return by("zonewright_net_udp_dropped_total", "Datagrams that are no queries, and answers not sent.",
              "reason", reason);
  };
  auto ended = [&](const char* reason) {
    return by("zonewright_net_tcp_ended_total", "Connections ended by us, by the reason.", "reason", reason);
  };
  auto shaken = [&](const char* result) {
    return by("zonewright_net_tls_handshakes_total",
              "TLS sessions of clients that were opened, and those that failed then or later.", "result",
              result);
  };
  return {
      .udp_queries = queries("udp"),
      .udp_answers = answers("udp"),
      .udp_sent_bytes = sent("udp"),
      .tcp = {queries("tcp"), answers("tcp"), sent("tcp")},
      .tls = {queries("tls"), answers("tls"), sent("tls")},
      .tls_opened = shaken("opened"),
      .tls_failed = shaken("failed"),
      .udp_malformed = dropped("malformed"),
      .udp_unsent = dropped("unsent"),
      .tcp_accepted = metrics.own_counter(worker, "zonewright_net_tcp_accepted_total", "Connections taken."),
      .tcp_refused = metrics.own_counter(worker, "zonewright_net_tcp_refused_total",
                                         "Connections above a limit, closed at once."),
      .tcp_idle = ended("idle"),
      .tcp_slow = ended("slow"),
      .tcp_malformed = ended("malformed"),
      .tcp_displaced = ended("displaced"),
      .tcp_open = metrics.gauge("zonewright_net_tcp_connections", "Connections open."),
  };
}

}  // namespace zw
