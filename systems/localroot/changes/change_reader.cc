// How a feed is read: a page at a time, from the files, with nothing held but the places of versions.
#include <fcntl.h>

#include <algorithm>
#include <charconv>

#include "localroot/changes/change_feed.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostReadings = 8;  // for a page, times its size

bool parse_whole(std::string_view text, std::uint64_t& out) {
  auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

// Gathers the lines of one page.
class PageReader {
 public:
  explicit PageReader(const ChangeQuery& query)
      : query_(query), left_(std::max(kMostReadings * query.most, kMostChangeLine)) {
    page_.next = query.from;
  }
  // Goes on in a version, of which the file is `path`. Its end is reached, or the page is full.
  Result<void> take(const ChangePlace& place, const std::string& path) {
    if (page_.next.entry != place.entry) page_.next = {place.entry, 0};
    ZW_CHECK(open(place.segment, path));
    ZW_CHECK(check_position(place, path));
    while (!full_ && page_.next.octet < place.octets) {
      std::size_t begin = place.at + page_.next.octet, left = place.octets - page_.next.octet;
      std::size_t room = query_.most - std::min(query_.most, page_.lines.size());
      std::size_t wanted = std::min(left, std::max(room, kMostChangeLine));
      ZW_TRY(std::string block, read_at(file_, begin, wanted, path));
      if (!take_lines(block)) return fail(ErrorKind::malformed, "{}: no line at octet {}", path, begin);
    }
    if (page_.next.octet == place.octets) page_.next = {place.entry + 1, 0};
    return {};
  }
  bool is_full() const { return full_; }
  ChangePage finish(bool more) {
    page_.more = more;
    return std::move(page_);
  }

 private:
  Result<void> open(std::uint64_t segment, const std::string& path) {
    if (file_ && segment == segment_) return {};
    file_ = Descriptor(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    segment_ = segment;
    if (!file_) return fail_errno(path);
    return {};
  }
  // Whoever asks may have made it up.
  Result<void> check_position(const ChangePlace& place, const std::string& path) const {
    std::size_t octet = page_.next.octet;
    if (octet == 0) return {};
    if (octet < place.octets) {
      ZW_TRY(std::string before, read_at(file_, place.at + octet - 1, 1, path));
      if (before == "\n") return {};
    }
    return fail(ErrorKind::malformed, "{} is no position in the feed", print(page_.next));
  }
  // False if there is no whole line.
  bool take_lines(std::string_view block) {
    bool any = false;
    for (std::size_t end; !full_ && (end = block.find('\n')) != std::string_view::npos; any = true) {
      std::string_view line = block.substr(0, end + 1);
      bool wanted = query_.scope == ChangeScope::all || !is_signing_line(line);
      full_ = left_ < line.size() ||
              (wanted && !page_.lines.empty() && page_.lines.size() + line.size() > query_.most);
      if (full_) return true;
      if (wanted) page_.lines += line;
      left_ -= line.size();
      page_.next.octet += line.size();
      block.remove_prefix(line.size());
    }
    return any;
  }

  const ChangeQuery& query_;
  ChangePage page_;
  Descriptor file_;
  std::uint64_t segment_ = 0;
  std::size_t left_;  // octets to read
  bool full_ = false;
};

}  // namespace

std::string print(ChangePosition position) {
  if (position.octet == 0) return fmt::format("{}", position.entry);
  return fmt::format("{}.{}", position.entry, position.octet);
}

std::optional<ChangePosition> parse_position(std::string_view text) {
  ChangePosition out;
  std::size_t dot = std::min(text.find('.'), text.size());
  if (!parse_whole(text.substr(0, dot), out.entry) || out.entry > kMostEntry) return std::nullopt;
  if (dot < text.size() && !parse_whole(text.substr(dot + 1), out.octet)) return std::nullopt;
  return out;
}

// At or behind an entry, for damage may have taken some.
std::optional<ChangePlace> ChangeFeed::find(std::uint64_t entry) const {
  std::lock_guard lock(mutex_);
  auto at = std::lower_bound(places_.begin(), places_.end(), entry,
                             [](const ChangePlace& place, std::uint64_t e) { return place.entry < e; });
  return at == places_.end() ? std::nullopt : std::optional(*at);
}

Result<ChangePosition> ChangeFeed::after(Serial serial) const {
  std::lock_guard lock(mutex_);
  auto held = std::find_if(places_.rbegin(), places_.rend(),
                           [&](const ChangePlace& place) { return place.serial == serial; });
  if (held != places_.rend()) return ChangePosition{held->entry + 1};
  auto led_on = std::find_if(places_.rbegin(), places_.rend(),
                             [&](const ChangePlace& place) { return place.previous == serial; });
  if (led_on != places_.rend()) return ChangePosition{led_on->entry};
  if (!places_.empty() && serial > places_.back().serial) return ChangePosition{places_.back().entry + 1};
  return fail(ErrorKind::not_found, "the feed of {} knows no version {}", print(zone_), serial.value());
}

Result<ChangePage> ChangeFeed::read(const ChangeQuery& query) const {
  ChangeExtent extent = this->extent();
  std::uint64_t end = extent.newest ? extent.newest->entry + 1 : 1,
                begin = extent.oldest ? extent.oldest->entry : 1;
  ChangePosition from = query.from;
  if (from.entry == 0) from = {begin};
  if (from.entry < begin || from.entry > end)
    return fail(ErrorKind::not_found, "the feed of {} has no entry {}: it has {} to {}", print(zone_),
                from.entry, begin, end - 1);
  ChangeQuery actual = query;
  actual.from = from;
  actual.last = std::min(query.last, end - 1);
  PageReader reader(actual);
  std::uint64_t entry = from.entry;
  while (entry <= actual.last && !reader.is_full()) {
    auto place = find(entry);
    if (!place || place->entry > actual.last) break;
    ZW_CHECK(reader.take(*place, path(place->segment)));
    entry = place->entry + 1;
  }
  return reader.finish(reader.is_full());
}

}  // namespace zw::localroot
