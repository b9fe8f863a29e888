// Whole zone files, with $INCLUDE of the same text.
#include "zone/reader.h"

namespace {

struct Same final : zw::IncludeLoader {
  std::string text;
  zw::Result<File> load(std::string_view, std::string_view) override { return File{"again", text}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zw;
  Same includes;
  includes.text.assign(as_text({data, size}));
  ReaderOptions options;
  options.origin = *Name::parse("example.");
  options.most_generated = 1000;
  options.includes = size < 200 ? &includes : nullptr;
  ZoneReading reading = read_zone(includes.text, "z", options);
  for (const ReadIssue& issue : reading.report.issues) print(issue);
  return 0;
}
