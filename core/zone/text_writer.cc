#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "dns/rdata.h"
#include "zone/block_writer.h"

namespace zw {
namespace {

// The TTL that most records have, so that most lines need none.
std::uint32_t usual_ttl(const Zone& zone) {
  std::map<std::uint32_t, std::size_t> records;
  for (const NodeTree* tree : {&zone.names(), &zone.nsec3()})
    for (const PagePtr& page : tree->pages())
      for (std::size_t row = 0; row < page->row_count(); ++row)
        records[page->rows()[row].ttl] += page->rows()[row].count;
  auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  return std::max_element(records.begin(), records.end(), fewer)->first;
}

class TextLines {
 public:
  TextLines(BlockWriter& out, const Zone& zone)
      : out_(out), zone_(zone), origin_(zone.origin()), usual_ttl_(usual_ttl(zone)) {}

  void head() {
    std::string& text = out_.text();
    text += "$ORIGIN ";
    append_print(text, origin_);
    text += "\n$TTL ";
    append_decimal(text, usual_ttl_);
    text.push_back('\n');
    soa(zone_.soa());
    owner_ = zone_.apex().relative().data();
  }

  void rrset(NameView relative, const RrSetView& set) {
    if (set.type() == RrType::SOA && relative.is_root()) return;  // stands at the top
    for (Bytes rdata : set.rdatas()) {
      begin_line(relative, set);
      append_print_rdata(out_.text(), set.type(), rdata, origin_);
      out_.text().push_back('\n');
      out_.pass();
    }
  }

 private:
  // Everything before the RDATA. The class is needed only where it is not the one that readers assume.
  void begin_line(NameView relative, const RrSetView& set) {
    std::string& text = out_.text();
    if (relative.data() != owner_) append_owner(text, relative);
    owner_ = relative.data();
    text.push_back('\t');
    if (set.ttl() != usual_ttl_) {
      append_decimal(text, set.ttl());
      text.push_back('\t');
    }
    if (zone_.rr_class() != RrClass::IN || set.type() == RrType::SOA) {
      text += print(zone_.rr_class());
      text.push_back('\t');
    }
    append_print(text, set.type());
    text.push_back('\t');
  }

  void append_owner(std::string& text, NameView relative) const {
    if (relative.is_root()) return text.push_back('@');
    append_print(text, relative);
    if (!origin_.is_root()) text.pop_back();
  }

  void soa(const RrSetView& set) {
    begin_line(zone_.apex().relative(), set);
    std::string& text = out_.text();
    Bytes rdata = set.rdatas().front();
    NameView primary = *NameView::read(rdata);
    append_print_relative(text, primary, origin_);
    text.push_back(' ');
    append_print_relative(text, *NameView::read(rdata.subspan(primary.size())), origin_);
    text += " (\n";
    static constexpr std::string_view kNumbers[] = {"serial", "refresh", "retry", "expire", "minimum"};
    const std::uint8_t* number = rdata.data() + rdata.size() - 20;
    for (std::size_t i = 0; i < std::size(kNumbers); ++i, number += 4) {
      text += "\t\t\t\t";
      append_decimal(text, get32(number));
      if (i == 4) text += " )";
      text += "\t; ";
      text += kNumbers[i];
      text.push_back('\n');
    }
  }

  BlockWriter& out_;
  const Zone& zone_;
  NameView origin_;
  std::uint32_t usual_ttl_;
  const std::uint8_t* owner_ = nullptr;  // of the line before, as a place in the zone
};

}  // namespace

Result<void> write_text(const Zone& zone, const BlockSink& sink) {
  BlockWriter out(sink);
  TextLines lines(out, zone);
  lines.head();
  zone.visit_rrsets([&](NameView relative, const RrSetView& set) {
    if (!out.failed()) lines.rrset(relative, set);
  });
  return out.finish();
}

}  // namespace zw
