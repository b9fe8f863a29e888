#include "transfer/refresher.h"

#include <utility>

namespace zw {

namespace {

std::vector<PrimarySettings> policy_settings(const std::vector<Primary>& primaries) {
  std::vector<PrimarySettings> out;
  for (const Primary& primary : primaries) out.push_back({.ixfr = primary.ixfr});
  return out;
}

using Kind = RefreshEvent::Kind;

}  // namespace

Refresher::Refresher(Loop& loop, const Clock& clock, Random& random, RefresherSettings settings,
                     ZonePublisher& publisher, OnEvent on_event)
    : loop_(loop),
      settings_(std::move(settings)),
      publisher_(publisher),
      on_event_(std::move(on_event)),
      policy_(policy_settings(settings_.primaries), settings_.timers, random),
      probe_(loop, clock, random, settings_.times),
      fetch_(loop, clock, random, settings_.times, settings_.limits),
      timer_(loop, [this] { carry_out(policy_.tick(loop_.now())); }),
      primaries_(settings_.primaries.size()),
      self_(std::make_shared<Refresher*>(this)) {}

Refresher::~Refresher() { *self_ = nullptr; }

void Refresher::start(ZonePtr copy, Milliseconds left) {
  current_ = std::move(copy);
  std::optional<CopyFacts> facts;
  if (current_) facts = copy_facts(*current_);
  carry_out(policy_.start(loop_.now(), facts, left));
}

void Refresher::notified(const IpAddress& sender) {
  std::optional<std::size_t> primary;
  for (std::size_t i = settings_.primaries.size(); i-- > 0;)
    if (settings_.primaries[i].address.ip == sender) primary = i;
  RefreshEvent notice = event(Kind::notified);
  notice.primary = {sender, 0};
  tell(notice);
  carry_out(policy_.notified(primary, loop_.now()));
}

// ---- actions ----

struct Refresher::Act {
  Refresher& of;
  void operator()(const AskSoa& ask) const { of.ask_soa(ask.primary); }
  void operator()(const AskZone& ask) const { of.ask_zone(ask); }
  void operator()(const JudgeZone&) const { of.judge(); }
  void operator()(const StopAsking&) const { of.probe_.stop(); }
  void operator()(const ExtendCopy& extend) const {
    RefreshEvent confirmed = of.event(Kind::confirmed);
    confirmed.left = extend.until - of.loop_.now();
    of.publisher_.extend(confirmed.left);
    of.tell(confirmed);
  }
  void operator()(const ExpireCopy&) const {
    of.publisher_.expire();
    of.tell(of.event(Kind::expired));
  }
};

void Refresher::carry_out(const RefreshActions& actions) {
  for (const RefreshAction& action : actions) std::visit(Act{*this}, action);
  set_timer();
}

void Refresher::set_timer() {
  auto wake = policy_.wake();
  if (wake)
    timer_.start(std::max(Milliseconds(0), *wake - loop_.now()));
  else
    timer_.stop();
}

void Refresher::ask_soa(std::size_t primary) {
  asked_at_ = loop_.now();
  probe_.start(settings_.primaries[primary], settings_.zone, RrType::SOA, settings_.rr_class,
               [this](const ApexAnswer& answer) { soa_ended(answer); });
}

// What is served already goes before what is new.
void Refresher::ask_zone(const AskZone& ask) {
  auto urgency = current_ ? FetchLine::Urgency::update : FetchLine::Urgency::new_zone;
  place_.enter(settings_.line, settings_.primaries[ask.primary].address, urgency,
               [this, ask] { fetch_zone(ask); });
}

void Refresher::fetch_zone(const AskZone& ask) {
  asked_at_ = loop_.now();
  RefreshEvent begun = event(Kind::transfer_begun);
  begun.method = ask.method;
  tell(begun);
  TransferQuestion question{.zone = settings_.zone,
                            .rr_class = settings_.rr_class,
                            .method = ask.method,
                            .current = ask.method == TransferMethod::ixfr ? current_ : nullptr,
                            .newer_than = ask.newer_than,
                            .promised = ask.promised};
  fetch_.start(settings_.primaries[ask.primary], std::move(question),
               [this](std::unique_ptr<IncomingTransfer> transfer) { zone_ended(std::move(transfer)); });
}

// ---- answers ----

void Refresher::soa_ended(const ApexAnswer& answer) {
  PrimaryStatus& status = primaries_[state().primary];
  bool good = answer.kind == ApexAnswerKind::good;
  RefreshEvent ended = event(good ? Kind::soa_answered : Kind::soa_failed);
  ended.what = answer.what;
  if (good) ended.serial = status.serial = answer.serial;
  if (good) status.answered_at = loop_.now();
  status.fault = answer.what;
  tell(ended);
  carry_out(good ? policy_.soa_came(answer.serial, answer.expire, loop_.now())
                 : policy_.soa_failed(loop_.now()));
}

void Refresher::zone_ended(std::unique_ptr<IncomingTransfer> transfer) {
  place_.leave();
  PrimaryStatus& status = primaries_[state().primary];
  bool failed = transfer->state() == TransferState::failed;
  bool current = transfer->state() == TransferState::up_to_date;
  RefreshEvent ended = event(failed    ? Kind::transfer_failed
                             : current ? Kind::transfer_current
                                       : Kind::transfer_done);
  ended.serial = transfer->serial();
  ended.method = transfer->came_by();
  ended.counts = transfer->counts();
  ended.took = loop_.now() - asked_at_;
  ended.fault = transfer->failure().fault;
  ended.what = transfer->failure().what;
  if (!failed) status.serial = transfer->serial();
  if (!failed) status.answered_at = loop_.now();
  status.fault = transfer->failure().what;
  tell(ended);
  if (failed) return carry_out(policy_.zone_failed(transfer->failure(), loop_.now()));
  if (current) return carry_out(policy_.zone_is_current(transfer->expire(), loop_.now()));
  came_ = std::move(transfer);
  carry_out(policy_.zone_came(came_->came_by(), came_->expire(), loop_.now()));
}

void Refresher::judge() {
  asked_at_ = loop_.now();
  Candidate candidate{.records = came_->take(),
                      .counts = came_->counts(),
                      .primary = settings_.primaries[state().primary].address,
                      .last_octet_at = asked_at_};
  publisher_.judge(std::move(candidate), [self = self_](CandidateVerdict verdict) {
    if (*self) (*self)->judged(std::move(verdict));
  });
}

void Refresher::judged(CandidateVerdict verdict) {
  if (!came_) return;  // a second verdict
  RefreshEvent said = event(verdict.zone ? Kind::accepted : Kind::refused);
  said.serial = std::exchange(came_, nullptr)->serial();
  said.took = loop_.now() - asked_at_;
  said.what = verdict.reason;
  tell(said);
  if (!verdict.zone) {
    primaries_[state().primary].fault = verdict.reason;
    return carry_out(policy_.refused(loop_.now()));
  }
  current_ = std::move(verdict.zone);
  carry_out(policy_.accepted(copy_facts(*current_), loop_.now()));
}

// ---- events ----

RefreshEvent Refresher::event(Kind kind) const {
  return {.kind = kind, .zone = settings_.zone, .primary = settings_.primaries[state().primary].address};
}

void Refresher::tell(const RefreshEvent& event) const {
  if (on_event_) on_event_(event);
}

}  // namespace zw
