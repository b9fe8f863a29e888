// Values in words for people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "localroot/portal/store.h"
#include "web/site/page.h"

namespace zw::localroot::portal {

/// `3 minutes`, of the largest unit that fits.
std::string print_span(Seconds span);
/// `2026-08-05 00:00 UTC`.
std::string print_moment(Timestamp when);
/// `3 minutes ago, 2026-08-05 00:00 UTC`.
std::string print_past(Timestamp when, Timestamp now);
/// `1.3 MB`.
std::string print_octets(std::uint64_t octets);
/// `the root zone`, else the name without the final dot.
std::string print_zone(NameView name);
/// Without the port if it is 53.
std::string print_address(const Address& address);
/// `1 key`, `3 keys`.
std::string print_count(std::int64_t count, std::string_view one, std::string_view many);

/// When a subscriber is told.
std::string_view words_of(NotifyPolicy policy);
std::string_view words_of(Transport transport);
/// What became of the last NOTIFY.
std::string words_of(const Outcome& outcome);

/// The state of something in a word or two, and how it looks: `good`, `wait`, `bad` or plain.
struct Tag {
  std::string look, words;
};
Tag tag_of(Phase phase);
Tag tag_of(const PortalTarget& target, Timestamp now);
Tag tag_of(const ServerSummary& server);
/// Of a server that was read as a whole.
ServerSummary summary_of(const PortalServer& server, Timestamp now);
void add_tag(PageData& data, const Tag& tag);

/// Another word whenever what is known of the server is another: what a page looks at to see that it is old.
std::string fresh_word(const PortalServer& server);

/// Of a select: `value`, `words`, `is_chosen`.
PageData option(std::string value, std::string words, bool is_chosen);

}  // namespace zw::localroot::portal
