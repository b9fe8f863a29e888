#include "transfer/agreement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "dnssec/records.h"

namespace zw {
namespace {

enum class Word : std::uint8_t {
  same,
  later,    // not yet: an older version, or no answer
  another,  // and that will not change
};

struct Opinion {
  Word word;
  std::string what;
};

// What another primary's ZONEMD records say of a version whose own is `ours`.
Opinion compare(Bytes ours, const std::vector<Buffer>& theirs) {
  auto wanted = ZonemdView::parse(ours);
  Opinion out{Word::another, "its ZONEMD has no such scheme and hash"};
  for (const Buffer& rdata : theirs) {
    if (same_bytes(rdata, ours)) return {Word::same, {}};
    auto one = ZonemdView::parse(rdata);
    Serial serial(one->serial()), expected(wanted->serial());
    if (serial != expected)
      out = {serial < expected ? Word::later : Word::another,
             fmt::format("it has serial {}", serial.value())};
    else if (one->scheme() == wanted->scheme() && one->hash() == wanted->hash())
      out = {Word::another, "it has another digest for the same serial"};
  }
  return out;
}

}  // namespace

std::string AgreementOutcome::what() const {
  return fmt::format("{} of the {} primaries that must agree have this digest{}{}", agreed.size(), needed,
                     dissents.empty() ? "" : ": ", fmt::join(dissents, "; "));
}

struct Agreement::Asked {
  Asked(Agreement& of, const Clock& clock, Random& random, Primary at)
      : primary(std::move(at)),
        probe(of.loop_, clock, random, of.settings_.times),
        again(of.loop_, [this, &of] { of.ask(*this); }) {}
  Primary primary;
  ApexProbe probe;
  Timer again;
  Milliseconds pause{0};
  Opinion opinion{Word::later, "it has not answered yet"};
  bool asked = false;  // in this run
};

Agreement::Agreement(Loop& loop, const Clock& clock, Random& random, AgreementSettings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      decide_(loop, [this] { decide(); }),
      deadline_(loop, [this] { end(); }) {
  for (const Primary& primary : settings_.primaries) {
    bool known = std::any_of(asked_.begin(), asked_.end(),
                             [&](const auto& one) { return one->primary.address == primary.address; });
    if (!known) asked_.push_back(std::make_unique<Asked>(*this, clock, random, primary));
  }
}

Agreement::~Agreement() = default;

void Agreement::start(const Address& giver, Buffer zonemd, OnEnd on_end) {
  stop();
  zonemd_ = std::move(zonemd);
  on_end_ = std::move(on_end);
  outcome_ = {};
  outcome_.needed = settings_.needed;
  outcome_.agreed.push_back(giver.print());
  for (const auto& one : asked_) {
    one->asked = one->primary.address != giver;
    one->pause = settings_.pause;
    one->opinion = {Word::later, "it has not answered yet"};
    if (one->asked) ask(*one);
  }
  deadline_.start(settings_.within);
  decide_.start(Milliseconds(0));  // perhaps there is nobody to ask
}

void Agreement::stop() {
  for (const auto& one : asked_) {
    one->probe.stop();
    one->again.stop();
  }
  decide_.stop();
  deadline_.stop();
  on_end_ = nullptr;
}

void Agreement::nudge(const IpAddress& primary) {
  for (const auto& one : asked_)
    if (one->primary.address.ip == primary && one->again.running()) one->again.start(Milliseconds(0));
}

void Agreement::ask(Asked& asked) {
  asked.probe.start(asked.primary, settings_.zone, RrType::ZONEMD, settings_.rr_class,
                    [this, &asked](const ApexAnswer& answer) { answered(asked, answer); });
}

void Agreement::answered(Asked& asked, const ApexAnswer& answer) {
  asked.opinion = answer.kind == ApexAnswerKind::good ? compare(zonemd_, answer.rdatas)
                                                      : Opinion{Word::later, answer.what};
  if (asked.opinion.word == Word::same) outcome_.agreed.push_back(asked.primary.address.print());
  if (asked.opinion.word == Word::later) {
    asked.again.start(asked.pause);
    asked.pause = std::min(2 * asked.pause, settings_.longest_pause);
  }
  decide();
}

void Agreement::decide() {
  auto possible = static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(), [](const auto& one) {
    return one->asked && one->opinion.word == Word::later;
  }));
  outcome_.reached = outcome_.agreed.size() >= settings_.needed;
  if (outcome_.reached || outcome_.agreed.size() + possible < settings_.needed) end();
}

void Agreement::end() {
  for (const auto& one : asked_)
    if (one->asked && one->opinion.word != Word::same)
      outcome_.dissents.push_back(one->primary.address.print() + ": " + one->opinion.what);
  OnEnd on_end = std::exchange(on_end_, nullptr);
  AgreementOutcome outcome = outcome_;
  stop();
  on_end(std::move(outcome));  // nothing after this: it may have destroyed us
}

}  // namespace zw
