#include "zone/catalog.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "zone/builder.h"

namespace zw {
namespace {

constexpr std::string_view kSchema = "2";  // RFC 9432 §4.3.1

bool is_label(Bytes label, std::string_view text) {
  return label.size() == text.size() &&
         std::equal(label.begin(), label.end(), text.begin(),
                    [](auto a, char b) { return kLower[a] == static_cast<std::uint8_t>(b); });
}

// The strings of a TXT RDATA as one.
std::string text_of(Bytes rdata) {
  std::string out;
  while (!rdata.empty()) {
    std::size_t size = std::min<std::size_t>(rdata[0], rdata.size() - 1);
    out += as_text(rdata.subspan(1, size));
    rdata = rdata.subspan(1 + size);
  }
  return out;
}

std::string id_of(Bytes label) {
  std::string out;
  for (std::uint8_t octet : label) out += static_cast<char>(kLower[octet]);
  return out;
}

class CatalogReader {
 public:
  CatalogReader(const Zone& zone, std::size_t most_members, Findings& findings)
      : zone_(zone), most_members_(most_members), findings_(findings), errors_before_(findings.errors()) {}

  std::optional<Catalog> read() {
    if (zone_.rr_class() != RrClass::IN)
      complain("catalog-class", {}, RrType::SOA, "a catalog is of class IN (RFC 9432 section 4.2)");
    version();
    for (auto at = zone_.names().begin(); !at.is_end() && !full_; at.next()) node(*at);
    find_twins();
    if (findings_.errors() > errors_before_) return std::nullopt;
    return Catalog{zone_.origin(), zone_.serial(), std::move(members_)};
  }

 private:
  void complain(std::string_view rule, NameView relative, RrType type, std::string what) {
    findings_.add({rule, Severity::error, zone_.owner(relative), type, std::move(what)});
  }

  void version() {
    Name owner = *Name::parse("version.");
    auto found = zone_.names().find(owner);
    auto texts = found.exact ? (*found.at).find(RrType::TXT) : std::nullopt;
    if (!texts)
      return complain("catalog-version-missing", owner, RrType::TXT,
                      "there is none, so this is no catalog: add TXT \"2\" (RFC 9432 section 4.3.1)");
    if (texts->size() != 1)
      return complain("catalog-version-several", owner, RrType::TXT,
                      fmt::format("expected one record, found {} (RFC 9432 section 4.3.1)", texts->size()));
    if (std::string text = text_of(texts->rdatas().front()); text != kSchema)
      complain(
          "catalog-version-unknown", owner, RrType::TXT,
          fmt::format("expected \"2\", the only version that is known, found \"{:.20}\" (RFC 9432 section "
                      "4.3.1)",
                      printable(text)));
  }

  static std::string printable(std::string text) {
    for (char& c : text)
      if (c < ' ' || c > '~') c = '?';
    return text;
  }

  // ID.zones is a member, PROPERTY.ID.zones one of its properties, which stand behind it in this order.
  void node(const ZoneNode& node) {
    NameView owner = node.relative();
    std::size_t labels = owner.label_count();
    if (labels < 2 || labels > 3 || !is_label(owner.suffix(1).first_label(), "zones")) return;
    if (labels == 2) return member(node);
    if (members_.empty() || members_.back().id != id_of(owner.parent().first_label())) return;
    if (is_label(owner.first_label(), "group")) groups(node);
    if (is_label(owner.first_label(), "coo")) move(node);
  }

  void member(const ZoneNode& node) {
    auto names = node.find(RrType::PTR);
    if (!names) return;
    if (names->size() != 1)
      return complain(
          "catalog-member-several", node.relative(), RrType::PTR,
          fmt::format("expected one zone, found {}: give each a node of its own (RFC 9432 section 4.2)",
                      names->size()));
    if (members_.size() == most_members_) {
      full_ = true;
      return complain("catalog-too-many-members", node.relative(), RrType::PTR,
                      fmt::format("there are more than {} members: raise most-members if they are all wanted",
                                  most_members_));
    }
    auto name = name_in(names->rdatas().front());
    if (!name)
      return complain("catalog-member-malformed", node.relative(), RrType::PTR,
                      "expected the name of a zone (RFC 9432 section 4.2)");
    members_.push_back({*name, id_of(node.relative().first_label()), {}, {}});
  }

  static std::optional<Name> name_in(Bytes rdata) {
    auto name = NameView::read(rdata);
    return name && name->size() == rdata.size() ? std::optional(Name(*name)) : std::nullopt;
  }

  void groups(const ZoneNode& node) {
    auto texts = node.find(RrType::TXT);
    if (!texts) return;
    std::vector<std::string>& groups = members_.back().groups;
    for (Bytes rdata : texts->rdatas()) {
      std::string text = text_of(rdata);
      if (text.size() > 255 || groups.size() == kMostCatalogGroups)
        return complain(
            "catalog-too-many-groups", node.relative(), RrType::TXT,
            fmt::format("a member has at most {} groups of at most 255 octets here", kMostCatalogGroups));
      if (!text.empty()) groups.push_back(std::move(text));
    }
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  }

  void move(const ZoneNode& node) {
    auto names = node.find(RrType::PTR);
    if (!names) return;
    if (names->size() != 1)
      return complain(
          "catalog-coo-several", node.relative(), RrType::PTR,
          fmt::format("expected one catalog to move to, found {} (RFC 9432 section 4.4.1)", names->size()));
    members_.back().moves_to = name_in(names->rdatas().front());
    if (!members_.back().moves_to)
      complain("catalog-coo-malformed", node.relative(), RrType::PTR,
               "expected the name of a catalog (RFC 9432 section 4.4.1)");
  }

  // Sorts, too.
  void find_twins() {
    std::sort(members_.begin(), members_.end(), [](const CatalogMember& a, const CatalogMember& b) {
      return a.zone != b.zone ? a.zone < b.zone : a.id < b.id;
    });
    for (std::size_t i = 1; i < members_.size(); ++i) {
      if (members_[i].zone != members_[i - 1].zone) continue;
      auto node = Name::prepend(as_bytes(members_[i].id), *Name::parse("zones."));
      complain("catalog-member-twice", *node, RrType::PTR,
               fmt::format("{} is a member by {} already: remove one of the two (RFC 9432 section 4.2)",
                           print(members_[i].zone), printable(members_[i - 1].id)));
    }
  }

  const Zone& zone_;
  std::size_t most_members_;
  Findings& findings_;
  std::size_t errors_before_;
  std::vector<CatalogMember> members_;
  bool full_ = false;
};

class CatalogWriter {
 public:
  explicit CatalogWriter(NameView origin) : origin_(origin), builder_(origin) {}

  Result<ZonePtr> write(Serial serial, std::span<const CatalogMember> members) {
    apex(serial);
    ZW_CHECK(add({"version"}, RrType::TXT, text_rdata(kSchema)));
    for (const CatalogMember& member : members) {
      ZW_CHECK(add({member.id, "zones"}, RrType::PTR, member.zone.wire()));
      if (member.moves_to) ZW_CHECK(add({"coo", member.id, "zones"}, RrType::PTR, member.moves_to->wire()));
      for (const std::string& group : member.groups) {
        if (group.size() > 255)
          return fail(ErrorKind::limit, "a group of {} is longer than 255 octets", print(member.zone));
        ZW_CHECK(add({"group", member.id, "zones"}, RrType::TXT, text_rdata(group)));
      }
    }
    Findings findings;
    return builder_.build(findings);
  }

 private:
  static constexpr std::uint32_t kRefresh = 3600, kRetry = 600, kExpire = 2147483646, kMinimum = 0;

  // A catalog is no part of the DNS tree; "invalid." says so (RFC 9432 §4.1).
  void apex(Serial serial) {
    Name nobody = *Name::parse("invalid.");
    Buffer soa;
    append(soa, nobody.wire());
    append(soa, nobody.wire());
    for (std::uint32_t number : {serial.value(), kRefresh, kRetry, kExpire, kMinimum}) append32(soa, number);
    builder_.add(origin_, RrType::SOA, 0, soa);
    builder_.add(origin_, RrType::NS, 0, nobody.wire());
  }

  Result<void> add(std::initializer_list<std::string_view> labels, RrType type, Bytes rdata) {
    std::optional<Name> owner = origin_;
    for (auto label = std::rbegin(labels); label != std::rend(labels) && owner; ++label)
      owner = Name::prepend(as_bytes(*label), *owner);
    if (!owner)
      return fail(ErrorKind::limit,
                  "names below {} get longer than 255 octets: give the catalog a shorter name",
                  print(origin_));
    builder_.add(*owner, type, 0, rdata);
    return {};
  }

  static Buffer text_rdata(std::string_view text) {
    Buffer out{static_cast<std::uint8_t>(text.size())};
    append(out, as_bytes(text));
    return out;
  }

  Name origin_;
  ZoneBuilder builder_;
};

}  // namespace

const CatalogMember* Catalog::find(NameView zone) const {
  auto at = std::lower_bound(
      members.begin(), members.end(), zone,
      [](const CatalogMember& member, NameView wanted) { return member.zone.view() < wanted; });
  return at != members.end() && at->zone.view() == zone ? &*at : nullptr;
}

std::optional<Catalog> read_catalog(const Zone& zone, std::size_t most_members, Findings& findings) {
  return CatalogReader(zone, most_members, findings).read();
}

Result<ZonePtr> make_catalog_zone(NameView origin, Serial serial, std::span<const CatalogMember> members) {
  return CatalogWriter(origin).write(serial, members);
}

std::string catalog_id(NameView zone, std::string_view generation) {
  Buffer octets;
  append(octets, lower(zone).wire());
  append(octets, as_bytes(generation));
  return base32hex(digest(DigestAlgorithm::sha256, octets).bytes().first(16));
}

CatalogDifference compare_catalogs(const Catalog& before, const Catalog& after) {
  CatalogDifference out;
  for (const CatalogMember& member : after.members) {
    const CatalogMember* old = before.find(member.zone);
    if (!old)
      out.added.push_back(&member);
    else if (old->id != member.id)
      out.reset.push_back(&member);
    else if (!(*old == member))
      out.changed.push_back(&member);
  }
  for (const CatalogMember& member : before.members)
    if (!after.find(member.zone)) out.removed.push_back(&member);
  return out;
}

}  // namespace zw
