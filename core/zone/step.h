// One step of a zone's history in octets (docs/formats/zone-step.md): which RRsets a version changed, and
// what each of them held before. With the newer version at hand this gives the differences between the two,
// and so the older version; what was added stands in no step, since the newer version has it. Of a zone that
// is signed anew each time, a history of steps is thus half as large as one of differences.
#pragma once

#include "zone/changeset.h"

namespace zw {

/// `changes`: of diff(older, newer).
Buffer write_step(const Zone& older, const Changeset& changes);

struct StepHead {
  Name origin;
  RrClass rr_class{};
  Serial from, to;
};
/// Whose step a file holds, without its digest being checked. Fails with `malformed`.
Result<StepHead> read_step_head(Bytes file);

/// The differences that led to `newer`, sorted. Fails with `malformed` for everything that write_step did not
/// write, and with `conflict` if the step leads to another version. Equal RRsets, and SOAs beside those of
/// the apex, are passed over.
Result<Changeset> read_step(Bytes file, const Zone& newer);

}  // namespace zw
