#include <fmt/format.h>

#include "dns/rdata.h"
#include "format/json.h"
#include "zone/changeset.h"
#include "zonetools/output.h"
#include "zonetools/verbs.h"

namespace zw::app {
namespace {

void add_records(JsonWriter& json, std::string_view key, const Changeset& changes, const RecordList& list) {
  json.key(key).begin_array();
  for (ZoneRecord record : list)
    json.begin_object()
        .member("owner", print(*Name::join(record.owner, changes.origin)))
        .member("ttl", record.ttl)
        .member("type", print(record.type))
        .member("rdata", print_rdata(record.type, record.rdata))
        .end_object();
  json.end_array();
}

bool are_equal(const Changeset& changes) {
  if (!changes.is_only_soa()) return false;
  ZoneRecord a = changes.removed[0], b = changes.added[0];
  return a.ttl == b.ttl && compare_rdata(RrType::SOA, a.rdata, b.rdata) == 0;
}

}  // namespace

int DiffVerb::run() const {
  int status = yes;
  ZonePtr a = load_zone(before, status);
  if (!a) return unknown;
  ZonePtr b = load_zone(after, status);
  if (!b) return unknown;
  auto changes = zw::diff(*a, *b);
  if (!changes) {
    complain(changes.error().what);
    return unknown;
  }
  bool equal = are_equal(*changes);
  if (format == Format::json) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .member("origin", print(changes->origin))
        .member("from_serial", changes->from.value())
        .member("to_serial", changes->to.value())
        .member("equal", equal);
    add_records(json, "removed", *changes, changes->removed);
    add_records(json, "added", *changes, changes->added);
    json.end_object();
    put(out + "\n");
  } else if (!equal) {
    auto done = write_to("", [&](const BlockSink& sink) { return write_changes(*changes, sink); });
    if (!done) {
      complain(done.error().what);
      return unknown;
    }
  }
  return equal ? yes : no;
}

}  // namespace zw::app
