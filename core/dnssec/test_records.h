// For tests: the records of a zone as a list, to be changed at will before they become a Zone.
#pragma once

#include <algorithm>
#include <vector>

#include "dns/rdata.h"
#include "zone/builder.h"

namespace zw::test {

struct Record {
  Name owner;
  RrType type;
  std::uint32_t ttl;
  Buffer rdata;
  RrType covered() const {
    return type == RrType::RRSIG ? static_cast<RrType>(get16(rdata.data())) : RrType{};
  }
};

class Records {
 public:
  explicit Records(std::string_view origin) : origin_(*Name::parse(origin)) {}

  const Name& origin() const { return origin_; }
  /// "www.a" or "@" below the origin, or a whole name with a final dot.
  Name name(std::string_view text) const { return text == "@" ? origin_ : *Name::parse(text, origin_); }

  /// "owner ttl type rdata", one record in each line, all four always there.
  Records& add(std::string_view lines) {
    while (!lines.empty()) {
      std::size_t end = std::min(lines.find('\n'), lines.size());
      add_line(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return *this;
  }
  void add(Record record) { records_.push_back(std::move(record)); }

  /// How many there were.
  template <typename Predicate>
  std::size_t remove_if(Predicate predicate) {
    return std::erase_if(records_, predicate);
  }
  std::size_t remove(std::string_view owner, RrType type) {
    return remove_if([&, who = name(owner)](const Record& r) { return r.owner == who && r.type == type; });
  }
  std::size_t remove_signatures(std::string_view owner, RrType covered) {
    return remove_if([&, who = name(owner)](const Record& r) {
      return r.owner == who && r.type == RrType::RRSIG && r.covered() == covered;
    });
  }
  /// The first such record, to be changed; the test stops if there is none.
  Record& find(std::string_view owner, RrType type, RrType covered = {}) {
    for (Record& r : records_)
      if (r.owner == name(owner) && r.type == type && (covered == RrType{} || r.covered() == covered))
        return r;
    assertion_failed("the record is there", __FILE__, __LINE__);
  }

  const std::vector<Record>& all() const { return records_; }
  std::vector<Record>& all() { return records_; }

  ZonePtr build() const {
    ZoneBuilder builder(origin_);
    for (const Record& r : records_) builder.add(r.owner, r.type, r.ttl, r.rdata);
    Findings findings;
    auto zone = builder.build(findings);
    ZW_ASSERT(zone.has_value());
    return *zone;
  }

 private:
  void add_line(std::string_view line) {
    auto word = [&] {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      std::string_view taken = line.substr(0, line.find(' '));
      line.remove_prefix(taken.size());
      return taken;
    };
    std::string_view owner = word();
    if (owner.empty()) return;
    auto ttl = static_cast<std::uint32_t>(std::stoul(std::string(word())));
    auto type = parse_type(word());
    ZW_ASSERT(type.has_value());
    auto rdata = parse_rdata(*type, line, origin_);
    ZW_ASSERT(rdata.has_value());
    add({name(owner), *type, ttl, *rdata});
  }

  Name origin_;
  std::vector<Record> records_;
};

inline Records records_of(const Zone& zone) {
  Records records(print(zone.origin()));
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    for (Bytes rdata : set.rdatas())
      records.add({zone.owner(relative), set.type(), set.ttl(), Buffer(rdata.begin(), rdata.end())});
  });
  return records;
}

}  // namespace zw::test
