// A DNS message (RFC 1035 §4) read where it lies: one walk checks its whole frame, then header, question and
// records are looked at without a copy.
//
// A MessageView owns nothing: the octets must outlive it and stay as they were when they were checked. What
// the walk proves: all counted questions and records are there, each owner is a run of labels that ends in
// the root or in a pointer backwards, no RDATA reaches past the end. What it leaves to the reader: where the
// pointers of an owner lead (expand_owner) and the form of RDATA (read_rdata). Nothing here allocates, except
// the text of an Error.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/rr_type.h"

namespace zw {

constexpr std::size_t kHeaderOctets = 12;
constexpr std::size_t kMaxMessageOctets = 65535;
/// Where the name of the first question stands; as nothing stands before it, it is never compressed.
constexpr std::size_t kQuestionAt = kHeaderOctets;

enum class Section : std::uint8_t { answer, authority, additional };

/// The header (RFC 1035 §4.1.1, RFC 2535 §6.1 for AD and CD) as a value.
struct Header {
  static constexpr std::uint16_t kQr = 0x8000, kAa = 0x0400, kTc = 0x0200, kRd = 0x0100, kRa = 0x0080,
                                 kAd = 0x0020, kCd = 0x0010;

  std::uint16_t id = 0;
  std::uint16_t bits = 0;  // the second 16 bits as they stand on the wire
  std::uint16_t questions = 0;
  std::array<std::uint16_t, 3> records{};  // by Section

  /// Absent if there are fewer than 12 octets.
  static std::optional<Header> read(Bytes message) {
    return message.size() < kHeaderOctets ? std::nullopt : std::optional(of_checked(message.data()));
  }
  /// Of 12 octets that are known to be there.
  static Header of_checked(const std::uint8_t* p) {
    return {get16(p), get16(p + 2), get16(p + 4), {get16(p + 6), get16(p + 8), get16(p + 10)}};
  }

  constexpr bool has(std::uint16_t flag) const { return bits & flag; }
  constexpr bool qr() const { return has(kQr); }
  constexpr bool aa() const { return has(kAa); }
  constexpr bool tc() const { return has(kTc); }
  constexpr bool rd() const { return has(kRd); }
  constexpr bool ra() const { return has(kRa); }
  constexpr bool ad() const { return has(kAd); }
  constexpr bool cd() const { return has(kCd); }
  constexpr Opcode opcode() const { return static_cast<Opcode>(bits >> 11 & 15); }
  /// The low four bits; the rest of an extended RCODE stands in OPT.
  constexpr Rcode rcode() const { return static_cast<Rcode>(bits & 15); }
  constexpr std::uint16_t count(Section section) const { return records[static_cast<std::size_t>(section)]; }

  /// The second 16 bits of a header, from their parts.
  static constexpr std::uint16_t pack(Opcode opcode, Rcode rcode, std::uint16_t flags) {
    return static_cast<std::uint16_t>(flags | static_cast<unsigned>(opcode) << 11 |
                                      (static_cast<unsigned>(rcode) & 15u));
  }
};

struct QuestionView {
  NameView name;  // a view into the message
  RrType type{};
  RrClass rr_class{};
};

/// One record of a message that was checked.
struct RecordView {
  Bytes message;
  std::uint32_t owner_at = 0;  // octets from the start of the message
  std::uint32_t rdata_at = 0;
  std::uint32_t ttl = 0;  // seconds; flags in OPT
  RrType type{};
  RrClass rr_class{};
  std::uint16_t rdata_octets = 0;

  /// As it stands in the message, names perhaps compressed.
  Bytes raw_rdata() const { return message.subspan(rdata_at, rdata_octets); }
  std::uint32_t end() const { return rdata_at + rdata_octets; }
  /// False if the pointers of the owner lead nowhere; `out` is then as it was.
  [[nodiscard]] bool expand_owner(Name& out) const { return expand_name(message, owner_at, out).has_value(); }
  /// Appends the RDATA with its names expanded.
  Result<void> read_rdata(Buffer& out) const {
    return zw::read_rdata(message, rdata_at, rdata_octets, type, out);
  }

  /// The record at `at`, which a walk has checked.
  static RecordView at_checked(Bytes message, std::size_t at);
};

/// The records of one section, in order: `for (const RecordView& record : view.records(Section::answer))`.
class RecordRange {
 public:
  class Iterator {
   public:
    Iterator(Bytes message, std::size_t at, std::size_t left) : left_(left) {
      if (left_) record_ = RecordView::at_checked(message, at);
    }
    const RecordView& operator*() const { return record_; }
    const RecordView* operator->() const { return &record_; }
    Iterator& operator++() {
      if (--left_) record_ = RecordView::at_checked(record_.message, record_.end());
      return *this;
    }
    bool operator==(const Iterator& other) const { return left_ == other.left_; }

   private:
    RecordView record_;
    std::size_t left_;
  };

  RecordRange(Bytes message, std::size_t at, std::size_t count) : message_(message), at_(at), count_(count) {}
  Iterator begin() const { return {message_, at_, count_}; }
  Iterator end() const { return {message_, 0, 0}; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  Bytes message_;
  std::size_t at_;
  std::size_t count_;
};

/// Why octets are no message, without allocation.
struct MessageFault {
  std::size_t at = 0;  // octet, from 0
  const char* what = "";
};

class MessageView {
 public:
  /// Absent, with `fault` filled, if the frame is broken. Octets behind the last record are no fault; see
  /// end().
  static std::optional<MessageView> read(Bytes message, MessageFault& fault);
  /// The same with an Error of kind `malformed` for people.
  static Result<MessageView> parse(Bytes message);

  /// Decoded each time, which is cheap when only some fields are used.
  Header header() const { return Header::of_checked(message_.data()); }
  std::uint16_t id() const { return get16(message_.data()); }
  /// The first question; absent if there is none. (More than one is for the caller to refuse, RFC 9619.)
  std::optional<QuestionView> question() const;
  RecordRange records(Section section) const {
    auto s = static_cast<std::size_t>(section);
    return {message_, section_at_[s], get16(message_.data() + 6 + 2 * s)};
  }
  /// Where the records of `section` begin, also when it has none.
  std::size_t section_at(Section section) const { return section_at_[static_cast<std::size_t>(section)]; }
  /// Behind the last record; less than octets().size() if something stands behind the message.
  std::size_t end() const { return end_; }
  Bytes octets() const { return message_; }

  /// OPT and TSIG records, which the walk counts in all sections, and the last one of each.
  std::size_t opt_count() const { return opt_.count; }
  std::size_t tsig_count() const { return tsig_.count; }
  std::optional<RecordView> opt() const { return found(opt_); }
  std::optional<RecordView> tsig() const { return found(tsig_); }

 private:
  struct Found {
    std::uint16_t count = 0;
    std::uint16_t at = 0;
  };
  explicit MessageView(Bytes message) : message_(message) {}
  bool walk(MessageFault& fault);
  std::optional<RecordView> found(Found what) const {
    if (what.count == 0) return std::nullopt;
    return RecordView::at_checked(message_, what.at);
  }

  Bytes message_;
  std::uint16_t question_name_octets_ = 0;
  std::array<std::uint16_t, 3> section_at_{};
  std::uint32_t end_ = 0;
  Found opt_, tsig_;
};

inline RecordView RecordView::at_checked(Bytes message, std::size_t at) {
  const std::uint8_t* p = message.data() + at;
  const std::uint8_t* owner = p;
  while (*p != 0 && *p < 0xc0) p += *p + 1u;
  p += *p == 0 ? 1 : 2;
  RecordView record;
  record.message = message;
  record.owner_at = static_cast<std::uint32_t>(owner - message.data());
  record.type = static_cast<RrType>(get16(p));
  record.rr_class = static_cast<RrClass>(get16(p + 2));
  record.ttl = get32(p + 4);
  record.rdata_octets = get16(p + 8);
  record.rdata_at = static_cast<std::uint32_t>(p + 10 - message.data());
  return record;
}

}  // namespace zw
