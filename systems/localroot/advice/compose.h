// Inside advice/: what the composers of the families share. What they are handed was checked: no word in it
// can be taken for syntax.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "localroot/advice/advice.h"

namespace zw::localroot {

/// Where a zone is fetched from.
struct Source {
  Address at;
  bool ours = false;
  bool tls = false;       // believed by the offer's tls_name
  std::string_view id;    // a word for it that is alike for both addresses of a host
  std::string_view note;  // for a comment
};

/// Which of our servers come first.
enum class Ours : std::uint8_t { clear, tls, none };

struct Draft {
  const Offer& offer;
  std::string_view word;   // of the target
  std::string header;      // lines for the head of each file, with "# " before each
  std::string zone;        // printed
  std::string zone_words;  // `the root zone`, `the zone example.`
  std::string file_name;   // of the copy
  bool is_root() const { return offer.zone.view().is_root(); }
};

/// All sources in the order in which they are to be asked.
std::vector<Source> sources_of(const Draft& draft, Ours ours);
/// TLS if the offer has it, else clear text. `not_found` if it has neither.
Result<Ours> best_ours(const Offer& offer);
/// `not_found`, with what is lacking, unless the offer has it.
Result<void> need_servers(const Offer& offer);
Result<void> need_tls(const Offer& offer);
Result<void> need_url(const Offer& offer);
Result<void> need_key(const Offer& offer);

/// The secret of the offer's key, or a placeholder that is no base 64.
std::string_view secret_of(const OfferedKey& key);
/// `hmac-sha256`, and the name of the key as all programs take it, with its final dot.
std::string key_name(const Offer& offer);
/// A beginning of a command line that leaves a file with a secret to root and the software.
std::string guard(std::string_view path, std::string_view group);
/// The same if the offer's secret is in the file, else empty.
std::string guard_key(const Offer& offer, std::string_view path, std::string_view group);
/// The copy's path: in the offer's folder, or in `standard`.
std::string copy_path(const Draft& draft, std::string_view standard);
/// The file with the trust anchors of the zone.
std::string anchor_path(const Offer& offer);
/// Our addresses without ports, each once: where NOTIFY comes from.
std::vector<IpAddress> our_addresses(const Offer& offer);
/// The subscriber's address of a family; null if not told.
const IpAddress* subscriber_of(const Offer& offer, bool v4);
/// `192.0.2.1`, with `@53` behind it for another port than `standard`.
std::string at_port(const Address& address, std::uint16_t standard = kDnsPort);
/// `192.0.2.1:53`, `[2001:db8::1]:53`.
std::string colon_port(const Address& address);
/// Appends `text`, then `note` as a comment in a column of its own.
void append_noted(std::string& out, std::string_view text, std::string_view note);
/// The head of a file that goes to `path`, and what it is in a sentence. `mark` begins a comment.
std::string head_of(const Draft& draft, std::string_view path, std::string_view sentence,
                    std::string_view activate, std::string_view mark = "#");

Result<Advice> compose_bind_mirror(const Draft& draft, bool can_tls);
Result<Advice> compose_bind_views(const Draft& draft);
Result<Advice> compose_unbound(const Draft& draft, Ours ours);
Result<Advice> compose_unbound_https(const Draft& draft);
/// `side_car`: Target::nsd or Target::knot.
Result<Advice> compose_unbound_side_car(const Draft& draft, Target side_car);
Result<Advice> compose_knot(const Draft& draft);
Result<Advice> compose_nsd(const Draft& draft);
Result<Advice> compose_knot_resolver_5(const Draft& draft);
Result<Advice> compose_knot_resolver_6(const Draft& draft);
Result<Advice> compose_pdns_recursor_4(const Draft& draft);
Result<Advice> compose_pdns_recursor_5(const Draft& draft);
Result<Advice> compose_zonewright(const Draft& draft);

/// The parts of Knot DNS and NSD that fetch the zone, for a server of their own or for a side-car that serves
/// it to 127.0.0.1 and tells the resolver there.
enum class Role : std::uint8_t { server, side_car };
constexpr std::uint16_t kSideCarPort = 5301;
/// Where a side-car listens: for the resolver, and, if the subscriber's addresses are known, for our NOTIFY,
/// since the resolver has port 53 there.
std::vector<IpAddress> side_car_addresses(const Offer& offer);
std::string knot_sections(const Draft& draft, Role role);
std::string nsd_clauses(const Draft& draft, Role role);

}  // namespace zw::localroot
