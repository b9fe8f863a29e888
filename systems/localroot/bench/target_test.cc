#include "localroot/bench/target.h"

#include <doctest/doctest.h>

#include <set>

#include "os/files.h"
#include "os/temporary_folder.h"

namespace zw::localroot {

TEST_CASE("a range gives each of its addresses once, then begins again") {
  auto range = AddressRange::parse("127.1.0.0/29");
  REQUIRE(range.has_value());
  CHECK(range->size() == 6);
  std::set<IpAddress> seen;
  for (std::uint64_t i = 0; i < range->size(); ++i) seen.insert(range->at(i));
  CHECK(seen.size() == 6);
  CHECK(range->at(0).print() == "127.1.0.1");
  CHECK(range->at(5).print() == "127.1.0.6");
  CHECK(range->at(6) == range->at(0));
  CHECK(AddressRange::parse("127.1.0.0/16")->at(65533).print() == "127.1.255.254");
}

TEST_CASE("one address is a range, of IPv6 too") {
  CHECK(AddressRange::parse("127.0.0.9")->at(5).print() == "127.0.0.9");
  CHECK(AddressRange::parse("::1")->at(5).print() == "::1");
  CHECK(AddressRange::parse("::1")->size() == 1);
}

TEST_CASE("a range is bounded") {
  CHECK(AddressRange::parse("127.0.0.0/8").has_value());
  CHECK(AddressRange::parse("0.0.0.0/0").error().kind == ErrorKind::limit);
  CHECK(AddressRange::parse("2001:db8::/32").error().kind == ErrorKind::limit);
  CHECK(AddressRange::parse("127.1/16").error().kind == ErrorKind::malformed);
}

TEST_CASE("nothing but loopback is loaded unless somebody says so") {
  auto at = [](const char* text) { return *Address::parse(text, 53); };
  std::optional<AddressRange> here = *AddressRange::parse("127.1.0.0/16"),
                              elsewhere = *AddressRange::parse("198.18.0.0/16");
  CHECK(check_target(at("127.0.0.1"), here, false).has_value());
  CHECK(check_target(at("::1"), std::nullopt, false).has_value());
  CHECK(check_target(at("192.0.2.1"), std::nullopt, false).error().kind == ErrorKind::refused);
  CHECK(check_target(at("127.0.0.1"), elsewhere, false).error().kind == ErrorKind::refused);
  CHECK(check_target(at("192.0.2.1"), elsewhere, true).has_value());
  CHECK(check_target(at("::1"), here, true).error().kind == ErrorKind::malformed);
  CHECK(check_target(at("127.0.0.1@0"), here, true).error().kind == ErrorKind::malformed);
}

TEST_CASE("a key is read from a file, and no error shows its secret") {
  TemporaryFolder folder;
  std::string file = folder / "secret", text = "bG9hZCBpcyBub3QgYSBzZWNyZXQ=";
  REQUIRE(write_file_atomically(file, as_bytes(text + "\n")).has_value());
  auto key = read_key("load.test:hmac-sha256:" + file);
  REQUIRE(key.has_value());
  CHECK(print(key->name()) == "load.test.");
  CHECK(key->algorithm() == TsigAlgorithm::hmac_sha256);
  CHECK(read_key("load.test").error().kind == ErrorKind::malformed);
  CHECK(read_key("load.test:hmac-rot13:" + file).error().kind == ErrorKind::unsupported);
  auto swapped = read_key(text + ":hmac-sha256");
  REQUIRE(!swapped.has_value());
  CHECK(swapped.error().what.find(text) == std::string::npos);
}

}  // namespace zw::localroot
