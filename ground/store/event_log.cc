#include "store/event_log.h"

#include <algorithm>
#include <chrono>

#include "format/json.h"
#include "store/room_statements.h"

namespace zw {
namespace {

struct Head {
  std::int64_t number;
  HashChain::Link link;
};

HashChain::Link link_of(Bytes octets) {
  HashChain::Link out{};
  std::copy_n(octets.begin(), std::min(octets.size(), out.size()), out.begin());
  return out;
}

Head head_of(const Row& row) { return {row.get<std::int64_t>(0), link_of(row.get<Bytes>(1))}; }

Event event_of(const Row& row) {
  return {.number = row.get<std::int64_t>(0),
          .at = row.get<Timestamp>(1),
          .actor = row.get<std::string>(2),
          .origin = row.get<std::string>(3),
          .action = row.get<std::string>(4),
          .subject = row.get<std::string>(5),
          .detail = row.get<std::string>(6),
          .link = link_of(row.get<Bytes>(7))};
}

Result<void> check_size(const EventNote& note) {
  for (std::string_view text : {note.actor, note.origin, note.action, note.subject})
    if (text.size() > EventNote::kMostOctets)
      return fail(ErrorKind::limit, "event: a text of more than {} octets", EventNote::kMostOctets);
  if (note.detail.size() > EventNote::kMostDetailOctets)
    return fail(ErrorKind::limit, "event: a detail of more than {} octets", EventNote::kMostDetailOctets);
  return {};
}

// Follows the rows of the log as they should be.
class Verifier {
 public:
  Verifier(std::string_view wanted, const std::function<void(std::string_view)>& line)
      : wanted_(wanted), line_(line) {
    has_link_ = wanted == chain_.hex();
  }

  Result<void> take(const Event& event) {
    if (event.number != number() + 1)
      return fail(ErrorKind::malformed, "event {}: expected number {} after the one before", event.number,
                  number() + 1);
    std::string line = chain_.append(event_entry(event));
    if (chain_.link() != event.link)
      return fail(ErrorKind::malformed,
                  "event {}: the link does not fit: this row or one before it was changed, or is missing",
                  event.number);
    has_link_ = has_link_ || chain_.hex() == wanted_;
    if (line_) line_(line);
    return {};
  }
  Result<EventSummary> finish(const Head& head) const {
    if (head.number != number() || head.link != chain_.link())
      return fail(ErrorKind::malformed, "event {}: expected the last to be {}, as the head of the log says",
                  number(), head.number);
    return EventSummary{number(), chain_.hex(), has_link_};
  }

 private:
  std::int64_t number() const { return static_cast<std::int64_t>(chain_.size()); }
  HashChain chain_;
  std::string_view wanted_;
  const std::function<void(std::string_view)>& line_;
  bool has_link_;
};

}  // namespace

std::string event_entry(const Event& event) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("number", event.number)
      .member("at_us", event.at.time_since_epoch().count())
      .member("actor", event.actor)
      .member("origin", event.origin)
      .member("action", event.action)
      .member("subject", event.subject)
      .member("detail", event.detail)
      .end_object();
  return out;
}

Result<std::int64_t> note_event(Transaction& tx, const EventNote& note) {
  ZW_CHECK(check_size(note));
  ZW_TRY(Head head, tx.one(kTakeEventHead, {}, head_of));
  Event event{.number = head.number + 1,
              .at = tx.now(),
              .actor = std::string(note.actor),
              .origin = std::string(note.origin),
              .action = std::string(note.action),
              .subject = std::string(note.subject),
              .detail = std::string(note.detail),
              .link = {}};
  HashChain chain(head.link, static_cast<std::size_t>(head.number));
  chain.append(event_entry(event));
  Bytes link = chain.link();
  ZW_CHECK(tx.run(kAddEvent, {event.number, event.at, event.actor, event.origin, event.action, event.subject,
                              event.detail, link}));
  ZW_CHECK(tx.run(kMoveEventHead, {event.number, link}));
  return event.number;
}

Result<std::vector<Event>> read_events(Transaction& tx, const EventPage& page) {
  if (page.subject) return tx.all(kEventsOfSubject, {page.before, page.most, *page.subject}, event_of);
  if (page.actor) return tx.all(kEventsOfActor, {page.before, page.most, *page.actor}, event_of);
  return tx.all(kLatestEvents, {page.before, page.most}, event_of);
}

Result<void> follow_events(Transaction& tx, std::int64_t after,
                           const std::function<bool(const Event&)>& visit) {
  return tx.each(kAllEvents, {after}, [&](const Row& row) { return visit(event_of(row)); });
}

Result<EventSummary> verify_events(Transaction& tx, std::string_view wanted,
                                   const std::function<void(std::string_view line)>& line) {
  ZW_TRY(Head head, tx.one(kEventHead, {}, head_of));
  Verifier verifier(wanted, line);
  ZW_CHECK(tx.each(kAllEvents, {0}, [&](const Row& row) { return verifier.take(event_of(row)); }));
  return verifier.finish(head);
}

}  // namespace zw
