#include "localroot/store.h"

#include <fmt/format.h>

#include "os/files.h"
#include "zone/writer.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostZoneOctets = std::size_t{16} << 30;
constexpr std::size_t kMostEvidenceOctets = 1 << 20;

}  // namespace

std::string ZoneStore::file_name(NameView origin) {
  if (origin.is_root()) return "ROOT";  // no name in lower case can be the same
  std::string out;
  for (std::size_t label = 0; !origin.is_root(); ++label, origin = origin.parent()) {
    if (label > 0) out += '.';
    for (std::uint8_t octet : origin.first_label()) {
      std::uint8_t c = kLower[octet];
      bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      plain ? out.push_back(static_cast<char>(c))
            : void(fmt::format_to(std::back_inserter(out), "%{:02x}", c));
    }
  }
  return out;
}

std::string ZoneStore::path(NameView origin, std::string_view suffix) const {
  return fmt::format("{}/{}{}", folder_, file_name(origin), suffix);
}

Result<ZoneStore::Stored> ZoneStore::load(NameView origin) const {
  Stored out;
  {
    ZW_TRY(MappedFile file, MappedFile::open(path(origin, ".zone"), kMostZoneOctets));
    ZW_TRY(out.zone, read_wire(file.bytes()));
  }
  if (!(out.zone->origin() == origin))
    return fail(ErrorKind::malformed, "{} holds the zone {}", path(origin, ".zone"),
                print(out.zone->origin()));
  auto text = read_file(path(origin, ".json"), kMostEvidenceOctets);
  auto evidence = text ? parse_evidence(as_text(*text)) : std::unexpected(text.error());
  if (evidence && evidence->serial == out.zone->serial() && evidence->origin == Name(origin))
    out.evidence = std::move(*evidence);
  return out;
}

Result<void> ZoneStore::save(const Zone& zone, const Evidence& evidence) const {
  Buffer octets;
  ZW_CHECK(write_wire(zone, [&](Bytes block) -> Result<void> {
    append(octets, block);
    return {};
  }));
  ZW_CHECK(write_file_atomically(path(zone.origin(), ".zone"), octets));
  return save_evidence(evidence);
}

Result<void> ZoneStore::forget(NameView origin) const {
  for (std::string_view suffix : {".zone", ".json", ".log"})
    if (auto removed = remove_file(path(origin, suffix));
        !removed && removed.error().kind != ErrorKind::not_found)
      return removed;
  ZW_CHECK(remove_folder(changes_folder(origin)));
  return remove_folder(journal_folder(origin));
}

Result<void> ZoneStore::save_evidence(const Evidence& evidence) const {
  std::string text = print_evidence(evidence);
  return write_file_atomically(path(evidence.origin, ".json"), as_bytes(text));
}

}  // namespace zw::localroot
