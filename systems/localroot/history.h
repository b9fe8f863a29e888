// What a zone was before its newest version: a journal on disk, and from it the differences that clients are
// sent. On the job thread.
#pragma once

#include <optional>

#include "localroot/notify_policy.h"
#include "log/log.h"
#include "transfer/journal.h"

namespace zw::localroot {

struct HistorySettings {
  std::size_t journal_octets = 64 << 20;
  bool condensed = false;
};

struct HistoryExtent {
  std::size_t versions = 0, octets = 0;  // of the journal
};

class History {
 public:
  /// `log` outlives it.
  History(std::string folder, HistorySettings settings, Logger& log)
      : journal_(std::move(folder), {settings.journal_octets, Differences::kMostVersions}),
        settings_(settings),
        log_(log) {}

  /// `newest` was loaded from disk: what the journal knows of the way to it. Never null.
  DifferencesPtr load(const ZonePtr& newest, const WireImagePtr& image);
  struct Added {
    DifferencesPtr differences;  // never null
    VersionChange change{true, true};
    std::optional<Changeset> changes{};  // absent if there was no version before
  };
  /// `newest` is about to be stored and published in place of `before`, whose differences are given: both
  /// null if there was none. Never null.
  Added add(const ZonePtr& before, const DifferencesPtr& differences, const ZonePtr& newest,
            const WireImagePtr& image);
  /// Open after load() and add(), unless it could not be.
  const Journal& journal() const { return journal_; }
  HistoryExtent extent() const { return {journal_.versions(), journal_.octets()}; }

 private:
  Differences::Settings settings(const Zone& newest, const WireImagePtr& image) const;
  void complain(const Zone& zone, std::string_view reason);

  Journal journal_;
  HistorySettings settings_;
  Logger& log_;
};

}  // namespace zw::localroot
