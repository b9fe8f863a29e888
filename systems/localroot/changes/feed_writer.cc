#include "localroot/changes/feed_writer.h"

namespace zw::localroot {

FeedWriter::FeedWriter(NameView zone, std::string folder, const ChangeFeedSettings& settings,
                       const Clock& clock, Logger& log, Metrics& metrics)
    : clock_(clock),
      log_(log),
      feed_(std::make_shared<ChangeFeed>(zone, std::move(folder), settings)),
      versions_(metrics.gauge("zonewright_zone_changes_versions_count", "Versions in the change feed.",
                              {{"zone", print(zone)}})),
      octets_(metrics.gauge("zonewright_zone_changes_bytes", "The change feed on disk.",
                            {{"zone", print(zone)}})),
      failures_(metrics.counter("zonewright_zone_changes_failures_total",
                                "Versions that could not be noted in the change feed when they came.",
                                {{"zone", print(zone)}})) {}

void FeedWriter::note(const Journal& journal, const ZonePtr& newest, const Changeset* changes,
                      const Evidence& evidence) {
  if (auto written = write(journal, newest, changes, evidence); !written) {
    failures_.add();
    log_.error("the version is not in the change feed; it is tried again with the next one",
               {{"zone", print(feed_->zone())},
                {"serial", newest->serial().value()},
                {"reason", written.error().what}});
  }
  ChangeExtent extent = feed_->extent();
  versions_.set(static_cast<double>(extent.versions));
  octets_.set(static_cast<double>(extent.octets));
}

Result<void> FeedWriter::write(const Journal& journal, const ZonePtr& newest, const Changeset* changes,
                               const Evidence& evidence) {
  if (!opened_) ZW_CHECK(open());
  PublishedVersion version{clock_.wall(), evidence.digest_kind, evidence.digest};
  auto last = feed_->extent().newest;
  bool leads_on = changes && last && last->serial == changes->from;
  return leads_on ? feed_->append(*changes, version) : feed_->catch_up(journal, newest, version);
}

Result<void> FeedWriter::open() {
  std::string fault;
  ZW_CHECK(feed_->open(&fault));
  opened_ = true;
  if (!fault.empty())
    log_.warning("the change feed was damaged", {{"zone", print(feed_->zone())}, {"reason", fault}});
  return {};
}

}  // namespace zw::localroot
