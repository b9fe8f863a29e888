#include "localroot/publication_log.h"

#include <fmt/format.h>

#include "format/json.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostLogOctets = std::size_t{1} << 30;

// Follows the lines of one log and keeps what they say together.
class LogReader {
 public:
  LogReader(std::string_view wanted, HashChain& chain) : chain_(chain) {
    summary_.has_link = wanted == chain.hex();
    wanted_ = wanted;
  }
  Result<void> take(std::string_view line) {
    ZW_TRY(std::string_view entry, chain_.follow(line));
    ZW_TRY(Publication publication, parse_publication(entry));
    if (summary_.first && publication.zone != summary_.first->zone)
      return fail(ErrorKind::malformed, "an entry of zone {} in the log of {}", publication.zone,
                  summary_.first->zone);
    if (summary_.last && !(publication.serial > summary_.last->serial)) ++summary_.steps_back;
    if (!summary_.first) summary_.first = publication;
    summary_.last = std::move(publication);
    summary_.has_link = summary_.has_link || chain_.hex() == wanted_;
    return {};
  }
  LogSummary finish() {
    summary_.entries = chain_.size();
    summary_.head = chain_.hex();
    return std::move(summary_);
  }

 private:
  HashChain& chain_;
  std::string_view wanted_;
  LogSummary summary_;
};

}  // namespace

std::string print_publication(const Evidence& evidence, WallTime published_at) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("zone", print(evidence.origin));
  add_proof(json, evidence);
  json.member("published_at", print_time(published_at)).end_object();
  return out;
}

Result<Publication> parse_publication(std::string_view entry) {
  ZW_TRY(Json json, parse_json(entry));
  const Json *zone = json.find("zone"), *serial = json.find("serial"), *at = json.find("published_at");
  auto number = serial ? serial->natural() : std::nullopt;
  if (!zone || !zone->text() || !number || *number > 0xffffffff || !at || !at->text())
    return fail(ErrorKind::malformed, "the entry lacks zone, serial or published_at");
  return Publication{std::string(*zone->text()), std::string(*at->text()),
                     Serial(static_cast<std::uint32_t>(*number))};
}

Result<LogSummary> verify_log(const std::string& path, std::string_view wanted) {
  HashChain chain;
  LogReader reader(wanted, chain);
  ZW_CHECK(read_lines(path, kMostLogOctets, [&](std::string_view line) { return reader.take(line); }));
  return reader.finish();
}

std::string print_log_summary(std::string_view file, const LogSummary& summary) {
  if (!summary.last) return fmt::format("{}: no entries\n", file);
  std::string out = fmt::format(
      "{0}: {1} publications of {2}, from {3} at {4} to {5} at {6}\n{0}: head {7}\n", file, summary.entries,
      summary.last->zone, summary.first->serial.value(), summary.first->published_at,
      summary.last->serial.value(), summary.last->published_at, summary.head);
  if (summary.steps_back > 0)
    out += fmt::format("{}: {} publications were not newer than the one before\n", file, summary.steps_back);
  return out;
}

void add_log_summary(JsonWriter& json, const LogSummary& summary) {
  auto serial = [](const std::optional<Publication>& of) {
    return of ? std::optional(of->serial.value()) : std::nullopt;
  };
  json.member("zone", summary.last ? std::optional(summary.last->zone) : std::nullopt)
      .member("entries", summary.entries)
      .member("head", summary.head)
      .member("first_serial", serial(summary.first))
      .member("last_serial", serial(summary.last))
      .member("steps_back", summary.steps_back);
}

Result<void> PublicationLog::open() {
  HashChain chain;
  LogReader reader({}, chain);
  ZW_TRY(file_,
         LineLog::open(path_, kMostLogOctets, [&](std::string_view line) { return reader.take(line); }));
  LogSummary found = reader.finish();
  chain_ = chain;
  if (found.last) last_ = found.last->serial;
  return {};
}

Result<void> PublicationLog::add(const Evidence& evidence, WallTime published_at) {
  auto added = append(evidence, published_at);
  fault_ = added ? "" : added.error().what;
  return added;
}

Result<void> PublicationLog::append(const Evidence& evidence, WallTime published_at) {
  if (!file_) ZW_CHECK(open());
  if (last_ == evidence.serial) return {};
  HashChain next = chain_;
  std::string line = next.append(print_publication(evidence, published_at));
  ZW_CHECK(file_->append(line));
  chain_ = next;
  last_ = evidence.serial;
  return {};
}

}  // namespace zw::localroot
