#include "authority/lookup.h"

#include "authority/testing.h"

using namespace zw;

namespace {

// The zone of RFC 4592 §2.2.1, and more.
constexpr std::string_view kZone = R"($ORIGIN example.
$TTL 3600
@ SOA ns1 host 1 2 3 4 5
@ NS ns1
@ NS ns2.example.com.
ns1 A 192.0.2.53
*.example. TXT "this is a wildcard"
*.example. MX 10 host1
sub.*.example. TXT "this is not a wildcard"
host1 A 192.0.2.1
_ssh._tcp.host1 SRV 1 1 22 host1
_ssh._tcp.host2 SRV 1 1 22 host1
subdel NS ns.example.com.
subdel NS ns.subdel
subdel DS 1 13 2 00
ns.subdel A 192.0.2.2
deeper.subdel NS ns.subdel
alias CNAME host1
gone DNAME elsewhere.test.
gone A 192.0.2.9
below.gone A 192.0.2.10
*.only.names.wild TXT x
cut.a.b NS ns1
)";

struct Looker {
  ZonePtr zone = zone_of(kZone);
  Lookup operator()(std::string_view name, RrType type) const {
    Name relative = *zone->relative(name_of(name));
    Lookup found = look_up(zone->names(), relative, type);
    if (found.node) node = print(zone->owner(*found.node));
    encloser = print(zone->owner(found.closest_encloser));
    next_closer = print(zone->owner(found.next_closer));
    return found;
  }
  mutable std::string node, encloser, next_closer;
};

}  // namespace

TEST_CASE("a name is found with its type, without it, or with an alias instead") {
  Looker look;
  CHECK(look("HOST1.example.", RrType::A).outcome == Outcome::answer);
  CHECK(look.node == "host1.example.");
  CHECK(look("host1.example.", RrType::AAAA).outcome == Outcome::nodata);
  CHECK(look("alias.example.", RrType::A).outcome == Outcome::cname);
  CHECK(look("alias.example.", RrType::CNAME).outcome == Outcome::answer);
  CHECK(look("alias.example.", RrType::ANY).outcome == Outcome::answer);
  CHECK(look("example.", RrType::NS).outcome == Outcome::answer);
  CHECK(look("example.", RrType::DS).outcome == Outcome::nodata);
  CHECK(look("host1.example.", RrType::RRSIG).outcome == Outcome::nodata);
  CHECK(look("alias.example.", RrType::RRSIG).outcome == Outcome::cname);
}

TEST_CASE("wildcards stand in as the examples of RFC 4592 §2.2.1 say") {
  Looker look;
  auto found = look("host3.example.", RrType::MX);
  CHECK(found.outcome == Outcome::answer);
  CHECK(found.by_wildcard);
  CHECK(look.node == "*.example.");
  CHECK(look.encloser == "example.");
  CHECK(look.next_closer == "host3.example.");
  found = look("host3.example.", RrType::A);
  CHECK(found.outcome == Outcome::nodata);
  CHECK(found.by_wildcard);
  found = look("foo.bar.example.", RrType::TXT);
  CHECK(found.outcome == Outcome::answer);
  CHECK(look.next_closer == "bar.example.");

  CHECK_FALSE(look("host1.example.", RrType::MX).by_wildcard);
  found = look("sub.*.example.", RrType::MX);
  CHECK(found.outcome == Outcome::nodata);
  CHECK_FALSE(found.by_wildcard);
  found = look("_telnet._tcp.host1.example.", RrType::SRV);
  CHECK(found.outcome == Outcome::nxdomain);
  CHECK(look.encloser == "_tcp.host1.example.");
  CHECK(look.next_closer == "_telnet._tcp.host1.example.");
  CHECK(look("host.subdel.example.", RrType::A).outcome == Outcome::referral);
  found = look("ghost.*.example.", RrType::MX);
  CHECK(found.outcome == Outcome::nxdomain);
  CHECK(look.encloser == "*.example.");
}

TEST_CASE("an empty non-terminal is there and has nothing") {
  Looker look;
  for (const char* name : {"host2.example.", "_tcp.host2.example.", "names.wild.example.", "b.example.",
                           "a.b.example.", "wild.example."}) {
    auto found = look(name, RrType::ANY);
    CHECK(found.outcome == Outcome::nodata);
    CHECK_FALSE(found.node);
    CHECK_FALSE(found.by_wildcard);
    CHECK((*found.place).page() == 0);
  }
}

TEST_CASE("a wildcard that is an empty non-terminal proves that there is no data") {
  Looker look;
  look.zone = zone_of("$ORIGIN example.\n$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a\nx.*.w TXT 1\n");
  auto found = look("q.w.example.", RrType::TXT);
  CHECK(found.outcome == Outcome::nodata);
  CHECK(found.by_wildcard);
  CHECK_FALSE(found.node);
  CHECK(found.wildcard_place);
}

TEST_CASE("the topmost cut hides all below it, and answers only for DS") {
  Looker look;
  for (const char* name : {"subdel.example.", "ns.subdel.example.", "deeper.subdel.example.",
                           "x.deeper.subdel.example.", "none.subdel.example."}) {
    CHECK(look(name, RrType::A).outcome == Outcome::referral);
    CHECK(look.node == "subdel.example.");
  }
  CHECK(look("subdel.example.", RrType::NS).outcome == Outcome::referral);
  CHECK(look("subdel.example.", RrType::DS).outcome == Outcome::answer);
  CHECK(look("deeper.subdel.example.", RrType::DS).outcome == Outcome::referral);
  CHECK(look("cut.a.b.example.", RrType::DS).outcome == Outcome::nodata);
  CHECK(look("x.cut.a.b.example.", RrType::DS).outcome == Outcome::referral);
}

TEST_CASE("a DNAME hides what is below it, but not its own name") {
  Looker look;
  CHECK(look("below.gone.example.", RrType::A).outcome == Outcome::dname);
  CHECK(look("a.b.gone.example.", RrType::DS).outcome == Outcome::dname);
  CHECK(look.node == "gone.example.");
  CHECK(look("gone.example.", RrType::A).outcome == Outcome::answer);
  CHECK(look("gone.example.", RrType::DNAME).outcome == Outcome::answer);
  CHECK(look("gone.example.", RrType::TXT).outcome == Outcome::nodata);
  look.zone = zone_of("$ORIGIN example.\n$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a.test.\n@ DNAME test.\n");
  CHECK(look("x.example.", RrType::A).outcome == Outcome::dname);
  CHECK(look("example.", RrType::SOA).outcome == Outcome::answer);
}

TEST_CASE("the cut above a name without a denial record is found") {
  Looker look;
  auto cut = [&](std::string_view name) {
    auto node = find_cut(look.zone->names(), *look.zone->relative(name_of(name)));
    return node ? print(look.zone->owner(*node)) : "";
  };
  CHECK(cut("ns.subdel.example.") == "subdel.example.");
  CHECK(cut("subdel.example.") == "subdel.example.");
  CHECK(cut("below.gone.example.") == "gone.example.");
  CHECK(cut("gone.example.") == "");
  CHECK(cut("host1.example.") == "");
  CHECK(cut("example.") == "");
}
