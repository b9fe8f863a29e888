#include "localroot/changes/change_pages.h"

#include <charconv>

#include "localroot/changes/atom_page.h"
#include "web/http_fields.h"

namespace zw::localroot {
namespace {

constexpr std::string_view kFolder = "/changes/";
constexpr std::string_view kRoot = "root";

// `root` is the root, so the zone `root.` keeps its dot.
std::string word_of(NameView zone) {
  if (zone.is_root()) return std::string(kRoot);
  std::string out = print(lower(zone));
  if (std::string_view(out).substr(0, out.size() - 1) != kRoot) out.pop_back();
  return out;
}
std::optional<Name> zone_of(std::string_view word) {
  if (word == kRoot) return Name();
  if (word.empty() || word == ".") return std::nullopt;
  auto name = Name::parse(word);
  return name ? std::optional(*name) : std::nullopt;
}

struct Asked {
  Name zone;
  bool is_atom = false;
};
std::optional<Asked> parse_file(std::string_view file) {
  std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string_view suffix = file.substr(dot + 1);
  auto zone = zone_of(file.substr(0, dot));
  if (!zone || (suffix != "jsonl" && suffix != "atom")) return std::nullopt;
  return Asked{*zone, suffix == "atom"};
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T out{};
  auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole ? std::optional(out) : std::nullopt;
}

Result<ChangePosition> position_of(const ChangeFeed& feed, const WebRequest& request) {
  auto since = request.query.find("since"), from = request.query.find("from");
  if (since && from) return fail(ErrorKind::malformed, "since and from cannot be asked for at once");
  if (from) {
    auto position = parse_position(*from);
    if (!position) return fail(ErrorKind::malformed, "from: expected a position that a link named");
    return *position;
  }
  if (!since) return ChangePosition();
  auto serial = parse_number<std::uint32_t>(*since);
  if (!serial) return fail(ErrorKind::malformed, "since: expected a serial, from 0 to 4294967295");
  return feed.after(Serial(*serial));
}

// Other octets of the same page come with another version of the feed only; kFormat changes with what is
// printed.
std::string tag_of(const ChangeFeed& feed) {
  constexpr int kFormat = 1;
  ChangeExtent extent = feed.extent();
  if (!extent.newest) return fmt::format("{}-empty", kFormat);
  return fmt::format("{}-{}-{}-{}-{}", kFormat, extent.oldest->entry, extent.newest->entry,
                     extent.newest->serial.value(), extent.newest->published_at.time_since_epoch().count());
}

class ChangePages {
 public:
  ChangePages(FindChangeFeed find, ChangePagesSettings settings)
      : find_(std::move(find)), settings_(std::move(settings)) {}

  WebResponse answer(const WebRequest& request) const {
    auto asked = parse_file(request.place(0));
    auto found = asked ? find_(asked->zone, request) : FoundChangeFeed();
    if (!found) return not_now();
    const auto& feed = found->feed;
    if (!feed)
      return {
          404,
          "There is no change feed of this name. Names are a zone without its final dot, or root, and then "
          ".jsonl or .atom.\n"};
    std::string tag = tag_of(*feed);  // before reading: what comes meanwhile is asked for again
    if (has_entity_tag(request.if_none_match, tag, TagComparison::weak))
      return mark(WebResponse(304, ""), tag, found->is_open);
    auto page = asked->is_atom ? atom(*feed, request) : lines(*feed, request);
    return page ? mark(std::move(*page), tag, found->is_open) : refuse(*feed, page.error());
  }

 private:
  static WebResponse mark(WebResponse response, const std::string& tag, bool is_open) {
    response.cache_control = is_open ? "public, max-age=60" : "private, max-age=60";
    response.field("ETag", "\"" + tag + "\"");
    return response;
  }
  std::string url(NameView zone, std::string_view suffix) const {
    return settings_.base + change_path(zone, suffix);
  }

  Result<WebResponse> lines(const ChangeFeed& feed, const WebRequest& request) const {
    ChangeQuery query;
    ZW_TRY(query.from, position_of(feed, request));
    query.most = settings_.most;
    query.scope = request.query.get("all") == "1" ? ChangeScope::all : ChangeScope::data;
    ZW_TRY(ChangePage page, feed.read(query));
    WebResponse response(200, std::move(page.lines), "application/jsonl");
    if (page.more)
      response.field("Link", fmt::format("<{}?from={}{}>; rel=\"next\"", url(feed.zone(), "jsonl"),
                                         print(page.next), query.scope == ChangeScope::all ? "&all=1" : ""));
    return response;
  }

  Result<WebResponse> atom(const ChangeFeed& feed, const WebRequest& request) const {
    std::optional<std::uint64_t> archive;
    if (auto text = request.query.find("archive")) {
      archive = parse_number<std::uint64_t>(*text);
      if (!archive || *archive > kMostEntry) return fail(ErrorKind::malformed, "archive: expected a number");
    }
    AtomSource source{settings_.base, url(feed.zone(), "atom"), url(feed.zone(), "jsonl")};
    ZW_TRY(AtomPage page, make_atom_page(feed, archive, source));
    return WebResponse(200, print_atom(page), "application/atom+xml");
  }

  static WebResponse not_now() { return {503, "The feed cannot be read now. Please try again later.\n"}; }
  static WebResponse refuse(const ChangeFeed& feed, const Error& error) {
    if (error.kind == ErrorKind::malformed) return {400, error.what + "\n"};
    if (error.kind != ErrorKind::not_found) return not_now();
    ChangeExtent extent = feed.extent();
    std::string what = error.what + ".";
    if (extent.newest)
      what += fmt::format(" It reaches from serial {} to {}: fetch the zone, and go on from what you have.",
                          extent.oldest->serial.value(), extent.newest->serial.value());
    return {410, what + "\n"};
  }

  FindChangeFeed find_;
  ChangePagesSettings settings_;
};

}  // namespace

std::string change_path(NameView zone, std::string_view suffix) {
  return fmt::format("{}{}.{}", kFolder, percent_encode(word_of(zone)), suffix);
}

void add_change_pages(WebRouter& router, FindChangeFeed find, ChangePagesSettings settings) {
  auto pages = std::make_shared<const ChangePages>(std::move(find), std::move(settings));
  router.add(WebMethod::get, "/changes/{file}",
             [pages](const WebRequest& request) { return pages->answer(request); });
}

}  // namespace zw::localroot
