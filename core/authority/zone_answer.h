// Fills the sections of a response from one zone: RFC 1034 §4.3.2 with RFC 2308 (negative answers), RFC 4035
// §3 and RFC 5155 §7.2 (DNSSEC), RFC 4592 (wildcards), RFC 6604 (RCODE of a chain), RFC 6672 (DNAME), RFC
// 8482 (ANY), RFC 9471 (glue). Answers are minimal: no NS RRset beside an answer, no addresses but those of
// name servers.
//
// Nothing here allocates, locks or logs. One ZoneAnswer is kept for each thread and used again.
#pragma once

#include <array>

#include "authority/denial.h"
#include "authority/lookup.h"
#include "authority/response_subject.h"
#include "authority/zone_table.h"
#include "dns/message_writer.h"

namespace zw {

/// How much of an answer is in the message.
enum class Fill : std::uint8_t {
  whole,
  short_of_glue,  // all but some addresses of name servers at or below the cut (RFC 9471 §3)
  too_long,       // what must be there does not fit; the sections are empty
  unprovable,     // hashes of NSEC3 collide (RFC 5155 §7.2.9); the sections are empty
};

class ZoneAnswer {
 public:
  /// CNAMEs and DNAMEs that are followed for one answer. A longer chain ends there, and the client goes on.
  static constexpr std::size_t kMostLinks = 16;

  struct Filled {
    Fill fill = Fill::whole;
    Rcode rcode = Rcode::NOERROR;
    bool authoritative = true;
    ResponseSubject subject = {};
  };

  /// Adds records behind the question, whose name stands uncompressed in `writer`. `question.name` lies in
  /// the zone, which is not absent, and outlives the call. `dnssec`: the DO bit.
  Filled fill(MessageWriter& writer, const ServedZone& served, const QuestionView& question, bool dnssec);

 private:
  static constexpr std::uint32_t kAnyTtl = 0xffffffff;

  // These return false when something that must be there does not fit.
  bool follow();
  void note_subject(const Lookup& found);
  bool answer(const Lookup& found);
  bool answer_any(const ZoneNode& node);
  bool follow_cname(const Lookup& found, bool& more);
  bool follow_dname(const Lookup& found, bool& more);
  bool refer(const Lookup& found);
  bool deny();
  bool put_proof();
  bool put(Section section, const OwnerRef& owner, const ZoneNode& node, const RrSetView& set,
           std::uint32_t most_ttl = kAnyTtl);
  bool put_signatures(Section section, const OwnerRef& owner, const ZoneNode& node, RrType covered,
                      std::uint32_t most_ttl);

  // NS records, and the addresses of the servers that they name.
  bool put_servers(Section section, const OwnerRef& owner, const RrSetView& set);
  void add_addresses(const RrSetView& set, std::optional<NameView> cut, NodeTree::Cursor near);
  bool add_addresses_of(NameView target, const OwnerRef& owner, NodeTree::Cursor& near);

  void begin_name(NameView name, OwnerRef owner);
  bool goes_on(NameView target) const;
  OwnerRef end_of_question(std::size_t octets) const;
  OwnerRef owner_of(const ZoneNode& node);
  // `name` without the origin; in `buffer` if it has to be copied. Absent if it is not in the zone.
  std::optional<NameView> relative(NameView name, Name& buffer) const;

  MessageWriter* writer_ = nullptr;
  const ServedZone* served_ = nullptr;
  const Zone* zone_ = nullptr;
  QuestionView question_;
  bool dnssec_ = false;

  NameView name_;               // the last name of the chain so far
  OwnerRef owner_{NameView{}};  // the same, for records
  NameView relative_;           // the same, without the origin
  Name relative_buffer_;
  std::size_t links_ = 0;
  std::array<NameView, kMostLinks + 1> chain_;  // all names of the chain
  std::array<Name, kMostLinks + 1> made_;       // those of them that DNAMEs made
  NodeSet proof_;
  NodeSet dnames_;  // those that are in the answer
  // Where the names in the NS records stand in the message. There may be more servers than are kept here.
  std::array<PlacedName, 32> targets_;
  Name buffer_;
  Filled filled_;
};

}  // namespace zw
