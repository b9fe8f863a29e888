// Who did what, and from where: a table that only grows, and whose rows are chained by hash
// (crypto/hash_chain.h), so that nobody changes the past unseen, with or without the database's help. Each
// change notes its event in its own transaction, so there is never the one without the other.
//
// The entry of an event is one JSON object on one line, made of its columns in their order. The link is made
// of the link before and the entry. Printed as lines, a log can be verified by others.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/hash_chain.h"
#include "store/transaction.h"

namespace zw {

/// What a change notes. Texts of people are told by a reference to them where they may have to be forgotten:
/// what is noted stays.
struct EventNote {
  std::string_view actor;        // who: an account, or a part of the program
  std::string_view origin;       // from where: an address, or `local`
  std::string_view action;       // what, a word of ours: `server.add`
  std::string_view subject;      // of what: `server/17`
  std::string_view detail = {};  // the rest, as the system likes it

  static constexpr std::size_t kMostOctets = 1024;         // of each of the others
  static constexpr std::size_t kMostDetailOctets = 65536;  // of `detail`
};

struct Event {
  std::int64_t number;  // from 1, without gaps
  Timestamp at;
  std::string actor, origin, action, subject, detail;
  HashChain::Link link;
};

/// Notes an event, as a part of `tx`; gives its number. Those who note events on PostgreSQL do so one after
/// another, from here to the end of their transactions: so do it last. `limit` if a text is too long.
Result<std::int64_t> note_event(Transaction& tx, const EventNote& note);

/// The newest first, those numbered below `before`, at most `most`; of one subject or of one actor, if either
/// is given.
struct EventPage {
  std::optional<std::string> subject = {}, actor = {};
  std::int64_t before = INT64_MAX;
  std::int64_t most = 50;
};
Result<std::vector<Event>> read_events(Transaction& tx, const EventPage& page);
/// Those after number `after`, the oldest first. What was committed once has a number above all that was seen
/// before, so who notes the last number can go on from there.
Result<void> follow_events(Transaction& tx, std::int64_t after,
                           const std::function<bool(const Event&)>& visit);

/// Without the link: what was chained.
std::string event_entry(const Event& event);

struct EventSummary {
  std::int64_t events = 0;
  std::string head;       // the last link in base 16
  bool has_link = false;  // `wanted` is among the links
};
/// Reads the whole log. `malformed` names the first row that does not fit. `wanted`: a link as hex digits
/// that somebody noted, or empty. `line`: called with each line of the log (HashChain), if given.
Result<EventSummary> verify_events(Transaction& tx, std::string_view wanted = {},
                                   const std::function<void(std::string_view line)>& line = {});

}  // namespace zw
