#include "web/download.h"

#include <fmt/format.h>

namespace zw {
namespace {

/// The form that is welcome most; of those that are alike, the smallest. Absent if none is acceptable.
std::optional<ContentCoding> choose_coding(const CodingWishes& wishes, const DownloadFile& file) {
  std::optional<ContentCoding> chosen;
  for (std::size_t i = 0; i < kContentCodings; ++i) {
    auto coding = static_cast<ContentCoding>(i);
    bool is_there = coding == ContentCoding::identity || !file.form(coding).empty();
    if (!is_there || wishes[i] == 0) continue;
    bool is_better = !chosen || wishes[i] > wishes[static_cast<std::size_t>(*chosen)] ||
                     (wishes[i] == wishes[static_cast<std::size_t>(*chosen)] &&
                      file.form(coding).size() < file.form(*chosen).size());
    if (is_better) chosen = coding;
  }
  return chosen;
}

/// When the field is a date; a field that is none counts as absent (§13.1.3, §13.1.4).
std::optional<WallTime> date_in(const std::optional<std::string>& field) {
  return field ? parse_http_date(*field) : std::nullopt;
}

bool is_lost(const DownloadWish& wish, const DownloadFile& file, std::string_view tag) {
  if (wish.if_match) return !has_entity_tag(*wish.if_match, tag, TagComparison::strong);
  auto since = date_in(wish.if_unmodified_since);
  return since && file.modified > *since;
}

bool is_known(const DownloadWish& wish, const DownloadFile& file, std::string_view tag) {
  if (wish.if_none_match) return has_entity_tag(*wish.if_none_match, tag, TagComparison::weak);
  auto since = date_in(wish.if_modified_since);
  return since && file.modified <= *since;
}

/// If-Range has one tag and no list.
bool wants_range(const DownloadWish& wish, std::string_view tag) {
  return wish.range && !wish.is_head && (!wish.if_range || *wish.if_range == fmt::format("\"{}\"", tag));
}

}  // namespace

std::string DownloadFile::entity_tag(ContentCoding coding) const {
  return coding == ContentCoding::identity ? tag : fmt::format("{}-{}", tag, print(coding));
}

std::size_t DownloadFile::octets() const {
  std::size_t all = 0;
  for (const Buffer& form : forms) all += form.size();
  return all;
}

DownloadCatalogue::Key DownloadCatalogue::key_of(std::string_view path) {
  Key key{};
  Digest made = digest(DigestAlgorithm::sha256, as_bytes(path));
  std::copy(made.bytes().begin(), made.bytes().end(), key.begin());
  return key;
}

bool DownloadCatalogue::add(std::string_view path, DownloadPlace place) {
  return places_.emplace(key_of(path), std::move(place)).second;
}

std::optional<DownloadPlace> DownloadCatalogue::find(std::string_view path) const {
  auto found = places_.find(key_of(path));
  if (found != places_.end()) return found->second;
  return elsewhere_ ? elsewhere_(path) : std::nullopt;
}

DownloadAnswer decide_download(const DownloadWish& wish, const DownloadFile& file) {
  auto coding = choose_coding(parse_accept_encoding(wish.accept_encoding), file);
  if (!coding) return {406, {}, {}};
  std::string tag = file.entity_tag(*coding);
  if (is_lost(wish, file, tag)) return {412, *coding, {}};
  if (is_known(wish, file, tag)) return {304, *coding, {}};
  std::size_t size = file.form(*coding).size();
  RangeWish range = wants_range(wish, tag) ? parse_range(*wish.range, size) : RangeWish();
  switch (range.kind) {
    case RangeWish::Kind::part: return {206, *coding, range.part};
    case RangeWish::Kind::unsatisfiable: return {416, *coding, {}};
    case RangeWish::Kind::whole: break;
  }
  return {200, *coding, {0, size}};
}

}  // namespace zw
