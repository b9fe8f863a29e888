#include "base/encoding.h"
#include "dns/rdata.h"
#include "zone/block_writer.h"

namespace zw {
namespace {

class CanonicalLines {
 public:
  CanonicalLines(BlockWriter& out, NameView origin, RrClass rr_class)
      : out_(out), class_and_space_(print(rr_class) + " ") {
    if (!origin.is_root()) append_print(origin_, lower(origin));
  }

  /// For the lines that follow. `mark` comes first on each.
  void set_owner(NameView relative, std::string_view mark = {}) {
    head_ = mark;
    if (!relative.is_root() || origin_.empty()) append_print(head_, lower(relative));
    head_ += origin_;
    head_.push_back(' ');
    owner_octets_ = head_.size();
  }
  void set_type(RrType type, std::uint32_t ttl) {
    head_.resize(owner_octets_);
    append_decimal(head_, ttl);
    head_.push_back(' ');
    head_ += class_and_space_;
    append_print(head_, type);
    head_.push_back(' ');
    type_ = type;
    lowered_ = has_lowered_names(type);
  }
  void line(Bytes rdata) {
    std::string& text = out_.text();
    text += head_;
    if (lowered_) {
      canonical_.clear();
      append_canonical_rdata(canonical_, type_, rdata);
      rdata = canonical_;
    }
    append_print_rdata(text, type_, rdata);
    text.push_back('\n');
    out_.pass();
  }

 private:
  BlockWriter& out_;
  std::string class_and_space_;
  std::string origin_;  // nothing for the root
  std::string head_;    // what stands before the RDATA
  std::size_t owner_octets_ = 0;
  RrType type_{};
  bool lowered_ = false;
  Buffer canonical_;
};

void write_list(CanonicalLines& lines, const RecordList& list, std::string_view mark) {
  for (const ZoneRecord& record : list) {
    lines.set_owner(record.owner, mark);
    lines.set_type(record.type, record.ttl);
    lines.line(record.rdata);
  }
}

}  // namespace

Result<void> write_canonical(const Zone& zone, const BlockSink& sink) {
  BlockWriter out(sink);
  CanonicalLines lines(out, zone.origin(), zone.rr_class());
  const std::uint8_t* owner = nullptr;
  zone.visit_rrsets([&](NameView relative, const RrSetView& set) {
    if (out.failed()) return;
    if (relative.data() != owner) lines.set_owner(relative);
    owner = relative.data();
    lines.set_type(set.type(), set.ttl());
    for (Bytes rdata : set.rdatas()) lines.line(rdata);
  });
  return out.finish();
}

std::string canonical_text(const Zone& zone) {
  std::string text;
  auto written = write_canonical(zone, [&](Bytes block) -> Result<void> {
    text += as_text(block);
    return {};
  });
  ZW_ASSERT(written);
  return text;
}

Result<void> write_changes(const Changeset& changes, const BlockSink& sink) {
  BlockWriter out(sink);
  CanonicalLines lines(out, changes.origin, changes.rr_class);
  write_list(lines, changes.removed, "- ");
  write_list(lines, changes.added, "+ ");
  return out.finish();
}

}  // namespace zw
