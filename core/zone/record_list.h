// A compact list of records that can be sorted, for changes to a zone. Owner names are relative, as in Zone.
// What it hands out are views into it: they must not outlive it, nor a change to it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

/// One record of a zone, looked at.
struct ZoneRecord {
  NameView owner;  // relative
  RrType type{};
  RrType covered{};  // for RRSIG, else 0
  std::uint32_t ttl = 0;
  Bytes rdata;  // uncompressed

  /// NSEC3 records and their signatures stand in a tree of their own.
  bool is_nsec3() const { return type == RrType::NSEC3 || covered == RrType::NSEC3; }
};

/// The type that an RRSIG covers; 0 for all other types.
inline RrType covered_type(RrType type, Bytes rdata) {
  bool signature = type == RrType::RRSIG && rdata.size() >= 2;
  return signature ? static_cast<RrType>(get16(rdata.data())) : RrType{};
}

class RecordList {
 public:
  class Iterator {
   public:
    using value_type = ZoneRecord;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const RecordList* list, std::size_t at) : list_(list), at_(at) {}
    ZoneRecord operator*() const { return (*list_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return {list_, at_++}; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const RecordList* list_ = nullptr;
    std::size_t at_ = 0;
  };

  /// Copies a record. `rdata`: uncompressed, at most 65,535 octets.
  void add(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata);
  std::size_t size() const { return entries_.size(); }
  bool is_empty() const { return entries_.empty(); }
  ZoneRecord operator[](std::size_t i) const;
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, entries_.size()}; }
  /// order_prefix() of the owner.
  std::uint64_t prefix(std::size_t i) const { return entries_[i].prefix; }

  /// Into the order of a difference sequence: the SOA of the apex first (RFC 1995 §4), then canonical order:
  /// by owner, type, type covered, RDATA. Cheap if it is in order already.
  void sort();
  /// Octets of memory.
  std::size_t memory() const { return entries_.capacity() * sizeof(Entry) + octets_.capacity(); }

 private:
  struct Entry {
    std::uint64_t prefix;
    std::uint64_t owner_at, rdata_at;  // in octets_
    std::uint32_t ttl;
    RrType type, covered;
    std::uint16_t rdata_size;
    std::uint8_t owner_size;
  };
  NameView owner(const Entry& entry) const { return {octets_.data() + entry.owner_at, entry.owner_size}; }
  Bytes rdata(const Entry& entry) const { return Bytes(octets_).subspan(entry.rdata_at, entry.rdata_size); }
  bool before(const Entry& a, const Entry& b) const;

  std::vector<Entry> entries_;
  Buffer octets_;  // owners, each once as long as its records come together, and RDATA
};

}  // namespace zw
