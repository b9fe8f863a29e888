#include "localroot/history.h"

namespace zw::localroot {

// A zone without an image is too large for one; about how large is enough to know then.
Differences::Settings History::settings(const Zone& newest, const WireImagePtr& image) const {
  std::size_t whole =
      image ? image->run()->stream_octets() : newest.names().totals().octets + newest.nsec3().totals().octets;
  return {whole, settings_.condensed};
}

// Without its history a zone is served as well; clients get it whole.
void History::complain(const Zone& zone, std::string_view reason) {
  log_.warning("the journal is of no use", {{"zone", print(zone.origin())}, {"reason", reason}});
}

DifferencesPtr History::load(const ZonePtr& newest, const WireImagePtr& image) {
  if (auto opened = journal_.open(newest->serial()); !opened) complain(*newest, opened.error().what);
  std::string fault;
  DifferencesPtr out = read_differences(journal_, newest, settings(*newest, image), fault);
  if (!fault.empty()) complain(*newest, fault);
  return out;
}

History::Added History::add(const ZonePtr& before, const DifferencesPtr& differences, const ZonePtr& newest,
                            const WireImagePtr& image) {
  Differences::Settings settings = this->settings(*newest, image);
  auto changes = before ? diff(*before, *newest) : fail(ErrorKind::not_found, "there is no version before");
  if (!changes) {
    // What an earlier service left in the folder leads to a version that nobody has.
    if (auto opened = journal_.open(newest->serial()); !opened) complain(*newest, opened.error().what);
    return {Differences::none(newest, settings)};
  }
  if (auto kept = journal_.append(*before, *changes); !kept) complain(*newest, kept.error().what);
  auto ready =
      (differences ? differences : Differences::none(before, settings))->with(*changes, newest, settings);
  VersionChange change = change_of(*changes);
  return {ready, change, std::move(*changes)};
}

}  // namespace zw::localroot
