#include "zone/check.h"

#include <fmt/format.h>

#include "format/json.h"
#include "zonetools/verbs.h"

namespace zw::app {
namespace {

std::string_view word(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

void put_json(const Loaded& loaded, const Findings& findings, bool good) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("origin", loaded.zone ? std::optional(print(loaded.zone->origin())) : std::nullopt)
      .member("good", good)
      .member("errors", loaded.report.errors + findings.errors())
      .member("warnings", loaded.report.warnings + findings.warnings())
      .member("records", loaded.report.records);
  json.key("issues").begin_array();
  for (const ReadIssue& issue : loaded.report.issues)
    json.begin_object()
        .member("file", issue.file)
        .member("line", issue.line)
        .member("column", issue.column)
        .member("severity", word(issue.severity))
        .member("what", issue.what)
        .end_object();
  json.end_array().key("findings").begin_array();
  for (const Finding& finding : findings.kept())
    json.begin_object()
        .member("rule", finding.rule)
        .member("severity", word(finding.severity))
        .member("owner", print(finding.owner))
        .member("type", finding.type == RrType{} ? std::nullopt : std::optional(print(finding.type)))
        .member("what", finding.what)
        .end_object();
  json.end_array().end_object();
  put(out + "\n");
}

void put_text(const Input& input, const Loaded& loaded, const Findings& findings, bool good) {
  for (const ReadIssue& issue : loaded.report.issues) put(print(issue) + "\n");
  for (const Finding& finding : findings.kept()) {
    std::string type = finding.type == RrType{} ? "" : " " + print(finding.type);
    put(fmt::format("{}: {}: {}{}: {} [{}]\n", input.file, word(finding.severity), print(finding.owner), type,
                    finding.what, finding.rule));
  }
  std::size_t told = findings.kept().size(), all = findings.errors() + findings.warnings();
  if (told < all) put(fmt::format("… and {} more findings\n", all - told));
  std::size_t errors = loaded.report.errors + findings.errors(),
              warnings = loaded.report.warnings + findings.warnings();
  std::string zone = loaded.zone ? fmt::format("zone {} serial {}, {} records", print(loaded.zone->origin()),
                                               loaded.zone->serial().value(), loaded.zone->record_count())
                                 : std::string("no zone");
  put(fmt::format("{}: {}: {} errors, {} warnings{}\n", input.file, zone, errors, warnings,
                  good ? "" : ": NOT GOOD"));
}

}  // namespace

int CheckVerb::run() const {
  auto loaded = load(input);
  if (!loaded) return unknown;
  Findings findings;
  if (loaded->zone) {
    findings.merge(std::move(loaded->findings));
    check_zone(*loaded->zone, findings);
  }
  bool good = loaded->zone && loaded->report.errors + findings.errors() == 0;
  format == Format::json ? put_json(*loaded, findings, good) : put_text(input, *loaded, findings, good);
  return good ? yes : no;
}

}  // namespace zw::app
