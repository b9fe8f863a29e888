#include "authority/zone_answer.h"

#include <algorithm>

#include "authority/testing.h"

using namespace zw;

namespace {

constexpr std::string_view kZone = R"($ORIGIN example.
$TTL 3600
@ 7200 SOA ns1 host 1 2 3 4 600
@ NS ns1
@ NS ns.other.test.
ns1 A 192.0.2.53
www 300 A 192.0.2.1
www 300 A 192.0.2.2
www AAAA 2001:db8::1
www TXT "three types"
alias CNAME www
alias2 CNAME ALIAS
out CNAME www.test.
lost CNAME nowhere
self CNAME self
ring1 CNAME ring2
ring2 CNAME ring1
into CNAME host.child
*.wild MX 5 www
*.wcname CNAME www
deep.a.b TXT x
child NS ns.child
child NS ns1.child
child NS ns1
child NS ns.other.test.
child NS ns.sibling
ns.child A 192.0.2.11
ns1.child A 192.0.2.12
ns1.child AAAA 2001:db8::12
sibling NS ns.sibling
ns.sibling A 192.0.2.21
old DNAME www
tree DNAME branch
x.branch A 192.0.2.31
far 60 DNAME far.test.
)";

constexpr std::string_view kSoa = "example. 600 SOA ns1.example. host.example. 1 2 3 4 600\n";

}  // namespace

TEST_CASE("an answer is the RRset alone, with authority") {
  Asker ask(kZone);
  Said said = ask("www.example.", RrType::A);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.authoritative);
  CHECK(said.answer == "www.example. 300 A 192.0.2.1\nwww.example. 300 A 192.0.2.2\n");
  CHECK(said.authority == "");
  CHECK(said.additional == "");
}

TEST_CASE("owners have the letters of the question") {
  Asker ask(kZone);
  CHECK(ask("wWw.EXample.", RrType::TXT).answer == "wWw.EXample. 3600 TXT \"three types\"\n");
  CHECK(ask("x.EXAMPLE.", RrType::A).authority.starts_with("EXAMPLE. 600 SOA ns1.example."));
  CHECK(ask("x.Child.EXAMPLE.", RrType::A).authority.starts_with("Child.EXAMPLE. 3600 NS"));
}

TEST_CASE("negative answers carry the SOA with the lower of its TTL and its MINIMUM (RFC 2308)") {
  Asker ask(kZone);
  Said said = ask("www.example.", RrType::MX);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.authoritative);
  CHECK(said.answer == "");
  CHECK(said.authority == kSoa);
  said = ask("nowhere.example.", RrType::A);
  CHECK(said.rcode == Rcode::NXDOMAIN);
  CHECK(said.authority == kSoa);
  said = ask("a.b.example.", RrType::A);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.authority == kSoa);
  CHECK(ask("example.", RrType::SOA).answer == "example. 7200 SOA ns1.example. host.example. 1 2 3 4 600\n");
}

TEST_CASE("the servers of the zone come with the addresses that the zone has") {
  Asker ask(kZone);
  Said said = ask("example.", RrType::NS);
  CHECK(said.answer == "example. 3600 NS ns.other.test.\nexample. 3600 NS ns1.example.\n");
  CHECK(said.additional == "ns1.example. 3600 A 192.0.2.53\n");
}

TEST_CASE("a referral has the servers below the cut first, then the others that are known") {
  Asker ask(kZone);
  for (const char* name : {"child.example.", "x.y.child.example.", "ns.child.example."}) {
    Said said = ask(name, RrType::A);
    CHECK(said.rcode == Rcode::NOERROR);
    CHECK_FALSE(said.authoritative);
    CHECK(said.answer == "");
    CHECK(said.authority ==
          "child.example. 3600 NS ns.child.example.\nchild.example. 3600 NS ns.other.test.\n"
          "child.example. 3600 NS ns.sibling.example.\nchild.example. 3600 NS ns1.child.example.\n"
          "child.example. 3600 NS ns1.example.\n");
    CHECK(said.additional ==
          "ns.child.example. 3600 A 192.0.2.11\nns1.child.example. 3600 A 192.0.2.12\n"
          "ns1.child.example. 3600 AAAA 2001:db8::12\nns.sibling.example. 3600 A 192.0.2.21\n"
          "ns1.example. 3600 A 192.0.2.53\n");
  }
  Said said = ask("child.example.", RrType::DS);
  CHECK(said.authoritative);
  CHECK(said.authority == kSoa);
}

TEST_CASE(
    "a referral that is too long loses other addresses silently, but not those below the cut (RFC 9471)") {
  Asker ask(kZone);
  std::size_t whole = ask("child.example.", RrType::A).octets;
  std::size_t without_two = whole - 2 * 16;  // A records with compressed owners
  Said said = ask("child.example.", RrType::A, false, without_two);
  CHECK(said.fill == Fill::whole);
  CHECK(said.octets == without_two);
  CHECK(said.additional.ends_with("ns1.child.example. 3600 AAAA 2001:db8::12\n"));
  said = ask("child.example.", RrType::A, false, without_two - 1);
  CHECK(said.fill == Fill::short_of_glue);
  CHECK(said.authority != "");
  std::size_t no_glue = without_two - 2 * 16 - 28;
  CHECK(ask("child.example.", RrType::A, false, no_glue).fill == Fill::short_of_glue);
  said = ask("child.example.", RrType::A, false, no_glue - 1);
  CHECK(said.fill == Fill::too_long);
  CHECK(said.authority + said.additional == "");
}

TEST_CASE("an answer that does not fit is not there at all") {
  Asker ask(kZone);
  std::size_t whole = ask("alias2.example.", RrType::A).octets;
  CHECK(ask("alias2.example.", RrType::A, false, whole).fill == Fill::whole);
  Said said = ask("alias2.example.", RrType::A, false, whole - 1);
  CHECK(said.fill == Fill::too_long);
  CHECK(said.answer == "");
}

TEST_CASE("aliases are followed inside the zone, and the last name gives the RCODE (RFC 6604)") {
  Asker ask(kZone);
  Said said = ask("alias2.example.", RrType::AAAA);
  CHECK(said.authoritative);
  CHECK(said.answer ==
        "alias2.example. 3600 CNAME ALIAS.example.\nALIAS.example. 3600 CNAME www.example.\n"
        "www.example. 3600 AAAA 2001:db8::1\n");
  said = ask("alias2.example.", RrType::MX);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.authority == kSoa);
  said = ask("lost.example.", RrType::A);
  CHECK(said.rcode == Rcode::NXDOMAIN);
  CHECK(said.answer == "lost.example. 3600 CNAME nowhere.example.\n");
  CHECK(said.authority == kSoa);
  said = ask("out.example.", RrType::A);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.answer == "out.example. 3600 CNAME www.test.\n");
  CHECK(said.authority == "");
  said = ask("into.example.", RrType::A);
  CHECK(said.authoritative);
  CHECK(said.answer == "into.example. 3600 CNAME host.child.example.\n");
  CHECK(said.authority.starts_with("child.example. 3600 NS"));
  CHECK(ask("alias.example.", RrType::CNAME).answer == "alias.example. 3600 CNAME www.example.\n");
}

TEST_CASE("a ring of aliases is gone round once") {
  Asker ask(kZone);
  CHECK(ask("self.example.", RrType::A).answer == "self.example. 3600 CNAME self.example.\n");
  CHECK(ask("ring1.example.", RrType::A).answer ==
        "ring1.example. 3600 CNAME ring2.example.\nring2.example. 3600 CNAME ring1.example.\n");
}

TEST_CASE("a chain is followed for sixteen links") {
  std::string text = "$ORIGIN example.\n$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a.test.\n";
  for (int i = 0; i < 40; ++i) text += "n" + std::to_string(i) + " CNAME n" + std::to_string(i + 1) + "\n";
  Asker ask(text);
  Said said = ask("n0.example.", RrType::A);
  CHECK(said.fill == Fill::whole);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(std::count(said.answer.begin(), said.answer.end(), '\n') == ZoneAnswer::kMostLinks + 1);
}

TEST_CASE("a wildcard answers with the name that was asked for") {
  Asker ask(kZone);
  CHECK(ask("a.b.wild.example.", RrType::MX).answer == "a.b.wild.example. 3600 MX 5 www.example.\n");
  CHECK(ask("q.wcname.example.", RrType::TXT).answer ==
        "q.wcname.example. 3600 CNAME www.example.\nwww.example. 3600 TXT \"three types\"\n");
  Said said = ask("a.wild.example.", RrType::A);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.authority == kSoa);
}

TEST_CASE("a DNAME comes with the CNAME that it makes, of the same TTL (RFC 6672 §3.1)") {
  Asker ask(kZone);
  Said said = ask("X.tree.example.", RrType::A);
  CHECK(said.answer ==
        "tree.example. 3600 DNAME branch.example.\nX.tree.example. 3600 CNAME X.branch.example.\n"
        "X.branch.example. 3600 A 192.0.2.31\n");
  said = ask("y.z.tree.example.", RrType::A);
  CHECK(said.rcode == Rcode::NXDOMAIN);
  CHECK(said.authority == kSoa);
  said = ask("a.far.example.", RrType::A);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(said.answer == "far.example. 60 DNAME far.test.\na.far.example. 60 CNAME a.far.test.\n");
  CHECK(ask("tree.example.", RrType::A).authority == kSoa);
}

TEST_CASE("a name that gets too long by a DNAME is told with YXDOMAIN") {
  std::string label(60, 'x');
  std::string text = "$ORIGIN example.\n$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a.test.\nd DNAME " + label + "." +
                     label + "." + label + ".test.\n";
  Asker ask(text);
  Said said = ask(label + ".d.example.", RrType::A);
  CHECK(said.rcode == Rcode::NOERROR);
  said = ask(label + ".y.yyyyyyy.d.example.", RrType::A);
  CHECK(said.rcode == Rcode::YXDOMAIN);
  CHECK(said.authoritative);
  CHECK(said.answer.starts_with("d.example. 1 DNAME"));
  CHECK(said.answer.find("CNAME") == std::string::npos);
}

TEST_CASE("ANY is answered with one RRset (RFC 8482)") {
  Asker ask(kZone);
  CHECK(ask("www.example.", RrType::ANY).answer ==
        "www.example. 300 A 192.0.2.1\nwww.example. 300 A 192.0.2.2\n");
  CHECK(ask("alias.example.", RrType::ANY).answer == "alias.example. 3600 CNAME www.example.\n");
  CHECK(ask("a.b.example.", RrType::ANY).authority == kSoa);
  CHECK(ask("n.example.", RrType::ANY).rcode == Rcode::NXDOMAIN);
}

TEST_CASE("the root zone answers for the root and refers for all else") {
  Asker ask(
      "$ORIGIN .\n$TTL 9\n@ SOA a. b. 1 2 3 4 5\n@ NS a.servers.net.\nnet NS a.servers.net.\na.servers.net A "
      "192.0.2.1\n");
  CHECK(ask(".", RrType::NS).answer == ". 9 NS a.servers.net.\n");
  CHECK(ask(".", RrType::NS).additional == "a.servers.net. 9 A 192.0.2.1\n");
  CHECK(ask(".", RrType::A).authority == ". 5 SOA a. b. 1 2 3 4 5\n");
  CHECK(ask("x.Net.", RrType::A).authority == "Net. 9 NS a.servers.net.\n");
  CHECK(ask("x.Net.", RrType::A).additional == "a.servers.net. 9 A 192.0.2.1\n");
  CHECK(ask("com.", RrType::A).rcode == Rcode::NXDOMAIN);
}

TEST_CASE("a referral from an unsigned zone has no DS, but the DS is there to be asked for") {
  Asker ask("$ORIGIN example.\n$TTL 9\n@ SOA a b 1 2 3 4 5\n@ NS a.test.\nd NS a.test.\nd DS 1 13 2 00\n");
  CHECK(ask("x.d.example.", RrType::A, true).authority == "d.example. 9 NS a.test.\n");
  CHECK(ask("d.example.", RrType::DS, true).answer == "d.example. 9 DS 1 13 2 00\n");
}
