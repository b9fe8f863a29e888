// Whether enough primaries have the same version of a zone: each is asked for its ZONEMD records (RFC 8976),
// and one of them must be what was computed of the version that came. So one primary that was taken over, or
// one set of stolen keys, is not enough to make a version believed.
//
// What a primary says here is only as good as the way to it: without TSIG or TLS, who can forge its answers
// can forge its word. Lives on its loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "transfer/apex_probe.h"

namespace zw {

struct AgreementSettings {
  Name zone;
  RrClass rr_class = RrClass::IN;
  std::vector<Primary> primaries;     // several at one address count as one
  std::size_t needed = 2;             // of them, with the one that gave the version
  Milliseconds within{60'000};        // then it is given up
  Milliseconds pause{500};            // before who has an older version is asked again; doubled each time …
  Milliseconds longest_pause{5'000};  // … up to this
  AskTimes times{};
};

struct AgreementOutcome {
  bool reached = false;
  std::vector<std::string> agreed;    // addresses, first the one that gave it
  std::vector<std::string> dissents;  // `address: why not`, of the others
  /// A sentence for a log: who is missing, and why.
  std::string what() const;
  std::size_t needed = 0;
};

class Agreement {
 public:
  using OnEnd = std::function<void(AgreementOutcome)>;

  /// All but `settings` outlives it.
  Agreement(Loop& loop, const Clock& clock, Random& random, AgreementSettings settings);
  ~Agreement();
  Agreement(const Agreement&) = delete;
  Agreement& operator=(const Agreement&) = delete;

  /// Asks all primaries but `giver`, at the same time, whether they have `zonemd`, the RDATA with scheme
  /// SIMPLE of the version that came; who has an older version is asked again. `on_end` is called once, from
  /// the loop: as soon as enough agree, or cannot any more, or the time is over. In it the agreement may be
  /// started again or destroyed.
  void start(const Address& giver, Buffer zonemd, OnEnd on_end);
  void stop();  // on_end is not called
  /// The primaries at this address may have something new: they are asked again at once.
  void nudge(const IpAddress& primary);
  bool running() const { return static_cast<bool>(on_end_); }
  /// Who agreed so far; needed.
  const AgreementOutcome& outcome() const { return outcome_; }

 private:
  struct Asked;  // one primary
  void ask(Asked& asked);
  void answered(Asked& asked, const ApexAnswer& answer);
  void decide();
  void end();

  Loop& loop_;
  AgreementSettings settings_;
  std::vector<std::unique_ptr<Asked>> asked_;
  Buffer zonemd_;
  AgreementOutcome outcome_;
  OnEnd on_end_;
  Timer decide_, deadline_;
};

}  // namespace zw
