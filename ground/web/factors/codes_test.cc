#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "web/factors/api_token.h"
#include "web/factors/one_time_code.h"
#include "web/factors/recovery_codes.h"

using namespace zw;

TEST_CASE("each of ten recovery codes is found once") {
  Splitmix random(1);
  RecoveryCodes made = make_recovery_codes(random);
  std::vector<KeptHash> kept(made.hashes.begin(), made.hashes.end());
  CHECK(std::set<std::string>(made.codes.begin(), made.codes.end()).size() == kRecoveryCodes);
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    CHECK(made.codes[i].size() == 19);
    CHECK(find_recovery_code(made.codes[i], kept) == i);
  }
  kept.erase(kept.begin() + 3);
  CHECK_FALSE(find_recovery_code(made.codes[3], kept));
  CHECK(find_recovery_code(made.codes[4], kept) == 3);
}

TEST_CASE("a recovery code is forgiven its case, its hyphens, and letters that look like digits") {
  std::vector<KeptHash> kept = {KeptHash::of("recovery code", Buffer(10, 0))};  // all zeros
  for (const char* typed :
       {"0000-0000-0000-0000", "0000000000000000", "OOOO oooo 0000 0000", " 0-0-0-0 0000 0000 0000 "})
    CHECK_MESSAGE(find_recovery_code(typed, kept) == 0, typed);
  Buffer ones = {0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21};
  kept = {KeptHash::of("recovery code", ones)};
  CHECK(find_recovery_code("1111-iiii-LLLL-llII", kept) == 0);
}

TEST_CASE("what is no recovery code is found nowhere") {
  std::vector<KeptHash> kept = {KeptHash::of("recovery code", {})};  // what nothing typed would hash to
  for (const std::string& typed :
       {std::string(), std::string("-"), std::string("0000-0000-0000-000"),
        std::string("0000-0000-0000-0000-0"), std::string("uuuu-0000-0000-0000"),
        std::string("0000-0000-0000-00\0\0", 19), std::string(100'000, '0'), std::string(100'000, ' ')})
    CHECK_FALSE(find_recovery_code(typed, kept));
}

TEST_CASE("an API token is found by what was kept of it, in either case") {
  Splitmix random(1);
  ApiToken token = make_api_token(random);
  std::string text(as_text(token.text));
  CHECK(text.starts_with("zwt_"));
  CHECK(text.size() == 62);
  CHECK(parse_api_token(text) == token.hash);
  CHECK(make_api_token(random).hash != token.hash);
  std::transform(text.begin() + 4, text.end(), text.begin() + 4,
                 [](char c) { return static_cast<char>(std::toupper(c)); });
  CHECK(parse_api_token(text) == token.hash);
}

TEST_CASE("a slip in an API token is told without the store") {
  Splitmix random(2);
  const ApiToken token = make_api_token(random);
  const std::string text(as_text(token.text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string slip = text;
    slip[i] = slip[i] == 'a' ? 'b' : 'a';
    CHECK_FALSE(parse_api_token(slip));
  }
  for (const std::string& other :
       {std::string(), text + "0", text.substr(1), text.substr(0, 61), std::string(62, 'z')})
    CHECK_FALSE(parse_api_token(other));
}

TEST_CASE("scopes are a set of names, printed in their order") {
  auto scopes = Scopes::parse("zones:read accounts.own zones:read");
  REQUIRE(scopes);
  CHECK(scopes->print() == "accounts.own zones:read");
  CHECK(scopes->contains("zones:read"));
  CHECK_FALSE(scopes->contains("zones:write"));
  CHECK(Scopes::parse(scopes->print()).value() == *scopes);
  CHECK(Scopes::parse("").value().empty());
}

TEST_CASE("scopes cover what they hold and no more") {
  Scopes all = Scopes::parse("a b c").value(), some = Scopes::parse("c a").value(),
         other = Scopes::parse("a d").value();
  CHECK(all.covers(some));
  CHECK(all.covers(all));
  CHECK(some.covers({}));
  CHECK_FALSE(some.covers(all));
  CHECK_FALSE(all.covers(other));
}

TEST_CASE("what is no list of scopes is refused") {
  for (const char* text : {" a", "a  b", "a ", "A", "1a", ":a", "a,b", "a\tb", "\u00e9"})
    CHECK_MESSAGE(Scopes::parse(text).error().kind == ErrorKind::malformed, text);
  CHECK(Scopes::parse(std::string(65, 'a')).error().kind == ErrorKind::limit);
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i ? " a" : "a") + std::to_string(i);
  CHECK(Scopes::parse(many).error().kind == ErrorKind::limit);
}

TEST_CASE("a one-time code is good for what it was made for only") {
  Splitmix random(3);
  OneTimeCode code = make_one_time_code(random, "confirm address");
  std::string text(as_text(code.text));
  CHECK(text.size() == 32);
  CHECK(parse_one_time_code(text, "confirm address") == code.hash);
  CHECK(parse_one_time_code(text, "new password") != code.hash);
  CHECK_FALSE(parse_one_time_code(text + "0", "confirm address"));
  CHECK_FALSE(parse_one_time_code(text.substr(1), "confirm address"));
  CHECK_FALSE(parse_one_time_code(std::string(32, 'w'), "confirm address"));
}

TEST_CASE("a kept hash has 32 octets") {
  KeptHash hash = KeptHash::of("a", as_bytes("b"));
  CHECK(KeptHash::from(hash.octets()) == hash);
  CHECK(KeptHash::of("a", {}) != KeptHash::of("", as_bytes("a")));
  CHECK_FALSE(KeptHash::from(hash.octets().first(31)));
}
