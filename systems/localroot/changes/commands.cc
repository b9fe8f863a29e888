#include "localroot/changes/commands.h"

#include <fmt/format.h>

#include <charconv>

#include "localroot/changes/atom_page.h"
#include "localroot/store.h"

namespace zw::localroot {
namespace {

enum Exit { yes = 0, no = 1, wrong_use = 2, unknown = 3 };

int complain(Exit exit, std::string_view what) {
  fmt::print(stderr, "zonewright: {}\n", what);
  return exit;
}
int complain(const Error& error) {
  return complain(error.kind == ErrorKind::not_found ? no : unknown, error.what);
}

std::optional<Serial> parse_serial(const std::string& text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional(Serial(value)) : std::nullopt;
}

Result<std::string> text_of(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    if (is_version_line(line)) {
      ZW_TRY(ChangeVersion version, parse_version(line));
      out += fmt::format("{} {}\n", print_time(version.published_at), print_heading(version));
    } else {
      ZW_TRY(ChangedRecord record, parse_record(line));
      out += print_record(record);
    }
  }
  return out;
}

Result<void> print_pages(const ChangeFeed& feed, ChangePosition from, ChangeScope scope, bool as_text) {
  for (ChangePage page{"", from, true}; page.more;) {
    ChangeQuery query;
    query.from = page.next;
    query.scope = scope;
    ZW_TRY(page, feed.read(query));
    if (as_text) {
      ZW_TRY(page.lines, text_of(page.lines));
    }
    fmt::print("{}", page.lines);
  }
  return {};
}

}  // namespace

int ChangesCommand::run() const {
  auto name = Name::parse(zone);
  if (!name) return complain(wrong_use, "--zone: " + name.error().what);
  auto serial = since.empty() ? std::optional<Serial>() : parse_serial(since);
  if (!since.empty() && !serial) return complain(wrong_use, "--since: expected a serial, found " + since);
  ChangeFeed feed(*name, ZoneStore(state).changes_folder(*name));
  if (auto opened = feed.open_to_read(); !opened) return complain(opened.error());
  if (!feed.extent().newest)
    return complain(no, fmt::format("{} holds no changes of {}", state, print(*name)));
  if (format == "atom") {
    auto page = make_atom_page(feed, {}, {});
    if (!page) return complain(page.error());
    fmt::print("{}", print_atom(*page));
    return yes;
  }
  auto from = serial ? feed.after(*serial) : ChangePosition();
  if (!from) return complain(from.error());
  auto printed = print_pages(feed, *from, all ? ChangeScope::all : ChangeScope::data, format == "text");
  return printed ? yes : complain(printed.error());
}

}  // namespace zw::localroot
