#include "zone/check.h"

#include <fmt/format.h>

#include "dns/rdata.h"
#include "zone/cuts.h"
#include "zone/rules.h"
#include "zone/target_lookup.h"

namespace zw {
namespace {

bool is_signing(RrType type) { return type == RrType::RRSIG || type == RrType::NSEC; }

// The rule against a type anywhere but at the apex; nothing for other types.
std::string_view apex_only(RrType type, NameView owner) {
  // RFC 9615 §2: CDS and CDNSKEY of other zones are shown at names that begin with _dsboot.
  bool signal = as_text(owner.first_label()) == "_dsboot";
  switch (type) {
    case RrType::SOA: return "soa-below-apex";
    case RrType::DNSKEY: return "dnskey-below-apex";
    case RrType::NSEC3PARAM: return "nsec3param-below-apex";
    case RrType::ZONEMD: return "zonemd-below-apex";
    case RrType::CSYNC: return "csync-below-apex";
    case RrType::CDS: return signal ? "" : "cds-below-apex";
    case RrType::CDNSKEY: return signal ? "" : "cdnskey-below-apex";
    default: return "";
  }
}

// The name in an NS, MX or SRV.
NameView target_of(RrType type, Bytes rdata) {
  std::size_t before = type == RrType::MX ? 2 : type == RrType::SRV ? 6 : 0;
  return *NameView::read(rdata.subspan(before));
}

class ZoneCheck {
 public:
  ZoneCheck(const Zone& zone, Findings& findings) : zone_(zone), findings_(findings) {}

  void run() {
    apex();
    ZoneCuts cuts(zone_, zone_.names().begin());
    for (auto at = zone_.names().begin(); !at.is_end(); at.next()) {
      node_ = *at;
      switch (cuts.classify(node_)) {
        case NodeKind::authoritative: authoritative(); break;
        case NodeKind::delegation: delegation(); break;
        case NodeKind::occluded: occluded(); break;
      }
    }
  }

 private:
  bool is_apex() const { return node_.relative().is_root(); }
  template <typename Visit>
  void each_set(Visit&& visit) const {
    for (std::size_t i = 0; i < node_.rrset_count(); ++i) visit(node_.rrset(i));
  }

  // About `node_`. `detail` says more than the sentence of the rule.
  void report(std::string_view name, RrType type, std::string_view detail = {}) {
    const Rule& rule = zone_rule(name);
    std::string what = detail.empty() ? fmt::format("{} ({})", rule.what, rule.rfc)
                                      : fmt::format("{}: {} ({})", detail, rule.what, rule.rfc);
    findings_.add({rule.name, rule.severity, zone_.owner(node_), type, std::move(what)});
  }

  void apex() {
    node_ = zone_.apex();
    if (!node_.has(RrType::NS)) report("ns-missing-at-apex", RrType::NS);
    if (node_.has(RrType::DS)) report("ds-at-apex", RrType::DS);
    Zone::SoaTimes times = zone_.soa_times();
    if (times.retry >= times.refresh)
      report("soa-retry-too-long", RrType::SOA,
             fmt::format("RETRY {}, REFRESH {}", times.retry, times.refresh));
    if (times.expire <= std::uint64_t{times.refresh} + times.retry)
      report("soa-expire-too-short", RrType::SOA,
             fmt::format("EXPIRE {}, REFRESH {}, RETRY {}", times.expire, times.refresh, times.retry));
  }

  void authoritative() {
    hides_ = "data-below-dname";
    aliases();
    apex_types();
    if (!is_apex() && node_.has(RrType::DS)) report("ds-without-ns", RrType::DS);
    if (is_apex() || as_text(node_.relative().first_label()) == "_dsboot") deletes();
    each_set([&](const RrSetView& set) {
      if (set.type() == RrType::NS || set.type() == RrType::MX || set.type() == RrType::SRV) targets(set);
      address_owner(set.type());
    });
  }

  void delegation() {
    hides_ = "occluded-data";
    aliases();
    apex_types();
    if (node_.relative().is_wildcard()) report("wildcard-ns", RrType::NS);
    bool alias = node_.has(RrType::CNAME);  // then all else has been told
    each_set([&](const RrSetView& set) {
      RrType type = set.type();
      if (type == RrType::NS) targets(set);
      address_owner(type);
      bool belongs = type == RrType::NS || type == RrType::DS || type == RrType::A || type == RrType::AAAA ||
                     is_signing(type) || !apex_only(type, node_.relative()).empty();
      if (!belongs && !alias) report("occluded-data", type);
    });
  }

  // Signatures and NSEC where none may be are the business of verifying.
  void occluded() {
    bool below_cut = hides_ == "occluded-data";
    each_set([&](const RrSetView& set) {
      bool address = set.type() == RrType::A || set.type() == RrType::AAAA;
      if (below_cut && address) address_owner(set.type());
      if (!(below_cut && address) && !is_signing(set.type())) report(hides_, set.type());
    });
  }

  void aliases() {
    auto cname = node_.find(RrType::CNAME), dname = node_.find(RrType::DNAME);
    if (dname && dname->size() > 1) report("several-dnames", RrType::DNAME);
    if (dname && node_.relative().is_wildcard()) report("wildcard-dname", RrType::DNAME);
    if (!cname) return;
    if (cname->size() > 1) report("several-cnames", RrType::CNAME);
    if (dname) report("cname-and-dname", RrType::CNAME);
    std::string others;
    each_set([&](const RrSetView& set) {
      RrType type = set.type();
      bool may = type == RrType::CNAME || type == RrType::DNAME || is_signing(type) || type == RrType::KEY ||
                 type == RrType::SIG || type == RrType::NXT;
      if (may) return;
      others += others.empty() ? "beside " : ", ";
      append_print(others, type);
    });
    if (!others.empty()) report("cname-and-other-data", RrType::CNAME, others);
  }

  void apex_types() {
    if (is_apex()) return;
    each_set([&](const RrSetView& set) {
      if (auto rule = apex_only(set.type(), node_.relative()); !rule.empty()) report(rule, set.type());
    });
  }

  void address_owner(RrType type) {
    if (type != RrType::A && type != RrType::AAAA) return;
    NameView name = node_.relative();
    if (name.is_wildcard()) name = name.parent();
    if (!name.is_root() && !is_hostname(name)) report("address-owner-no-hostname", type);
  }

  void targets(const RrSetView& set) {
    for (Bytes rdata : set.rdatas()) {
      NameView target = target_of(set.type(), rdata);
      target_syntax(set.type(), target);
      if (auto relative = zone_.relative(target)) target_in_zone(set.type(), target, *relative);
    }
  }

  void target_syntax(RrType type, NameView target) {
    if (type == RrType::SRV) return;
    if (looks_like_address(target))
      report("target-looks-like-address", type, print(target));
    else if (type == RrType::NS && !is_hostname(target))
      report("ns-target-no-hostname", type, print(target));
  }

  void target_in_zone(RrType type, NameView target, NameView relative) {
    Target found = look_up_target(zone_, relative);
    if (found.is_alias) {
      report(type == RrType::NS   ? "ns-target-is-alias"
             : type == RrType::MX ? "mx-target-is-alias"
                                  : "srv-target-is-alias",
             type, print(target));
    } else if (type == RrType::NS && !found.has_address) {
      // Below its own cut the address must come with the referral. The parent gives the glue of the apex's
      // servers too, but those that stand in a zone below here are for that zone to tell.
      bool needed = relative.is_at_or_below(node_.relative()) && !(is_apex() && found.is_below_cut);
      report(needed ? "missing-glue" : "ns-target-without-address", type, print(target));
    }
  }

  // RFC 8078 §4 (with erratum 5049): the only forms of the request to remove the DS.
  void deletes() {
    static constexpr std::uint8_t kCds[] = {0, 0, 0, 0, 0}, kCdnskey[] = {0, 0, 3, 0, 0};
    bool cds = deletes_in(RrType::CDS, 2, kCds), cdnskey = deletes_in(RrType::CDNSKEY, 3, kCdnskey);
    bool both = node_.has(RrType::CDS) && node_.has(RrType::CDNSKEY);
    if (both && cds != cdnskey)
      report("cds-delete-not-alone", cds ? RrType::CDS : RrType::CDNSKEY,
             cds ? "CDS asks for removal, CDNSKEY does not" : "CDNSKEY asks for removal, CDS does not");
  }

  // Whether the set asks for removal. `at`: where its algorithm stands.
  bool deletes_in(RrType type, std::size_t at, Bytes form) {
    auto set = node_.find(type);
    bool found = false;
    if (!set) return found;
    for (Bytes rdata : set->rdatas()) {
      if (rdata[at] != 0) continue;
      found = true;
      if (!same_bytes(rdata, form)) report("cds-delete-malformed", type, print_rdata(type, rdata));
    }
    if (found && set->size() > 1) report("cds-delete-not-alone", type);
    return found;
  }

  const Zone& zone_;
  Findings& findings_;
  ZoneNode node_{nullptr, 0};
  std::string_view hides_;  // the rule that names below the last cut break
};

}  // namespace

void check_zone(const Zone& zone, Findings& findings) { ZoneCheck(zone, findings).run(); }

}  // namespace zw
