// Writes a DNS message into octets that the caller owns, with name compression (RFC 1035 §4.1.4).
//
// A MessageWriter is kept and used for one message after another: its table of names (24 KiB) is forgotten by
// counting up, not by clearing. It belongs to one thread at a time and never allocates.
//
// Compressed are owners and the names of `name_compressed` fields, with pointers to octets below 0x4000, and
// only where the octets are the same including letter case: what is read back is what was written. (A caller
// who does not mind the case, as for an owner that equals the name of the question, passes a PlacedName.)
// Messages of a stream (AXFR) are smallest at about 16 KiB, as no pointer reaches beyond.
//
// Everything that adds to the message returns false if it does not fit, and leaves the message as it was.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

/// Most octets that a pointer can reach.
constexpr std::size_t kPointerReach = 0x4000;

/// A name that stands in the message already; `at` 0 means "nowhere that a pointer can reach".
struct PlacedName {
  std::uint16_t at = 0;
  explicit operator bool() const { return at != 0; }
};
/// The name of the first question.
inline constexpr PlacedName kQuestionName{kQuestionAt};

/// The owner of a record: a name to compress, or, at once, a pointer to a name that stands in the message.
struct OwnerRef {
  OwnerRef(NameView view) : name(view) {}
  OwnerRef(const Name& owned) : name(owned) {}
  /// `place` must come from this message; where it is nowhere, `otherwise` is written.
  OwnerRef(PlacedName place, NameView otherwise = {}) : name(otherwise), placed(place) {}

  NameView name;
  PlacedName placed;
};

class MessageWriter {
 public:
  /// What rollback() goes back to. Valid until start() or a rollback() to an earlier mark.
  struct Mark {
    std::uint64_t counts;
    std::uint32_t size;
    std::uint16_t names;
    Section section;
    PlacedName owner, target;
  };

  MessageWriter() = default;
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  /// Begins a message in `out`, which holds at least 12 octets and outlives it. At most out.size() (and
  /// 65535) octets are written, counts from zero. `bits`: see Header::pack.
  void start(MutableBytes out, std::uint16_t id, std::uint16_t bits);
  /// Begins the response to `query`: its ID, opcode and RD (not CD, RFC 4035 §3.1.6), QR set, RCODE as given,
  /// and its first question, octet for octet. False if the question does not fit; the header is then all
  /// there is.
  bool start_response(MutableBytes out, const MessageView& query, Rcode rcode, std::uint16_t flags);

  /// Fewer or more octets than start() was given, as far as `out` reaches; never less than what is written.
  void set_limit(std::size_t octets);
  /// Keeps `octets` free at the end (for OPT, TSIG) from now on; false if they are no longer there. Each call
  /// replaces the last.
  bool reserve(std::size_t octets);

  bool question(NameView name, RrType type, RrClass rr_class);

  /// One record; sections in order. `rdata`: uncompressed. `ttl`: seconds.
  bool record(Section section, const OwnerRef& owner, RrType type, RrClass rr_class, std::uint32_t ttl,
              Bytes rdata);
  /// All records of an RRset or none; `rdatas`: a range of what converts to Bytes.
  template <typename Rdatas>
  bool rrset(Section section, OwnerRef owner, RrType type, RrClass rr_class, std::uint32_t ttl,
             const Rdatas& rdatas) {
    Mark before = mark();
    for (const auto& rdata : rdatas) {
      if (!record(section, owner, type, rr_class, ttl, rdata)) return rollback(before), false;
      if (owner_) owner.placed = owner_;
    }
    return true;
  }

  /// Where the owner of the last record stands.
  PlacedName last_owner() const { return owner_; }
  /// Where the last compressible name in the RDATA of the last record stands (the target of an NS, for its
  /// glue to use as owner); nowhere if it has none.
  PlacedName last_target() const { return target_; }

  Mark mark() const { return {counts_, size_, names_, section_, owner_, target_}; }
  void rollback(const Mark& mark);

  std::uint16_t bits() const { return get16(out_ + 2); }
  void set_bits(std::uint16_t bits) { set16(out_ + 2, bits); }
  void set_flag(std::uint16_t flag) { set_bits(bits() | flag); }
  void set_tc() { set_flag(Header::kTc); }
  void set_rcode(Rcode rcode) {
    set_bits(static_cast<std::uint16_t>((bits() & 0xfff0) | (static_cast<unsigned>(rcode) & 15u)));
  }

  std::size_t size() const { return size_; }
  /// Octets that can still be added: without those that are reserved.
  std::size_t room() const { return end_ - size_; }
  std::size_t reserved() const { return limit_ - end_; }
  std::uint16_t count(Section section) const {
    return static_cast<std::uint16_t>(counts_ >> shift_of(section));
  }
  bool has_question() const { return (counts_ & 0xffff) != 0; }

  /// Writes the counts into the header and gives the message back. More can be added, and finish() called
  /// again.
  MutableBytes finish();

 private:
  // A suffix of a name in the message: one label in front of the suffix at `parent` (0: the root). `head` and
  // `tail` say the label with its length, all of it up to 15 octets of text, else its first 7 and last 8. So
  // a look-up compares each label of a name once, and seldom touches the message.
  struct Entry {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    std::uint32_t message = 0;  // which message it belongs to
    std::uint16_t at = 0;
    std::uint16_t parent = 0;
  };
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kMostNames = 768;

  static constexpr unsigned shift_of(Section section) { return 16 + 16 * static_cast<unsigned>(section); }
  Entry* find(const std::uint8_t* label, std::uint32_t parent);
  // These write at `at`, below end_, and leave size_ alone: record() moves it once, when all of a record is
  // there. They return where they ended, or null if there is no room.
  struct WrittenName {
    std::uint8_t* at;
    std::size_t octets;  // of the name as it was given; 0 if there are no more than `most` octets of name
  };
  WrittenName write_name(std::uint8_t* at, const std::uint8_t* wire, std::size_t most, PlacedName& placed);
  std::uint8_t* write_owner(std::uint8_t* at, const OwnerRef& owner);
  std::uint8_t* write_rdata(std::uint8_t* at, RrType type, Bytes rdata);
  std::uint8_t* put(std::uint8_t* at, Bytes octets);
  std::uint8_t* write_record(std::uint8_t* at, const OwnerRef& owner, RrType type, RrClass rr_class,
                             std::uint32_t ttl, Bytes rdata);
  std::size_t room_at(const std::uint8_t* at) const { return static_cast<std::size_t>(out_ + end_ - at); }
  void forget_names(std::uint16_t kept);

  std::uint8_t* out_ = nullptr;
  std::uint64_t counts_ =
      0;  // the four of the header, QDCOUNT lowest, in one word that a mark copies at once
  std::uint32_t size_ = 0;
  std::uint32_t end_ = 0;       // nothing is written from here on
  std::uint32_t limit_ = 0;     // end_ and what is reserved
  std::uint32_t capacity_ = 0;  // of out_
  std::uint16_t names_ = 0;     // entries of this message
  Section section_ = Section::answer;
  PlacedName owner_, target_;
  std::uint32_t message_ = 0;
  std::array<Entry, kSlots> table_{};
  std::array<std::uint16_t, kMostNames> order_{};  // slots in order of entry, for rollback
};

}  // namespace zw
