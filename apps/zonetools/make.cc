#include <fmt/format.h>

#include "format/json.h"
#include "os/files.h"
#include "zone/maker.h"
#include "zonetools/output.h"
#include "zonetools/verbs.h"

namespace zw::app {
namespace {

constexpr std::size_t kMostNamesOctets = 16 << 20, kTldSize = 10'000;

Result<ZonePtr> make_zone(const MakeVerb& verb) {
  if (verb.kind == "root") {
    ZW_TRY(Buffer names, read_file(verb.names, kMostNamesOctets));
    return make_root_zone(verb.seed, verb.size ? verb.size : kRootSize, as_text(names));
  }
  ZW_TRY(Name origin, Name::parse(verb.origin));
  return make_tld_zone(origin, verb.seed, verb.size ? verb.size : kTldSize);
}

Result<void> write_zone(const std::string& path, const Zone& zone) {
  return write_to(path, [&](const BlockSink& sink) { return write_text(zone, sink); });
}

Result<void> make_next(const MakeVerb& verb, const Zone& zone) {
  Changeset changes = make_changes(zone, verb.to_seed, verb.changes);
  if (verb.changed_output.empty())
    return write_to("", [&](const BlockSink& sink) { return write_changes(changes, sink); });
  ZW_TRY(ZonePtr next, apply(zone, changes));
  return write_zone(verb.changed_output, *next);
}

}  // namespace

int MakeVerb::run() const {
  if (changes > 0 && output.empty()) {
    complain("--changes needs --output for the zone itself");
    return wrong_use;
  }
  auto zone = make_zone(*this);
  auto done = zone ? write_zone(output, **zone) : std::unexpected(zone.error());
  if (done && changes > 0) done = make_next(*this, **zone);
  if (!done) {
    complain(done.error().what);
    return unknown;
  }
  if (format == Format::json && !output.empty()) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .member("origin", print((*zone)->origin()))
        .member("serial", (*zone)->serial().value())
        .member("records", (*zone)->record_count())
        .member("seed", seed)
        .end_object();
    put(out + "\n");
  }
  return yes;
}

}  // namespace zw::app
