#include "localroot/portal/advice.h"

#include <doctest/doctest.h>

namespace zw::localroot::portal {
namespace {

const Timestamp kNow{Seconds(1'800'000'000)};

PortalTarget active() {
  PortalTarget out;
  out.address = *Address::parse("192.0.2.53", kDnsPort);
  out.state.proof = Proof{0, kNow};
  return out;
}

TEST_CASE("a server that is told is told so, and one that is disabled too") {
  CHECK_FALSE(advise(active(), false, kNow).is_fault);
  PortalTarget disabled = active();
  disabled.state.enabled = false;
  CHECK(advise(disabled, false, kNow).what == "It is disabled.");
}

TEST_CASE("who is not proven is told how it is proven, and why it was refused") {
  PortalTarget target = active();
  target.state.proof.reset();
  CHECK(advise(target, true, kNow).mend.find("signed by its key") != std::string::npos);
  CHECK(advise(target, false, kNow).mend.find("signed by its key") == std::string::npos);
  target.facts.refusal = "a TSIG signature is needed";
  CHECK(advise(target, true, kNow).what ==
        "A transfer to 192.0.2.53 was refused: a TSIG signature is needed.");
}

TEST_CASE("each reason of silence has its mend") {
  PortalTarget target = active();
  target.state.pause = Pause::unanswered;
  target.state.unanswered = 10;
  CHECK(advise(target, true, kNow).what.starts_with("10 versions on end"));
  target.state.pause = Pause::silence;
  CHECK(advise(target, true, kNow).what.starts_with("Nothing was asked"));
  target.state.pause = Pause::none;
  for (auto [fault, word] :
       {std::pair{NotifyFault::badkey, "configuration"}, std::pair{NotifyFault::badsig, "secret"},
        std::pair{NotifyFault::badtime, "clock"}, std::pair{NotifyFault::unsigned_, "signs"},
        std::pair{NotifyFault::silence, "port 53"}}) {
    target.facts.outcome = Outcome{false, Rcode::NOERROR, fault, 0};
    CHECK(advise(target, true, kNow).mend.find(word) != std::string::npos);
  }
  target.facts.outcome = Outcome{true, Rcode::NOTAUTH, NotifyFault::none, 3};
  CHECK(advise(target, true, kNow).what == "The server answered NOTIFY by NOTAUTH.");
}

TEST_CASE("a short lag is none, a long one is a fault") {
  PortalTarget target = active();
  target.facts.lacks_since = kNow;
  CHECK_FALSE(advise(target, true, kNow + Seconds(600)).is_fault);
  CHECK(advise(target, true, kNow + Seconds(7200)).is_fault);
}

}  // namespace
}  // namespace zw::localroot::portal
