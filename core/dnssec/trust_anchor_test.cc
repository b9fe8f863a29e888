#include "dnssec/trust_anchor.h"

#include <doctest/doctest.h>

#include "dns/rdata.h"

using namespace zw;

namespace {

// "owner type rdata" of each anchor, or the error.
std::string read(std::string_view text) {
  auto anchors = parse_trust_anchors(text, "root.key");
  if (!anchors) return anchors.error().what;
  std::string out;
  for (const TrustAnchor& anchor : *anchors)
    out +=
        print(anchor.owner) + " " + print(anchor.type) + " " + print_rdata(anchor.type, anchor.rdata) + "\n";
  return out;
}

constexpr std::string_view kKey = ". DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n";
constexpr std::string_view kDs =
    ". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";

}  // namespace

TEST_CASE("anchors are read as records, with or without TTL, class, comments and parentheses") {
  CHECK(read(". IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= ; keytag 3613\n"
             "\n; a comment\n"
             ".\t86400\tIN\tDS ( 20326 8 2\n E06D44B80B8F1D39A95C0B0D7C65D084\n "
             "58E880409BBC683457104237C7F8EC8D )") == std::string(kKey) + std::string(kDs));
  CHECK(read("example. DS 1 13 2 00\n") == "example. DS 1 13 2 00\n");
}

TEST_CASE("of the keys that are followed by RFC 5011, those that are pending or revoked are not believed") {
  std::string file =
      "; autotrust trust anchor file\n;;id: . 1\n;;last_queried: 1700000000 ;;Tue Nov 14 22:13:20 2023\n";
  auto line = [](const char* state) {
    return ".\t172800\tIN\tDNSKEY\t257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= ;{id = 3613 (ksk), "
           "size = "
           "256b} ;;state=" +
           std::string(state) + " ;;count=0 ;;lastchange=1700000000 ;;Tue Nov 14 22:13:20 2023\n";
  };
  CHECK(read(file + line("2 [  VALID  ]")) == kKey);
  CHECK(read(file + line("3 [ MISSING ]")) == kKey);
  for (const char* state : {"0 [  START  ]", "1 [ ADDPEND ]", "4 [ REVOKED ]", "5 [ REMOVED ]"})
    CHECK(read(file + line(state)) == "root.key: there is no trust anchor in it");
}

TEST_CASE("the statements of BIND are read, with their comments") {
  CHECK(read("# one\n// two\n/* three\n lines */\ntrust-anchors {\n\t# here too\n"
             "\t. initial-key 257 3 15 \"l02Woi0iS8Aa25FQkUd9RMzZ\n\t\tHJpBoRQwAQEX1SxZJA4=\";\n"
             "\t\".\" static-ds 20326 8 2 \"E06D44B80B8F1D39A95C0B0D7C65D084\n "
             "58E880409BBC683457104237C7F8EC8D\";\n};") == std::string(kKey) + std::string(kDs));
  CHECK(read("managed-keys { . initial-key 257 3 15 \"l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\"; };"
             "trusted-keys { . 257 3 15 \"l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\"; };") ==
        std::string(kKey) + std::string(kKey));
}

TEST_CASE("what is no anchor is an error with its line") {
  CHECK(read("") == "root.key: there is no trust anchor in it");
  CHECK(read("; nothing\n") == "root.key: there is no trust anchor in it");
  CHECK(read("\n. IN A 192.0.2.1\n").starts_with("root.key:2:"));
  CHECK(read(". IN DNSKEY 256 3 15\n. IN DNSKEY 1 3 15 AAAA\n").starts_with("root.key:2:"));
  CHECK(read(". IN DS 20326 8 2 E0G\n").starts_with("root.key:1:"));
  CHECK(read("$INCLUDE /etc/passwd\n").starts_with("root.key:1:"));
  CHECK(read("trust-anchors {\n . initial-key 257 3 15 \"AA*A\"; };").starts_with("root.key:2:"));
  CHECK(read("trust-anchors {\n . initial-key 257 3 15 \"AAAA\"").starts_with("root.key:2:"));
  CHECK(read("trust-anchors {\n").starts_with("root.key:2:"));
  CHECK(read("trust-anchors { };\nzone \".\" { };").starts_with("root.key:2:"));
  CHECK(read("trust-anchors { . initial-key 257 3 15 \"AAAA\" } ;").starts_with("root.key:1:"));
}
