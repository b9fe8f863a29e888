#include "localroot/bench/query.h"

#include <fmt/format.h>

#include "localroot/bench/query_channel.h"

namespace zw::localroot {
namespace {

constexpr Milliseconds kPace{1}, kCheck{50};

}  // namespace

InFlight::InFlight(std::size_t most) : places_(most) {
  ZW_ASSERT(most > 0 && most <= kMost);
  for (std::size_t i = most; i > 0; --i) free_.push_back(static_cast<std::uint16_t>(i - 1));
}

std::uint16_t InFlight::add(const Buffer& query, Micros now) {
  std::uint16_t at = free_.back();
  free_.pop_back();
  Place& place = places_[at];
  place.sent = now;
  place.query = &query;
  return static_cast<std::uint16_t>(at | unsigned{place.turn} << kTurnShift);
}

const InFlight::Place* InFlight::find(std::uint16_t id) const {
  std::size_t at = id & (kMost - 1);
  if (at >= places_.size()) return nullptr;
  const Place& place = places_[at];
  return place.query && place.turn == id >> kTurnShift ? &place : nullptr;
}

void InFlight::remove(std::uint16_t id) {
  Place& place = places_[id & (kMost - 1)];
  place.query = nullptr;
  place.turn = (place.turn + 1) & 15;
  free_.push_back(id & (kMost - 1));
}

std::size_t InFlight::drop_older(Micros than) {
  std::size_t dropped = 0;
  for (std::size_t at = 0; at < places_.size(); ++at) {
    if (!places_[at].query || places_[at].sent >= than) continue;
    remove(static_cast<std::uint16_t>(at));
    ++dropped;
  }
  return dropped;
}

QueryLoad::QueryLoad(Loop& loop, const Clock&, QueryOptions options, std::function<void()> done)
    : loop_(loop),
      options_(std::move(options)),
      done_(std::move(done)),
      random_(options_.seed),
      pace_(loop, [this] { fill(); }),
      check_(loop, [this] { check(); }) {}

QueryLoad::~QueryLoad() = default;

Result<void> QueryLoad::start() {
  auto batch = make_query_batch();
  std::size_t each = std::clamp<std::size_t>(options_.in_flight / options_.clients, 1, InFlight::kMost);
  for (std::size_t i = 0; i < options_.clients; ++i) {
    std::optional<IpAddress> from;
    if (options_.sources) from = options_.sources->at(i);
    auto channel = options_.transport == Transport::udp ? make_udp_channel(*this, loop_, random_, batch, each)
                                                        : make_tcp_channel(*this, loop_, each);
    ZW_CHECK(channel->open(options_.target, from));
    channels_.push_back(std::move(channel));
  }
  began_ = steady_micros();
  check_.start(kCheck);
  pace_.start(Milliseconds(0));
  return {};
}

void QueryLoad::stop() {
  if (stopped_) return;
  stopped_ = true;
  ended_ = steady_micros();
  pace_.stop();
  check_.stop();
}

double QueryLoad::elapsed() const {
  return static_cast<double>(((stopped_ ? ended_ : steady_micros()) - began_).count()) / 1e6;
}

std::size_t QueryLoad::may_send() const {
  double seconds = elapsed();
  if (stopped_ || seconds * 1000 >= static_cast<double>(options_.limit.count())) return 0;
  std::uint64_t most = options_.total > 0 ? options_.total - sent_ : ~std::uint64_t{0};
  if (options_.rate > 0) {
    auto due = static_cast<std::uint64_t>(options_.rate * seconds) + 1;
    most = std::min(most, due - std::min(due, sent_));
  }
  return most;
}

const Buffer& QueryLoad::next_query() {
  const Buffer& query = options_.queries[next_];
  if (++next_ == options_.queries.size()) next_ = 0;
  ++sent_;
  sent_octets_ += query.size();
  return query;
}

void QueryLoad::take(Bytes message, InFlight& in_flight, Micros now) {
  octets_ += message.size();
  auto header = Header::read(message);
  const InFlight::Place* place = header && header->qr() ? in_flight.find(header->id) : nullptr;
  if (!place) {
    ++late_;  // or nobody's answer; on a connected socket it is from the server
    return;
  }
  const Buffer& query = *place->query;
  // The question stands at the same place, octet for octet, letter case included.
  MessageFault fault;
  std::size_t question = MessageView::read(query, fault)->section_at(Section::answer) - kHeaderOctets;
  if (message.size() < kHeaderOctets + question ||
      std::memcmp(message.data() + kHeaderOctets, query.data() + kHeaderOctets, question) != 0)
    failures_.add("not-our-answer", "an answer has another question than its query");
  latency_.add(static_cast<std::uint64_t>((now - place->sent).count()));
  ++answered_;
  ++rcodes_[static_cast<std::size_t>(header->rcode())];
  truncated_ += header->tc();
  in_flight.remove(header->id);
}

void QueryLoad::lose(std::size_t queries, std::string_view reason, std::string_view what) {
  lost_ += queries;
  for (std::size_t i = 0; i < queries; ++i) failures_.add(reason, what);
}

void QueryLoad::fill() {
  for (auto& channel : channels_) channel->fill();
  if (options_.rate > 0 && !stopped_) pace_.start(kPace);
}

void QueryLoad::check() {
  Micros old = steady_micros() - std::chrono::duration_cast<Micros>(options_.patience);
  std::size_t waiting = 0;
  for (auto& channel : channels_) {
    lose(channel->in_flight().drop_older(old), "timed-out",
         fmt::format("{}: no answer within {} ms", options_.target.print(), options_.patience.count()));
    waiting += channel->in_flight().size();
  }
  bool over = may_send() == 0 &&
              (options_.rate <= 0 || elapsed() * 1000 >= static_cast<double>(options_.limit.count()) ||
               (options_.total > 0 && sent_ >= options_.total));
  bool hopeless = answered_ == 0 && failures_.kinds().contains("unreachable");
  if ((over && waiting == 0) || hopeless) {
    stop();
    return done_();
  }
  if (options_.rate <= 0) fill();  // those that had no room, or lost what they had
  check_.start(kCheck);
}

Report QueryLoad::report() const {
  using Unit = Report::Unit;
  Report report("query");
  double seconds = elapsed();
  report.text("target", "server", options_.target.print());
  report.text("transport", "over", options_.transport == Transport::udp ? "UDP" : "TCP");
  report.count("sent", "queries", sent_);
  report.count("answered", "answered", answered_);
  report.count("lost", "lost", lost_);
  report.count("late", "answered late or unasked", late_);
  report.count("truncated", "truncated", truncated_);
  report.number("answered_per_second", "answers", static_cast<double>(answered_) / seconds, Unit::per_second);
  report.count("sent_bytes", "octets of queries", sent_octets_, Unit::octets);
  report.count("received_bytes", "octets of answers", octets_, Unit::octets);
  Report::Counts codes;
  for (std::size_t i = 0; i < rcodes_.size(); ++i)
    if (rcodes_[i] > 0) codes.emplace_back(print(static_cast<Rcode>(i)), rcodes_[i]);
  report.counts("rcodes", "RCODE", codes);
  report.self(seconds);
  report.times("latency_us", "answered after", latency_);
  report.failures(failures_);
  report.succeeded(answered_ > 0 && failures_.count() == 0);
  return report;
}

}  // namespace zw::localroot
