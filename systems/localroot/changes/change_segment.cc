#include "localroot/changes/change_segment.h"

#include <unistd.h>

#include <charconv>

namespace zw::localroot {
namespace {

constexpr std::string_view kSuffix = ".jsonl";

// Takes whole lines from the front of a text; nothing where none is left.
std::optional<std::string_view> take_line(std::string_view& text) {
  std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// The next version; `text` then begins behind it.
Result<ChangePlace> take_version(std::string_view& text, std::uint64_t entry, NameView zone) {
  auto line = take_line(text);
  if (!line) return fail(ErrorKind::malformed, "cut off");
  ZW_TRY(ChangeVersion version, parse_version(*line));
  if (version.entry != entry || !(version.zone.view() == zone))
    return fail(ErrorKind::malformed, "entry {} of {} where entry {} of {} should be", version.entry,
                print(version.zone), entry, print(zone));
  for (std::uint64_t left = version.lines(); left > 0; --left) {
    line = take_line(text);
    if (!line || !is_whole_line(*line) || is_version_line(*line))
      return fail(ErrorKind::malformed, "entry {} is cut off", entry);
  }
  return ChangePlace{entry, version.serial, version.previous, version.published_at, 0, 0, 0};
}

}  // namespace

std::string segment_name(std::uint64_t first) { return fmt::format("{:020}{}", first, kSuffix); }

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  std::uint64_t first = 0;
  auto read = std::from_chars(name.data(), name.data() + name.size(), first);
  if (read.ec != std::errc() || first == 0 || first > kMostEntry || name != segment_name(first))
    return std::nullopt;
  return first;
}

SegmentScan scan_segment(Bytes file, std::uint64_t first, NameView zone) {
  SegmentScan out;
  std::string_view text = as_text(file);
  while (!text.empty()) {
    auto place = take_version(text, first + out.places.size(), zone);
    if (!place) {
      out.fault = place.error().what;
      return out;
    }
    place->segment = first;
    place->at = out.octets;
    out.octets = file.size() - text.size();
    place->octets = out.octets - place->at;
    out.places.push_back(*place);
  }
  return out;
}

Result<std::string> read_at(const Descriptor& file, std::size_t at, std::size_t octets,
                            const std::string& path) {
  std::string out(octets, '\0');
  for (std::size_t got = 0; got < octets;) {
    ssize_t more = pread(file.get(), out.data() + got, octets - got, static_cast<off_t>(at + got));
    if (more < 0) return fail_errno(path);
    if (more == 0) return fail(ErrorKind::malformed, "{}: shorter than it was", path);
    got += static_cast<std::size_t>(more);
  }
  return out;
}

}  // namespace zw::localroot
