// RDATA as octets in uncompressed wire format, and what can be done with it by its type's row in the table.
// Types without a row are opaque (RFC 3597). Nothing here keeps a pointer to its arguments.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

constexpr std::size_t kMaxRdataOctets = 65535;

/// Size of the field at the start of `rest`, or absent if it breaks its format. `before` are the octets of
/// the same RDATA in front of it (some fields depend on an earlier one).
std::optional<std::size_t> field_size(Field field, Bytes rest, Bytes before);

/// Calls `visit(Field, Bytes)` for each field of `rdata` in order; fields that run to the end come as one
/// piece, opaque RDATA as one piece of kind `none`. False as soon as a field breaks its format or is cut
/// short (the fields before it were visited), or if octets are left over.
template <typename Visit>
bool walk_rdata(RrType type, Bytes rdata, Visit&& visit) {
  const RrTypeInfo* info = find_type_info(type);
  if (!info || !info->has_format) {
    visit(Field::none, rdata);
    return true;
  }
  std::size_t at = 0;
  for (Field field : info->fields) {
    if (field == Field::none) break;
    auto size = field_size(field, rdata.subspan(at), rdata.first(at));
    if (!size) return false;
    visit(field, rdata.subspan(at, *size));
    at += *size;
  }
  return at == rdata.size();
}

/// True if `rdata` (uncompressed) is well formed for `type`.
bool check_rdata(RrType type, Bytes rdata);

/// Appends the RDATA of `size` octets (RDLENGTH) that stands at `offset` in `message` to `out`, with its
/// names expanded. Compression is followed in names of `name_compressed` and `name_lowered` fields (RFC 3597
/// §4 asks receivers for it) and refused in all others. Fails with `malformed`; `out` is then as it was.
Result<void> read_rdata(Bytes message, std::size_t offset, std::size_t size, RrType type, Buffer& out);

/// Expands the name at `offset` in `message` to `out` (255 octets). Returns how many octets the name takes at
/// `offset` (2 for a pointer), or absent if it is malformed: each pointer must point before the last one.
std::optional<std::size_t> expand_name(Bytes message, std::size_t offset, Name& out);

/// Appends the canonical form: names in lower case for the types of RFC 4034 §6.2 (as amended by RFC 6840
/// §5.1).
void append_canonical_rdata(Buffer& out, RrType type, Bytes rdata);
/// True when the canonical form can differ from the octets.
bool has_lowered_names(RrType type);
/// Order within an RRset (RFC 4034 §6.3): canonical forms as left-justified octet strings.
std::strong_ordering compare_rdata(RrType type, Bytes a, Bytes b);

/// Presentation format of one RDATA on one line. Octets that break the type's format come as in RFC 3597.
/// Names at or below `origin` may be printed relative to it (append_print_relative).
void append_print_rdata(std::string& out, RrType type, Bytes rdata, NameView origin = {});
std::string print_rdata(RrType type, Bytes rdata);

/// The whole text of one RDATA (`\# 4 0A000001` works for each type). Names without a final dot are completed
/// with `origin`. Fails with `malformed` and the column.
Result<Buffer> parse_rdata(RrType type, std::string_view text, NameView origin = {});

}  // namespace zw
