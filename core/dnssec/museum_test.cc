// The museum: tests/data/faults/RULE/ holds for each rule of verify_zone() one small zone that breaks this
// rule and no other. Beside `zone`, the file `verify` tells how to judge it, one word and its value in each
// line:
//   at TIME             when
//   severity WORD       error or warning
//   anchor FILE         the trust anchors; without it, none
//   require-zonemd yes
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dnssec/test_verify.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::test;

namespace {

// Rules that no zone file breaks: the reader refuses malformed RDATA, and the other is about the list itself.
constexpr std::string_view kNotShown[] = {"malformed-record", "more-faults"};

std::filesystem::path museum() { return ZW_SOURCE_DIR "/tests/data/faults"; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Judgement {
  VerifyOptions options;
  std::vector<TrustAnchor> anchors;
  Severity severity = Severity::error;
};

Judgement read_judgement(const std::filesystem::path& folder) {
  Judgement judgement;
  std::istringstream lines(read_file(folder / "verify"));
  for (std::string word, value; lines >> word >> value;) {
    if (word == "at")
      judgement.options.at = *parse_time(value);
    else if (word == "severity")
      judgement.severity = value == "warning" ? Severity::warning : Severity::error;
    else if (word == "anchor")
      judgement.anchors = *parse_trust_anchors(read_file(folder / value), value);
    else if (word == "require-zonemd")
      judgement.options.zonemd = VerifyOptions::Zonemd::required;
    else
      FAIL("unknown word ", word);
  }
  return judgement;
}

void check_exhibit(const std::filesystem::path& folder) {
  Judgement judgement = read_judgement(folder);
  judgement.options.anchors = judgement.anchors;
  ZoneReading reading = read_zone(read_file(folder / "zone"), "zone");
  REQUIRE(reading.zone);
  CHECK(reading.report.warnings == 0);
  CHECK(reading.findings.kept().empty());
  SerialWorkers workers;
  VerifyReport report = verify_zone(*reading.zone, judgement.options, workers);
  CHECK_FALSE(report.findings.kept().empty());
  CHECK(report.is_valid() == (judgement.severity == Severity::warning));
  for (const Finding& finding : report.findings.kept()) {
    INFO(print(finding.owner), " ", print(finding.type), ": ", finding.what);
    CHECK(finding.rule == folder.filename().string());
    CHECK(finding.severity == judgement.severity);
  }
}

}  // namespace

TEST_CASE("each zone in the museum breaks the rule it stands for, and no other") {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(museum())) {
    if (!std::filesystem::exists(entry.path() / "verify")) continue;
    INFO(entry.path().filename().string());
    check_exhibit(entry.path());
    ++seen;
  }
  CHECK(seen + std::size(kNotShown) == verify_rules().size());
}

TEST_CASE("each rule of verify_zone() has its zone in the museum") {
  for (const VerifyRule& rule : verify_rules())
    if (std::find(std::begin(kNotShown), std::end(kNotShown), rule.name) == std::end(kNotShown))
      CHECK_MESSAGE(std::filesystem::exists(museum() / rule.name / "verify"), rule.name);
}
