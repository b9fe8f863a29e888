#include "localroot/bench/query_list.h"

#include <fmt/format.h>

#include <memory>

#include "dns/edns.h"
#include "dns/message_writer.h"

namespace zw::localroot {
namespace {

std::string_view take_line(std::string_view& text) {
  auto end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view take_word(std::string_view& line) {
  constexpr auto kBlank = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  auto end = std::min(line.find_first_of(kBlank), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::vector<Name> delegations_of(const Zone& zone) {
  std::vector<Name> out;
  for (auto at = zone.names().begin(); !at.is_end(); at.next())
    if (!at.is_first() && (*at).has(RrType::NS)) out.push_back(zone.owner(*at));
  return out;
}

Name below(std::string_view label, NameView parent) {
  auto name = Name::prepend(as_bytes(label), parent);
  return name ? *name : Name(parent);  // a name that is as long as can be has nothing below it
}

}  // namespace

Buffer compose_query(NameView name, RrType type, const QueryForm& form) {
  static constexpr std::size_t kRoom = 512;
  auto writer = std::make_unique<MessageWriter>();
  Buffer out(kRoom);
  writer->start(out, 0, Header::pack(Opcode::QUERY, Rcode::NOERROR, 0));
  bool fits = writer->question(name, type, RrClass::IN);
  OptFields fields;
  fields.payload_octets = form.payload_octets;
  fields.dnssec_ok = form.dnssec_ok;
  if (form.edns) fits = fits && write_opt(*writer, fields);
  ZW_ASSERT(fits);
  out.resize(writer->finish().size());
  return out;
}

Result<std::vector<Buffer>> parse_queries(std::string_view text, const QueryForm& form) {
  std::vector<Buffer> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_line(text);
    std::string_view word = take_word(line);
    if (word.empty() || word.front() == ';' || word.front() == '#') continue;
    auto name = Name::parse(word, NameView());
    if (!name) return fail(ErrorKind::malformed, "line {}: {}", number, name.error().what);
    auto type = parse_type(take_word(line));
    if (!type) return fail(ErrorKind::malformed, "line {}: expected a name and a type", number);
    if (out.size() == kMostQueries)
      return fail(ErrorKind::limit, "line {}: more than {} queries", number, kMostQueries);
    out.push_back(compose_query(*name, *type, form));
  }
  if (out.empty()) return fail(ErrorKind::malformed, "there is no query");
  return out;
}

Result<std::vector<Buffer>> make_queries(const Zone& zone, std::size_t count, Random& random,
                                         const QueryForm& form) {
  std::vector<Name> delegations = delegations_of(zone);
  if (delegations.empty()) return fail(ErrorKind::not_found, "{} delegates nothing", print(zone.origin()));
  constexpr RrType kAtApex[] = {RrType::SOA, RrType::NS, RrType::DNSKEY};
  std::vector<Buffer> out;
  auto add = [&](const Name& name, RrType type) { out.push_back(compose_query(name, type, form)); };
  for (std::size_t i = 0; i < count; ++i) {
    const Name& delegation = delegations[random.below(delegations.size())];
    switch (i % 10) {
      case 5:
      case 6: add(below("www", delegation), RrType::A); break;
      case 7: add(delegation, RrType::AAAA); break;
      case 8: add(delegation, RrType::DS); break;
      case 9: add(zone.origin(), kAtApex[random.below(std::size(kAtApex))]); break;
      default: add(below(fmt::format("x{:x}", random.next() >> 24), zone.origin()), RrType::A);
    }
  }
  return out;
}

}  // namespace zw::localroot
