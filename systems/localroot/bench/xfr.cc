#include "localroot/bench/xfr.h"

#include <fmt/format.h>

#include "transfer/sign_query.h"
#include "transfer/transfer_query.h"
#include "zone/builder.h"

namespace zw::localroot {
namespace {

constexpr Milliseconds kPace{5}, kCheck{100};
constexpr std::size_t kInbox = 256 << 10;
constexpr std::size_t kMostConnecting = 256;       // a queue of connections that is full would answer late
constexpr std::uint64_t kUsualOctets = 256 << 10;  // until one transfer was whole

// What an IXFR query needs of the client's version.
ZonePtr version_with(NameView zone, Serial serial) {
  Buffer rdata(2 + 20);  // names of the root
  set32(rdata.data() + 2, serial.value());
  ZoneBuilder builder(zone);
  builder.add(zone, RrType::SOA, 0, rdata);
  Findings findings;
  auto built = builder.build(findings);
  ZW_ASSERT(built);
  return *built;
}

}  // namespace

XfrLoad::XfrLoad(Loop& loop, const Clock& clock, XfrOptions options, std::function<void()> done)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      done_(std::move(done)),
      random_(options_.seed),
      inbox_(kInbox),
      pace_(loop, [this] { fill(); }),
      check_(loop, [this] { check(); }) {
  if (options_.serial) have_ = version_with(options_.zone, *options_.serial);
}

Result<void> XfrLoad::start() {
  began_ = steady_micros();
  check_.start(kCheck);
  pace_.start(Milliseconds(0));
  return {};
}

void XfrLoad::stop() {
  stopped_ = true;
  ended_ = steady_micros();
  pace_.stop();
  check_.stop();
  unfinished_ = slots_.size() - free_.size();
  for (auto& slot : slots_) {
    if (slot->running()) count_progress(*slot);
    slot->stop();
  }
}

bool XfrLoad::chance(double share) {
  return share > 0 && static_cast<double>(random_.next() >> 11) * 0x1p-53 < share;
}

double XfrLoad::elapsed() const {
  return static_cast<double>(((stopped_ ? ended_ : steady_micros()) - began_).count()) / 1e6;
}

bool XfrLoad::may_begin() const {
  if (stopped_ || begun_ >= options_.total || connecting_ >= kMostConnecting) return false;
  if (free_.empty() && slots_.size() >= options_.clients) return false;
  return options_.rate <= 0 || static_cast<double>(begun_) < options_.rate * elapsed() + 1;
}

void XfrLoad::fill() {
  while (may_begin()) begin_one();
  bool more = !stopped_ && begun_ < options_.total;
  if (more && !pace_.running()) pace_.start(kPace);
}

Subscriber* XfrLoad::free_slot() {
  if (free_.empty())
    return slots_
        .emplace_back(std::make_unique<Subscriber>(
            loop_, clock_, inbox_,
            [this](Subscriber& subscriber, Subscriber::End how) { ended(subscriber, how); }))
        .get();
  Subscriber* slot = free_.back();
  free_.pop_back();
  return slot;
}

void XfrLoad::begin_one() {
  Subscriber* slot = free_slot();
  slot->start(make_subscription());
  ++begun_;
  ++connecting_;
  peak_ = std::max(peak_, slots_.size() - free_.size());
}

Subscription XfrLoad::make_subscription() {
  Subscription what;
  what.to = options_.target;
  if (options_.sources) what.from = options_.sources->at(begun_);
  what.patience = options_.patience;
  TransferQuestion question{options_.zone};
  question.id = static_cast<std::uint16_t>(random_.next());
  question.method = have_ ? TransferMethod::ixfr : TransferMethod::axfr;
  question.current = have_;
  what.query = compose_transfer_query({options_.zone, have_ ? RrType::IXFR : RrType::AXFR, RrClass::IN,
                                       question.id, have_.get(), options_.edns});
  auto tsig = sign_query(options_.key ? &*options_.key : nullptr, what.query, clock_.wall());
  if (tsig && !chance(options_.verify_share)) tsig.reset();
  if (tsig) ++verified_;
  what.judge = std::make_unique<StreamJudge>(book_, std::move(question), options_.check, std::move(tsig));
  if (options_.slow_octets_per_second > 0 && chance(options_.slow_share)) {
    ++slow_;
    what.octets_per_second = options_.slow_octets_per_second;
  }
  if (chance(options_.reset_share))
    what.reset_after = 1 + random_.below(usual_octets_ > 0 ? usual_octets_ : kUsualOctets);
  return what;
}

void XfrLoad::ended(Subscriber& subscriber, Subscriber::End how) {
  count_progress(subscriber);
  if (how == Subscriber::End::whole) count_whole(subscriber);
  if (how == Subscriber::End::reset) ++resets_;
  if (how == Subscriber::End::failed) {
    std::string from = subscriber.subscription().from ? subscriber.subscription().from->print() + ": " : "";
    failures_.add(subscriber.judge().reason(), from + subscriber.judge().what());
  }
  free_.push_back(&subscriber);
  if (connecting_ > 0) --connecting_;
  if (begun_ >= options_.total && free_.size() == slots_.size() && !stopped_) {
    stop();
    return done_();
  }
  // Not from here: a server that refuses all would make us call ourselves for ever.
  if (!stopped_ && begun_ < options_.total) pace_.start(Milliseconds(0));
}

void XfrLoad::count_progress(const Subscriber& subscriber) {
  if (subscriber.connected_at() > Micros(0))
    connect_.add(static_cast<std::uint64_t>((subscriber.connected_at() - subscriber.began()).count()));
  if (subscriber.first_at() > Micros(0))
    first_.add(static_cast<std::uint64_t>((subscriber.first_at() - subscriber.connected_at()).count()));
  const TransferCounts& counts = subscriber.judge().counts();
  messages_ += counts.messages;
  records_ += counts.records;
  octets_ += subscriber.received();
}

void XfrLoad::count_whole(const Subscriber& subscriber) {
  ++whole_;
  usual_octets_ = subscriber.received();
  transfer_.add(static_cast<std::uint64_t>((steady_micros() - subscriber.began()).count()));
}

void XfrLoad::check() {
  connecting_ = 0;
  for (auto& slot : slots_) {
    slot->check_patience();
    if (stopped_) return;  // that was the last one
    connecting_ += slot->connecting();
  }
  if (options_.limit && elapsed() * 1000 >= static_cast<double>(options_.limit->count())) {
    stop();
    return done_();
  }
  check_.start(kCheck);
}

Report XfrLoad::report() const {
  using Unit = Report::Unit;
  Report report("xfr");
  double seconds = elapsed();
  report.text("target", "server", options_.target.print());
  report.text("zone", "zone", print(options_.zone));
  report.text(
      "query", "query",
      fmt::format("{}{}", have_ ? fmt::format("IXFR from {}", options_.serial->value()) : "AXFR",
                  options_.key ? fmt::format(", signed with {}", print(options_.key->algorithm())) : ""));
  report.count("begun", "transfers begun", begun_);
  report.count("whole", "whole", whole_);
  report.count("failed", "failed", failures_.count());
  report.count("reset", "reset by us", resets_);
  report.count("unfinished", "not at their end yet", unfinished_);
  report.count("slow", "slow readers among them", slow_);
  report.count("at_once", "at once, at most", peak_);
  if (options_.key) report.count("verified_tsig", "with TSIG verified", verified_);
  report.number("whole_per_second", "whole transfers", static_cast<double>(whole_) / seconds,
                Unit::per_second);
  report.count("received_bytes", "octets", octets_, Unit::octets);
  report.number("received_bytes_per_second", "octets", static_cast<double>(octets_) / seconds,
                Unit::octets_per_second);
  report.count("messages", "messages", messages_);
  report.count("records", "records", records_);
  Report::Counts versions;
  std::uint64_t proven = 0;
  for (const auto& [key, version] : book_.versions()) {
    if (version.streams > 0)
      versions.emplace_back(fmt::format("{} {}", print(key.first), key.second), version.streams);
    proven += version.proven;
  }
  report.count("versions", "versions seen", versions.size());
  report.counts("whole_of_version", "whole transfers of", versions);
  if (options_.check == StreamCheck::digest)
    report.count("versions_proven", "with their digest proven", proven);
  report.self(seconds);
  report.times("connect_us", "connected after", connect_);
  report.times("first_message_us", "first octets after that", first_);
  report.times("transfer_us", "whole after", transfer_);
  report.failures(failures_);
  bool unproven = options_.check == StreamCheck::digest && proven < versions.size() && !have_;
  report.succeeded(failures_.count() == 0 && octets_ > 0 && !unproven);
  return report;
}

}  // namespace zw::localroot
