#include "dnssec/nsec3_maker.h"

#include <algorithm>

#include "dnssec/denial_types.h"
#include "dnssec/nsec3_hash.h"
#include "dnssec/nsec_checker.h"
#include "zone/builder.h"

namespace zw {
namespace {

constexpr std::size_t kPagesOfTask = 16, kRecordsOfTask = 1024, kSignedAtOnce = 128;

/// A name of the chain: a node, or an empty non-terminal.
struct Link {
  Nsec3Hash hash;
  std::uint32_t page = 0, node = 0;
  bool is_empty = false;
};

class Nsec3Maker {
 public:
  Nsec3Maker(const Zone& zone, const SigningPlan& plan)
      : zone_(zone), plan_(plan), how_(*plan.nsec3), ttl_(denial_ttl(zone)) {}

  Result<NodeTree> make(Workers& workers) {
    hash_all(workers);
    ZW_CHECK(sort());
    return sign_all(workers);
  }

 private:
  /// Whether the name has a record: with opt-out, delegations that are not secure have none.
  bool is_linked(ZoneNode node, NodeKind kind) const {
    if (kind == NodeKind::occluded) return false;
    return !(how_.opt_out && kind == NodeKind::delegation && !node.has(RrType::DS));
  }
  Nsec3Hash hash(NameView relative) const {
    return nsec3_hash(zone_.owner(relative), {kNsec3Sha1, how_.iterations, how_.salt});
  }
  void hash_part(std::size_t first, std::size_t last, std::vector<Link>& out) const;
  void hash_all(Workers& workers);
  Result<void> sort();
  Buffer rdata_of(std::size_t i) const;
  Result<std::vector<PagePtr>> sign_part(std::size_t first, std::size_t last) const;
  Result<NodeTree> sign_all(Workers& workers);

  const Zone& zone_;
  const SigningPlan& plan_;
  const Nsec3Plan& how_;
  const std::uint32_t ttl_;
  std::vector<Link> links_;
};

// An empty non-terminal is met at the first name below it: it is the part of that name which the one before
// does not share. What stands before a part nobody looks at, so that some come twice; sort() sees to that.
void Nsec3Maker::hash_part(std::size_t first, std::size_t last, std::vector<Link>& out) const {
  NodeTree::Cursor at(&zone_.names(), first, 0);
  ZoneCuts cuts(zone_, at);
  std::optional<NameView> before;
  std::uint32_t node_number = 0;
  for (std::size_t page = first; !at.is_end() && at.page() < last; at.next(), ++node_number) {
    if (at.page() != page) page = at.page(), node_number = 0;
    ZoneNode node = *at;
    if (!is_linked(node, cuts.classify(node))) continue;
    NameView name = node.relative();
    std::size_t shared = before ? common_labels(name, *before) : 0;
    for (std::size_t labels = shared + 1; labels < name.label_count(); ++labels)
      out.push_back({hash(name.suffix(labels)), 0, 0, true});
    out.push_back({hash(name), static_cast<std::uint32_t>(page), node_number, false});
    before = name;
  }
}

void Nsec3Maker::hash_all(Workers& workers) {
  const std::size_t pages = zone_.names().pages().size();
  std::vector<std::vector<Link>> parts((pages + kPagesOfTask - 1) / kPagesOfTask);
  workers.run(parts.size(), [&](std::size_t task) {
    hash_part(task * kPagesOfTask, std::min((task + 1) * kPagesOfTask, pages), parts[task]);
  });
  std::size_t count = 0;
  for (const auto& part : parts) count += part.size();
  links_.reserve(count);
  for (auto& part : parts) {
    links_.insert(links_.end(), part.begin(), part.end());
    part = {};
  }
}

Result<void> Nsec3Maker::sort() {
  std::ranges::sort(links_, std::less(), &Link::hash);
  auto same = std::ranges::unique(
      links_, [](const Link& a, const Link& b) { return a.is_empty && b.is_empty && a.hash == b.hash; });
  links_.erase(same.begin(), same.end());
  auto twice = std::ranges::adjacent_find(links_, std::equal_to(), &Link::hash);
  if (twice == links_.end()) return {};
  return fail(ErrorKind::conflict, "two names have the NSEC3 hash {}; choose another salt (RFC 5155 §7.1)",
              print(nsec3_label(twice->hash)));
}

Buffer Nsec3Maker::rdata_of(std::size_t i) const {
  const Link& link = links_[i];
  Buffer out = {kNsec3Sha1, how_.opt_out ? kNsec3OptOut : std::uint8_t{0}};
  append16(out, how_.iterations);
  append8(out, static_cast<std::uint8_t>(how_.salt.size()));
  append(out, how_.salt);
  const Nsec3Hash& next = links_[i + 1 == links_.size() ? 0 : i + 1].hash;
  append8(out, static_cast<std::uint8_t>(next.size()));
  append(out, next);
  if (link.is_empty) return out;
  ZoneNode node(zone_.names().pages()[link.page].get(), link.node);
  bool is_cut = !node.relative().is_root() && node.has(RrType::NS);
  std::vector<RrType> types;
  list_types(node, is_cut ? NodeKind::delegation : NodeKind::authoritative, types);
  append_type_bitmap(out, types);
  return out;
}

Result<std::vector<PagePtr>> Nsec3Maker::sign_part(std::size_t first, std::size_t last) const {
  SetSigner signer(zone_, plan_);
  PageWriter writer;
  std::vector<PagePtr> pages;
  std::vector<std::pair<Name, MadeSet>> records;
  for (std::size_t begin = first; begin < last; begin += kSignedAtOnce) {
    signer.clear();
    records.clear();
    for (std::size_t i = begin; i < std::min(last, begin + kSignedAtOnce); ++i) {
      records.emplace_back(nsec3_label(links_[i].hash), MadeSet(RrType::NSEC3, ttl_, rdata_of(i)));
      signer.add(records.back().first, records.back().second.view());
    }
    ZW_CHECK(signer.sign());
    for (std::size_t i = 0; i < records.size(); ++i) {
      writer.begin_node(records[i].first);
      signer.write(i, writer);
      writer.begin_rrset(RrType::NSEC3, RrType{}, ttl_);
      writer.add_rdata(records[i].second.view().rdatas().front());
      close_page(writer, pages);
    }
  }
  close_page(writer, pages, true);
  return pages;
}

Result<NodeTree> Nsec3Maker::sign_all(Workers& workers) {
  std::vector<Result<std::vector<PagePtr>>> parts((links_.size() + kRecordsOfTask - 1) / kRecordsOfTask);
  workers.run(parts.size(), [&](std::size_t task) {
    parts[task] = sign_part(task * kRecordsOfTask, std::min((task + 1) * kRecordsOfTask, links_.size()));
  });
  std::vector<PagePtr> pages;
  for (auto& part : parts) {
    if (!part) return std::unexpected(part.error());
    pages.insert(pages.end(), part->begin(), part->end());
  }
  return NodeTree(std::move(pages));
}

}  // namespace

Result<NodeTree> make_nsec3_tree(const Zone& zone, const SigningPlan& plan, Workers& workers) {
  return Nsec3Maker(zone, plan).make(workers);
}

}  // namespace zw
