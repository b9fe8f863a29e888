#include "localroot/changes/change_lines.h"

#include <algorithm>
#include <array>

#include "dns/rdata.h"
#include "format/json.h"
#include "localroot/notify_policy.h"

namespace zw::localroot {
namespace {

constexpr std::string_view kVersionMark = R"({"op":"version",)", kRemoveMark = R"({"op":"remove",)",
                           kAddMark = R"({"op":"add",)", kSigningMark = R"("signing":true,)";
constexpr std::array<std::string_view, 3> kScopes = {"none", "data", "all"};

// What a change of the same data by its signing is, and what is data.
class Sorter {
 public:
  explicit Sorter(const Changeset& changes) : soa_is_data_(changes_soa(changes)) {}
  bool is_signing(const ZoneRecord& record) const {
    bool soa_of_apex = record.type == RrType::SOA && record.owner.is_root();
    return comes_with_signing(record.type) && !(soa_of_apex && soa_is_data_);
  }

 private:
  bool soa_is_data_;
};

struct Place {
  std::string origin;  // nothing for the root
  std::string rr_class;
};

void append_record(std::string& out, const Place& place, const ZoneRecord& record, bool added, bool signing) {
  std::string owner = record.owner.is_root() && !place.origin.empty() ? "" : print(record.owner);
  JsonWriter json(out);
  json.begin_object().member("op", added ? "add" : "remove");
  if (signing) json.member("signing", true);
  json.member("owner", owner + place.origin)
      .member("type", print(record.type))
      .member("class", place.rr_class)
      .member("ttl", record.ttl)
      .member("rdata", print_rdata(record.type, record.rdata))
      .end_object();
  out.push_back('\n');
}

std::unexpected<Error> lacking(std::string_view what) {
  return fail(ErrorKind::malformed, "the line of the feed lacks a good {}", what);
}

Result<std::string> text_of(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (!found || !found->text()) return lacking(name);
  return std::string(*found->text());
}

Result<std::uint64_t> number_of(const Json& json, std::string_view name, std::uint64_t most) {
  const Json* found = json.find(name);
  auto number = found ? found->natural() : std::nullopt;
  if (!number || *number > most) return lacking(name);
  return *number;
}

// Absent for null.
Result<std::optional<std::string>> optional_text(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (found && found->is_null()) return std::nullopt;
  ZW_TRY(std::string text, text_of(json, name));
  return text;
}

Result<ChangeCounts> counts_of(const Json& json, const std::string& before) {
  ChangeCounts out;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  ZW_TRY(out.removed, number_of(json, before + "removed", kMost));
  ZW_TRY(out.added, number_of(json, before + "added", kMost));
  return out;
}

}  // namespace

std::uint64_t ChangeVersion::lines() const {
  if (records == ChangeScope::none) return 0;
  return data.sum() + (records == ChangeScope::all ? signing.sum() : 0);
}

std::string print_version(const ChangeVersion& version) {
  auto or_null = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  auto previous = version.previous ? std::optional(version.previous->value()) : std::nullopt;
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("op", "version")
      .member("zone", print(version.zone))
      .member("serial", version.serial.value())
      .member("previous", previous)
      .member("entry", version.entry)
      .member("published_at", print_time(version.published_at))
      .member("digest_kind", or_null(version.digest_kind))
      .member("digest", or_null(version.digest))
      .member("signatures_only", version.signatures_only())
      .member("removed", version.data.removed)
      .member("added", version.data.added)
      .member("signing_removed", version.signing.removed)
      .member("signing_added", version.signing.added)
      .member("records", kScopes[static_cast<std::size_t>(version.records)])
      .end_object();
  return out + "\n";
}

Result<ChangeVersion> parse_version(std::string_view line) {
  if (!is_version_line(line)) return lacking("op");
  ZW_TRY(Json json, parse_json(line, {4096, 4}));
  ChangeVersion out;
  ZW_TRY(std::string zone, text_of(json, "zone"));
  ZW_TRY(out.zone, Name::parse(zone));
  ZW_TRY(std::uint64_t serial, number_of(json, "serial", 0xffffffff));
  out.serial = Serial(static_cast<std::uint32_t>(serial));
  if (const Json* previous = json.find("previous"); !previous || !previous->is_null()) {
    ZW_TRY(std::uint64_t number, number_of(json, "previous", 0xffffffff));
    out.previous = Serial(static_cast<std::uint32_t>(number));
  }
  ZW_TRY(out.entry, number_of(json, "entry", kMostEntry));
  ZW_TRY(std::string at, text_of(json, "published_at"));
  auto when = parse_time(at);
  if (!when) return lacking("published_at");
  out.published_at = *when;
  ZW_TRY(auto kind, optional_text(json, "digest_kind"));
  ZW_TRY(auto digest, optional_text(json, "digest"));
  out.digest_kind = kind.value_or("");
  out.digest = digest.value_or("");
  ZW_TRY(out.data, counts_of(json, ""));
  ZW_TRY(out.signing, counts_of(json, "signing_"));
  ZW_TRY(std::string records, text_of(json, "records"));
  auto scope = std::find(kScopes.begin(), kScopes.end(), records);
  if (scope == kScopes.end()) return lacking("records");
  out.records = static_cast<ChangeScope>(scope - kScopes.begin());
  return out;
}

void count_changes(const Changeset& changes, ChangeVersion& version) {
  Sorter sorter(changes);
  for (const ZoneRecord& record : changes.removed)
    ++(sorter.is_signing(record) ? version.signing : version.data).removed;
  for (const ZoneRecord& record : changes.added)
    ++(sorter.is_signing(record) ? version.signing : version.data).added;
}

bool append_records(std::string& out, const Changeset& changes, ChangeScope scope, std::size_t most) {
  Sorter sorter(changes);
  Place place{changes.origin.view().is_root() ? "" : print(changes.origin), print(changes.rr_class)};
  std::size_t before = out.size();
  for (const RecordList* list : {&changes.removed, &changes.added})
    for (const ZoneRecord& record : *list) {
      bool signing = sorter.is_signing(record);
      if (scope == ChangeScope::none || (signing && scope != ChangeScope::all)) continue;
      append_record(out, place, record, list == &changes.added, signing);
      if (out.size() - before > most) {
        out.resize(before);
        return false;
      }
    }
  return true;
}

Result<ChangedRecord> parse_record(std::string_view line) {
  if (!is_whole_line(line) || is_version_line(line)) return lacking("op");
  ZW_TRY(Json json, parse_json(line, {kMostChangeLine, 4}));
  ChangedRecord out;
  out.added = line.starts_with(kAddMark);
  out.signing = is_signing_line(line);
  ZW_TRY(std::string owner, text_of(json, "owner"));
  ZW_TRY(out.owner, Name::parse(owner));
  ZW_TRY(std::string type, text_of(json, "type"));
  if (!parse_type(type, out.type)) return lacking("type");
  ZW_TRY(std::uint64_t ttl, number_of(json, "ttl", 0xffffffff));
  out.ttl = static_cast<std::uint32_t>(ttl);
  ZW_TRY(out.rr_class, text_of(json, "class"));
  ZW_TRY(out.rdata, text_of(json, "rdata"));
  return out;
}

std::string print_record(const ChangedRecord& record) {
  return fmt::format("{} {} {} {} {} {}\n", record.added ? '+' : '-', print(record.owner), record.ttl,
                     record.rr_class, print(record.type), record.rdata);
}

std::string print_heading(const ChangeVersion& version) {
  std::string head = fmt::format("{} {}", print(version.zone), version.serial.value());
  if (!version.previous) return head + ": the feed begins anew";
  if (version.signatures_only())
    return fmt::format("{}: new signatures, no change of data since {}", head, version.previous->value());
  return fmt::format("{}: {} removed, {} added since {}", head, version.data.removed, version.data.added,
                     version.previous->value());
}

bool is_version_line(std::string_view line) { return line.starts_with(kVersionMark); }

bool is_signing_line(std::string_view line) {
  for (std::string_view mark : {kRemoveMark, kAddMark})
    if (line.starts_with(mark)) return line.substr(mark.size()).starts_with(kSigningMark);
  return false;
}

bool is_whole_line(std::string_view line) {
  bool begins = is_version_line(line) || line.starts_with(kRemoveMark) || line.starts_with(kAddMark);
  return begins && line.ends_with("\"}") && line.find('\0') == std::string_view::npos;
}

}  // namespace zw::localroot
