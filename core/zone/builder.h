// Makes a Zone of records that come in any order. Fastest when they come nearly in canonical order, as zone
// files and transfers do. One thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "zone/finding.h"
#include "zone/zone.h"

namespace zw {

/// Octets that live as long as the arena, in blocks that never move.
class Arena {
 public:
  std::uint8_t* take(std::size_t octets);

 private:
  static constexpr std::size_t kBlock = 1 << 20;
  std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;
  std::size_t left_ = 0;
  std::uint8_t* next_ = nullptr;
};

class ZoneBuilder {
 public:
  enum class Added {
    yes,
    out_of_zone,  // the owner is not at or below the origin; left out
    meta_type,    // a type that never stands in a zone (OPT, TSIG, ANY…); left out
  };

  explicit ZoneBuilder(NameView origin, RrClass rr_class = RrClass::IN) : origin_(origin), class_(rr_class) {}

  /// Copies the record. `rdata` is uncompressed and well formed for its type, at most 65,535 octets.
  Added add(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata);
  std::size_t record_count() const { return records_.size(); }
  NameView origin() const { return origin_; }

  /// The zone. Equal records become one (RFC 2181 §5), and an RRset with several TTLs takes the lowest
  /// (RFC 2181 §5.2); both are told in `findings`. Fails with `malformed` when the apex has no SOA or more
  /// than one. The builder is empty afterwards.
  Result<ZonePtr> build(Findings& findings);

 private:
  struct Record;  // header of a record in the arena
  // Records of one owner that came one behind the other.
  struct Run {
    std::uint64_t prefix;
    const std::uint8_t* name;  // size, then the relative name
    std::uint32_t first, count;
  };
  static NameView name_of(const Run& run) { return {run.name + 1, run.name[0]}; }
  void sort_runs();
  void pack_node(const Run* first, const Run* last, Findings& findings);
  void pack_rrset(NameView relative, const Record* const* first, const Record* const* last,
                  PageWriter& writer, Findings& findings);

  Name origin_;
  RrClass class_;
  Arena arena_;
  std::vector<const Record*> records_;
  std::vector<Run> runs_;
  bool sorted_ = true;
  std::vector<const Record*> node_;  // scratch
  PageWriter names_writer_, nsec3_writer_;
  std::vector<PagePtr> names_, nsec3_;
};

/// Closes the page in `writer` into `pages` when it is full, or whenever `last` is true and it holds
/// anything.
void close_page(PageWriter& writer, std::vector<PagePtr>& pages, bool last = false);

}  // namespace zw
