// A zone as a file: canonical text, text for people, and octets (docs/formats/zone-wire.md). All hand out
// what they write in blocks, so a file may be larger than memory.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "zone/changeset.h"
#include "zone/zone.h"

namespace zw {

/// Takes the next piece of a file, about 64 KiB, the last one perhaps less. When it fails, writing ends and
/// the writer hands on its error.
using BlockSink = std::function<Result<void>(Bytes block)>;

/// One record a line, `owner TTL class type RDATA` with one space between, all in canonical form and order
/// (RFC 4034 §6): names are absolute and in lower case where the canonical form has them so. Equal zones
/// give the same octets.
Result<void> write_canonical(const Zone& zone, const BlockSink& sink);

/// As people write it: $ORIGIN and $TTL, the SOA first, relative names, each owner once. Keeps letter case
/// and reads back to the same zone. (Below the root names stay whole.)
Result<void> write_text(const Zone& zone, const BlockSink& sink);

/// The binary form.
Result<void> write_wire(const Zone& zone, const BlockSink& sink);

/// Lines as of write_canonical behind `- ` for what is removed, then behind `+ ` for what is added.
Result<void> write_changes(const Changeset& changes, const BlockSink& sink);

/// What write_canonical writes, for zones that are known to be small.
std::string canonical_text(const Zone& zone);

/// The zone of a file that write_wire wrote. Fails with `malformed` for everything else: a broken digest, a
/// record that breaks the format of its type, stands outside the zone or out of order.
Result<ZonePtr> read_wire(Bytes file);

}  // namespace zw
