#include "transfer/journal.h"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "os/files.h"

namespace zw {
namespace {

constexpr std::size_t kMostStepOctets = std::size_t{8} << 30;
constexpr std::string_view kSuffix = ".step";

// "FROM-TO.step"
struct StepName {
  Serial from, to;
};
std::optional<StepName> parse_name(std::string_view name) {
  std::uint32_t from = 0, to = 0;
  const char *at = name.data(), *end = at + name.size();
  auto read = std::from_chars(at, end, from);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '-') return std::nullopt;
  read = std::from_chars(read.ptr + 1, end, to);
  if (read.ec != std::errc() || std::string_view(read.ptr, end) != kSuffix) return std::nullopt;
  return StepName{Serial(from), Serial(to)};
}

}  // namespace

std::string Journal::path(const Step& step) const {
  return fmt::format("{}/{}-{}{}", folder_, step.from.value(), step.to.value(), kSuffix);
}

Result<void> Journal::open(Serial newest) {
  steps_.clear();
  octets_ = 0;
  auto names = list_folder(folder_);
  if (!names) {
    if (names.error().kind == ErrorKind::not_found) return {};
    return fail(names.error());
  }
  std::vector<Step> found;
  for (const std::string& name : *names)
    if (auto step = parse_name(name)) {
      Step each{step->from, step->to, 0};
      ZW_TRY(each.octets, file_size(path(each)));
      found.push_back(each);
    }
  for (Serial to = newest;;) {
    auto step = std::find_if(found.begin(), found.end(), [&](const Step& each) { return each.to == to; });
    if (step == found.end()) break;
    octets_ += step->octets;
    to = step->from;
    steps_.push_front(*step);
    found.erase(step);
  }
  for (const std::string& name : *names) {
    auto kept = std::find_if(steps_.begin(), steps_.end(),
                             [&](const Step& step) { return path(step) == folder_ + "/" + name; });
    if (kept == steps_.end()) ZW_CHECK(remove_file(folder_ + "/" + name));
  }
  while (octets_ > limits_.octets || steps_.size() > limits_.versions) ZW_CHECK(forget_oldest());
  return {};
}

Result<void> Journal::append(const Zone& older, const Changeset& changes) {
  // What leads beyond the older version led to one that could not be stored.
  while (!steps_.empty() && steps_.back().to != changes.from) ZW_CHECK(forget_newest());
  Buffer file = write_step(older, changes);
  while (!steps_.empty() && (octets_ + file.size() > limits_.octets || steps_.size() >= limits_.versions))
    ZW_CHECK(forget_oldest());
  if (file.size() > limits_.octets || limits_.versions == 0) return {};
  Step step{changes.from, changes.to, file.size()};
  ZW_CHECK(make_folder(folder_));
  ZW_CHECK(write_file_atomically(path(step), file));
  steps_.push_back(step);
  octets_ += step.octets;
  return {};
}

Result<void> Journal::read(ZonePtr newest, const std::function<bool(const Changeset&)>& visit) const {
  for (const Step& step : steps_ | std::views::reverse) {
    ZW_TRY(MappedFile file, MappedFile::open(path(step), kMostStepOctets));
    ZW_TRY(Changeset changes, read_step(file.bytes(), *newest));
    if (changes.from != step.from)
      return fail(ErrorKind::malformed, "{}: holds the step from serial {}", path(step),
                  changes.from.value());
    if (!visit(changes)) return {};
    ZW_TRY(newest, apply(*newest, reversed(changes)));
  }
  return {};
}

Result<void> Journal::forget_oldest() {
  Step step = steps_.front();
  steps_.pop_front();
  return remove(step);
}

Result<void> Journal::forget_newest() {
  Step step = steps_.back();
  steps_.pop_back();
  return remove(step);
}

Result<void> Journal::remove(const Step& step) {
  octets_ -= step.octets;
  if (auto removed = remove_file(path(step)); !removed && removed.error().kind != ErrorKind::not_found)
    return removed;
  return {};
}

std::vector<Serial> Journal::serials() const {
  std::vector<Serial> out;
  for (const Step& step : steps_) out.push_back(step.from);
  return out;
}

DifferencesPtr read_differences(const Journal& journal, const ZonePtr& newest,
                                const Differences::Settings& settings, std::string& fault) {
  DifferencesPtr out = Differences::none(newest, settings);
  auto read = journal.read(newest, [&](const Changeset& step) {
    auto more = out->behind(step);
    if (more) out = more;
    return more != nullptr;
  });
  if (!read) {
    fault = read.error().what;
    return out;
  }
  auto too_far = journal.serials();
  too_far.resize(too_far.size() - out->versions());
  return out->without(too_far);
}

}  // namespace zw
