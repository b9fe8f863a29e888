#include "localroot/changes/change_feed.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/encoding.h"
#include "dnssec/records.h"
#include "os/files.h"

namespace zw::localroot {
namespace {

// Of all that is kept, one file has so much, so that the oldest go in small pieces.
constexpr std::size_t kSegments = 16;
// A version with more than this part of all octets is only counted.
constexpr std::size_t kVersionPart = 4;
constexpr std::size_t kMostSegmentOctets = std::size_t{1} << 31;

// As the version after `changes` has it itself; empty if it does not.
PublishedVersion with_own_digest(const Changeset& changes, WallTime at) {
  for (const ZoneRecord& record : changes.added) {
    if (record.type != RrType::ZONEMD || !record.owner.is_root()) continue;
    auto zonemd = ZonemdView::parse(record.rdata);
    if (zonemd && zonemd->scheme() == ZonemdScheme::SIMPLE && zonemd->hash() == ZonemdHash::SHA384)
      return {at, "SHA-384", base16(zonemd->digest())};
  }
  return {at, "", ""};
}

ChangeVersion version_of(NameView zone, Serial serial, const PublishedVersion& published) {
  ChangeVersion out;
  out.zone = zone;
  out.serial = serial;
  out.published_at = published.at;
  out.digest_kind = published.digest_kind;
  out.digest = published.digest;
  return out;
}

}  // namespace

ChangeFeed::ChangeFeed(NameView zone, std::string folder, ChangeFeedSettings settings)
    : zone_(zone), folder_(std::move(folder)), settings_(settings) {
  settings_.octets = std::clamp<std::size_t>(settings_.octets, 1 << 20, kMostSegmentOctets);
  settings_.versions = std::max<std::size_t>(settings_.versions, 1);
}

Result<void> ChangeFeed::open(std::string* fault) {
  ZW_CHECK(scan(true, fault));
  opened_ = true;
  return {};
}

Result<void> ChangeFeed::open_to_read() { return scan(false, nullptr); }

// Only the newest file is written to, so only it is mended; what is damaged in another is passed over.
Result<void> ChangeFeed::scan(bool mend, std::string* fault) {
  file_.close();
  std::deque<Segment> segments;
  std::deque<ChangePlace> places;
  auto names = list_folder(folder_);
  if (!names && names.error().kind != ErrorKind::not_found) return fail(names.error());
  for (const std::string& name : names.value_or(std::vector<std::string>()))
    if (auto first = parse_segment_name(name)) segments.push_back({*first, 0});
  for (Segment& segment : segments) {
    auto file = read_file(path(segment.first), kMostSegmentOctets);
    if (!file && !mend && file.error().kind == ErrorKind::not_found) continue;  // it was the oldest
    if (!file) return fail(file.error());
    SegmentScan found = scan_segment(*file, segment.first, zone_);
    bool damaged = !found.fault.empty();
    if (damaged && fault)
      *fault = fmt::format("{}, octet {}: {}", path(segment.first), found.octets, found.fault);
    bool cut = mend && damaged && segment.first == segments.back().first;
    if (cut && truncate(path(segment.first).c_str(), static_cast<off_t>(found.octets)) != 0)
      return fail_errno(path(segment.first));
    segment.octets = cut ? found.octets : file->size();
    places.insert(places.end(), found.places.begin(), found.places.end());
  }
  segments_ = std::move(segments);
  next_ = 1;
  if (!segments_.empty()) next_ = segments_.back().first;
  if (!places.empty()) next_ = std::max(next_, places.back().entry + 1);
  std::lock_guard lock(mutex_);
  places_ = std::move(places);
  return {};
}

Result<void> ChangeFeed::append(const Changeset& changes, const PublishedVersion& published) {
  ChangeVersion version = version_of(zone_, changes.to, published);
  version.previous = changes.from;
  version.records = settings_.keeps;
  count_changes(changes, version);
  std::string records;
  if (!append_records(records, changes, settings_.keeps, settings_.octets / kVersionPart))
    version.records = ChangeScope::none;
  return write(std::move(version), records);
}

Result<void> ChangeFeed::begin(Serial serial, const PublishedVersion& published) {
  return write(version_of(zone_, serial, published), "");
}

Result<void> ChangeFeed::note(const ZonePtr& before, const Zone& newest, const PublishedVersion& version) {
  if (!before) return begin(newest.serial(), version);
  ZW_TRY(Changeset changes, diff(*before, newest));
  return append(changes, version);
}

Result<void> ChangeFeed::catch_up(const Journal& journal, const ZonePtr& newest,
                                  const PublishedVersion& version) {
  if (!opened_) ZW_CHECK(open());
  auto last = extent().newest;
  if (last && last->serial == newest->serial()) return {};
  // Somebody else has noted the next one already, as when a reload falls into its verification.
  if (last && last->previous == newest->serial()) return {};
  auto known = journal.serials();
  if (!last || std::find(known.begin(), known.end(), last->serial) == known.end())
    return begin(newest->serial(), version);
  std::vector<Changeset> steps;  // the newest first
  auto read = journal.read(newest, [&](const Changeset& step) {
    steps.push_back(step);
    return step.from != last->serial;
  });
  if (!read || steps.empty() || steps.back().from != last->serial) return begin(newest->serial(), version);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    ZW_CHECK(append(*step, step + 1 == steps.rend() ? version : with_own_digest(*step, version.at)));
  return {};
}

// After a failure nobody knows what is on disk; open() looks.
Result<void> ChangeFeed::write(ChangeVersion version, const std::string& records) {
  if (!opened_) ZW_CHECK(open());
  if (auto last = extent().newest; last && last->serial == version.serial) return {};
  version.entry = next_;
  std::string text = print_version(version) + records;
  auto written = make_room(text.size(), version.published_at);
  if (written) written = write_lines(version, text);
  opened_ = written.has_value();
  return written;
}

std::size_t ChangeFeed::octets() const {
  std::size_t out = 0;
  for (const Segment& segment : segments_) out += segment.octets;
  return out;
}

// The newest file takes no more.
bool ChangeFeed::is_full(std::size_t octets, WallTime now) const {
  if (segments_.empty()) return true;
  if (segments_.back().octets == 0) return false;
  if (segments_.back().octets + octets > settings_.octets / kSegments) return true;
  auto first = find(segments_.back().first);
  return !first || next_ - first->entry >= std::max<std::size_t>(settings_.versions / kSegments, 1) ||
         now - first->published_at > settings_.age / static_cast<int>(kSegments);
}

Result<void> ChangeFeed::make_room(std::size_t octets, WallTime now) {
  bool full = is_full(octets, now);
  auto is_over = [&] {
    ChangeExtent extent = this->extent();
    auto last = segments_.size() > 1 ? find(segments_[1].first - 1) : extent.newest;  // of the oldest file
    bool old = last && now - last->published_at > settings_.age;
    return old || this->octets() + octets > settings_.octets || extent.versions >= settings_.versions;
  };
  while (segments_.size() > (full ? 0 : 1) && is_over()) ZW_CHECK(forget_oldest());
  if (!full) return {};
  file_.close();
  ZW_CHECK(make_folder(folder_));
  segments_.push_back({next_, 0});
  return {};
}

Result<void> ChangeFeed::write_lines(const ChangeVersion& version, const std::string& text) {
  Segment& segment = segments_.back();
  std::string path = this->path(segment.first);
  if (!file_) {
    file_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file_) return fail_errno(path);
    ZW_CHECK(sync_folder(folder_));
  }
  ZW_CHECK(write_all(file_.get(), as_bytes(text), path));
  if (fdatasync(file_.get()) != 0) return fail_errno(path);
  std::lock_guard lock(mutex_);
  places_.push_back({version.entry, version.serial, version.previous, version.published_at, segment.first,
                     segment.octets, text.size()});
  segment.octets += text.size();
  next_ = version.entry + 1;
  return {};
}

Result<void> ChangeFeed::forget_oldest() {
  std::uint64_t first = segments_.front().first;
  segments_.pop_front();
  if (segments_.empty()) file_.close();
  {
    std::lock_guard lock(mutex_);
    while (!places_.empty() && places_.front().segment == first) places_.pop_front();
  }
  if (auto removed = remove_file(path(first)); !removed && removed.error().kind != ErrorKind::not_found)
    return removed;
  return {};
}

ChangeExtent ChangeFeed::extent() const {
  std::lock_guard lock(mutex_);
  ChangeExtent out;
  out.versions = places_.size();
  for (const ChangePlace& place : places_) out.octets += place.octets;
  if (places_.empty()) return out;
  out.oldest = places_.front();
  out.newest = places_.back();
  return out;
}

}  // namespace zw::localroot
