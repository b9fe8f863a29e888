#include "zonetools/output.h"
#include "zonetools/verbs.h"

namespace zw::app {

int ConvertVerb::run() const {
  int status = yes;
  ZonePtr zone = load_zone(input, status);
  if (!zone) return status;
  auto write = to == "wire" ? write_wire : to == "text" ? write_text : write_canonical;
  auto done = write_to(output, [&](const BlockSink& sink) { return write(*zone, sink); });
  if (!done) {
    complain(done.error().what);
    return unknown;
  }
  return yes;
}

}  // namespace zw::app
