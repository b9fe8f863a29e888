#include "zonetools/input.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "os/files.h"
#include "zone/writer.h"

namespace zw::app {
namespace {

constexpr std::size_t kMostOctets = std::size_t{64} << 30;  // 64 GiB: a bound, not a wish
constexpr std::string_view kWireMagic = "ZWZONE1\n";

// $INCLUDE beside the file that asks for it.
class FolderIncludes final : public IncludeLoader {
 public:
  Result<File> load(std::string_view path, std::string_view from) override {
    std::string name(path);
    if (!name.starts_with('/')) name = folder_of(std::string(from)) + "/" + name;
    ZW_TRY(Buffer content, read_file(name, kMostOctets));
    return File{name, std::string(as_text(content))};
  }
};

}  // namespace

void complain(std::string_view what) { fmt::print(stderr, "zonewright: {}\n", what); }

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::optional<Loaded> load(const Input& input) {
  auto file = MappedFile::open(input.file == "-" ? "/dev/stdin" : input.file, kMostOctets);
  if (!file) {
    complain(file.error().what);
    return std::nullopt;
  }
  Loaded out;
  double start = seconds_now();
  std::string_view text = as_text(file->bytes());
  if (text.starts_with(kWireMagic)) {
    auto zone = read_wire(file->bytes());
    if (!zone) {
      complain(fmt::format("{}: {}", input.file, zone.error().what));
      return std::nullopt;
    }
    out.zone = *zone;
  } else {
    FolderIncludes includes;
    ReaderOptions options;
    options.includes = &includes;
    if (!input.origin.empty()) {
      auto origin = Name::parse(input.origin);
      if (!origin) {
        complain("--origin: " + origin.error().what);
        return std::nullopt;
      }
      options.origin = *origin;
    }
    ZoneReading reading = read_zone(text, input.file, options);
    out.zone = std::move(reading.zone);
    out.report = std::move(reading.report);
    out.findings = std::move(reading.findings);
  }
  out.seconds = seconds_now() - start;
  return out;
}

ZonePtr load_zone(const Input& input, int& status) {
  auto loaded = load(input);
  if (!loaded) {
    status = unknown;
    return nullptr;
  }
  for (const ReadIssue& issue : loaded->report.issues)
    if (issue.severity == Severity::error || !loaded->zone) fmt::print(stderr, "{}\n", print(issue));
  status = loaded->zone ? yes : no;
  return loaded->zone;
}

}  // namespace zw::app
