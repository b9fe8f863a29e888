#include "crypto/der_signature.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

using namespace zw;

namespace {

std::string raw_of(std::string_view hex) {
  Buffer der;
  REQUIRE(decode_base16(hex, der));
  auto raw = raw_signature(der, 2);
  return raw ? base16(*raw) : "none";
}

}  // namespace

TEST_CASE("numbers of a DER signature are padded to the field and lose the octet of their sign") {
  CHECK(raw_of("30080202010202020304") == "01020304");
  CHECK(raw_of("300602010102017F") == "0001007F");
  CHECK(raw_of("3009020300FFFE02020304") == "FFFE0304");
}

TEST_CASE("a signature that is not in DER is none") {
  for (const char* hex : {
           "",
           "30",
           "3000",
           "3003020101",             // nothing, or one number
           "3006020101020101 00",    // an octet behind it
           "31060201010201 01",      // no sequence
           "3006030101020101",       // no integer
           "3006020181020101",       // negative
           "3006020100020101",       // zero
           "300702020001020101",     // not in its shortest form
           "3008020301020302 0101",  // longer than the field
           "308106020101020101",     // a long length for a short one
           "3007020101020101 00",    // an octet behind the numbers
           "300602810101020101",
       }) {
    std::string text;
    for (const char* c = hex; *c; ++c)
      if (*c != ' ') text += *c;
    CHECK_MESSAGE(raw_of(text) == "none", hex);
  }
}
