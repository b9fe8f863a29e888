// What a zone was before, on disk: one file for each step from a version to the next
// (docs/formats/zone-step.md), in a folder of its own. Bounded in octets and in versions, the oldest go
// first. Each file is written whole or not at all, so a kill at any moment leaves a history that leads up to
// some version; what does not lead to the one that is served is of no use, and is removed.
//
// One thread at a time.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "transfer/differences.h"
#include "zone/step.h"

namespace zw {

struct JournalLimits {
  std::size_t octets = 64'000'000;
  std::size_t versions = Differences::kMostVersions;
};

class Journal {
 public:
  /// The folder is ours alone; it is made when there is something to keep.
  Journal(std::string folder, JournalLimits limits) : folder_(std::move(folder)), limits_(limits) {}

  /// Looks which steps there are that lead to `newest`, one after another, and removes all else. Call it
  /// first.
  Result<void> open(Serial newest);
  /// Keeps a step, `changes` of diff(older, newer). Call it before the newer version itself is stored: what
  /// is found to lead nowhere is dropped, what is missing cannot be made up. Steps that lead beyond the older
  /// version are dropped; if none leads up to it, a new history begins.
  Result<void> append(const Zone& older, const Changeset& changes);
  /// Hands out the steps, that which led to `newest` first, until `visit` says false. Ends with an error
  /// where a file cannot be read, or does not fit.
  Result<void> read(ZonePtr newest, const std::function<bool(const Changeset& step)>& visit) const;

  std::size_t versions() const { return steps_.size(); }
  std::size_t octets() const { return octets_; }
  /// From which versions steps lead on, the oldest first.
  std::vector<Serial> serials() const;

 private:
  struct Step {
    Serial from, to;
    std::size_t octets;
  };
  std::string path(const Step& step) const;
  Result<void> forget_oldest();
  Result<void> forget_newest();
  Result<void> remove(const Step& step);

  std::string folder_;
  JournalLimits limits_;
  std::deque<Step> steps_;  // the oldest first
  std::size_t octets_ = 0;
};

/// What an open journal has for clients of `newest`. `fault`: why it ends before its end, if it does.
DifferencesPtr read_differences(const Journal& journal, const ZonePtr& newest,
                                const Differences::Settings& settings, std::string& fault);

}  // namespace zw
