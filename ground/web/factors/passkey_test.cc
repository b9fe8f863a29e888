#include "web/factors/passkey.h"

#include <doctest/doctest.h>

#include <functional>

#include "format/json.h"
#include "web/factors/test_authenticator.h"

using namespace zw;

namespace {

const PasskeyParty kParty{
    "portal.example", "Portal", {"https://portal.example", "https://portal.example:8443"}};
const PasskeyChallenge kChallenge = [] {
  Splitmix random(1);
  return make_passkey_challenge(random);
}();

Result<Passkey> created(const TestAuthenticator& authenticator,
                        UserVerification verification = UserVerification::required) {
  return check_passkey_creation(authenticator.create_answer(kChallenge), kParty, kChallenge, verification);
}

Result<PasskeyUse> used(const TestAuthenticator& authenticator, const Passkey& passkey,
                        UserVerification verification = UserVerification::required) {
  ZW_TRY(PasskeyAssertion assertion, parse_passkey_assertion(authenticator.get_answer(kChallenge)));
  return check_passkey_assertion(assertion, kParty, kChallenge, verification, passkey);
}

/// The words of the failure, or none.
template <typename T>
std::string words(const Result<T>& result) {
  return result ? "" : result.error().what;
}

struct Bend {
  const char* words;  // in the failure
  std::function<void(TestAuthenticator&)> bend;
};
const Bend kBends[] = {
    {"another party", [](auto& a) { a.party = "portal.example.org"; }},
    {"origin", [](auto& a) { a.origin = "https://portal.example.org"; }},
    {"origin", [](auto& a) { a.origin = "http://portal.example"; }},
    {"another origin", [](auto& a) { a.more_client_data = R"(,"crossOrigin":true)"; }},
    {"neither true nor false", [](auto& a) { a.more_client_data = R"(,"crossOrigin":"no")"; }},
    {"type", [](auto& a) { std::swap(a.create, a.get); }},
    {"touched", [](auto& a) { a.flags = 0x04; }},
    {"PIN", [](auto& a) { a.flags = 0x01; }},
    {"backed up", [](auto& a) { a.flags = 0x15; }},
    {"octets follow", [](auto& a) { a.extra = {0xa0}; }},
    {"extensions", [](auto& a) { a.flags |= 0x80; }},
    {"extensions", [](auto& a) { a.flags |= 0x80, a.extra = {0x80}; }},
    {"octets follow", [](auto& a) { a.flags |= 0x80, a.extra = {0xa0, 0x00}; }},
    {"twice", [](auto& a) { a.more_client_data = R"(,"type":"webauthn.get")"; }},
};

}  // namespace

TEST_CASE("a passkey of each algorithm is made and signs in") {
  for (std::int64_t algorithm : {kEs256, kEdDsa, kRs256})
    for (const char* format : {"none", "packed"}) {
      TestAuthenticator authenticator(algorithm);
      authenticator.format = format;
      auto passkey = created(authenticator);
      REQUIRE_MESSAGE(passkey, words(passkey));
      CHECK(passkey->id == authenticator.id);
      CHECK(passkey->sign_count == 1);
      CHECK(passkey->transports == std::vector<std::string>{"usb", "hybrid"});
      authenticator.count = 2;
      auto use = used(authenticator, *passkey);
      REQUIRE_MESSAGE(use, words(use));
      CHECK(use->sign_count == 2);
      CHECK(use->user_verified);
    }
}

TEST_CASE("extensions that an authenticator adds are passed over") {
  TestAuthenticator authenticator(kEs256);
  authenticator.flags |= 0x80;
  authenticator.extra = {0xa1, 0x61, 'x', 0xf5};
  auto passkey = created(authenticator);
  REQUIRE_MESSAGE(passkey, words(passkey));
  authenticator.count = 2;
  CHECK(used(authenticator, *passkey));
}

TEST_CASE("each bend of what the authenticator or the browser says is told, when a passkey is made") {
  for (const Bend& bend : kBends) {
    TestAuthenticator authenticator(kEs256);
    bend.bend(authenticator);
    std::string found = words(created(authenticator));
    CHECK_MESSAGE(found.find(bend.words) != found.npos, bend.words << ": " << found);
  }
}

TEST_CASE("each bend is told when a passkey signs in") {
  for (const Bend& bend : kBends) {
    TestAuthenticator authenticator(kEs256);
    Passkey passkey = created(authenticator).value();
    authenticator.count = 2;
    bend.bend(authenticator);
    std::string found = words(used(authenticator, passkey));
    CHECK_MESSAGE(found.find(bend.words) != found.npos, bend.words << ": " << found);
  }
}

TEST_CASE("an answer to another challenge is refused") {
  TestAuthenticator authenticator(kEs256);
  Passkey passkey = created(authenticator).value();
  PasskeyChallenge other = kChallenge;
  other[31] ^= 1;
  CHECK(words(check_passkey_creation(authenticator.create_answer(other), kParty, kChallenge,
                                     UserVerification::preferred))
            .find("challenge") != std::string::npos);
  auto assertion = parse_passkey_assertion(authenticator.get_answer(Bytes(kChallenge).first(31)));
  REQUIRE(assertion);
  CHECK(words(check_passkey_assertion(*assertion, kParty, kChallenge, UserVerification::preferred, passkey))
            .find("challenge") != std::string::npos);
}

TEST_CASE("beside a password, the authenticator need not have asked who it is") {
  TestAuthenticator authenticator(kEs256);
  authenticator.flags = 0x01;
  auto passkey = created(authenticator, UserVerification::preferred);
  REQUIRE(passkey);
  authenticator.count = 2;
  auto use = used(authenticator, *passkey, UserVerification::preferred);
  REQUIRE(use);
  CHECK_FALSE(use->user_verified);
}

TEST_CASE("a counter that does not rise is refused, unless there is none") {
  TestAuthenticator authenticator(kEdDsa);
  authenticator.count = 5;
  Passkey passkey = created(authenticator).value();
  for (std::uint32_t count : {5u, 4u, 0u}) {
    authenticator.count = count;
    CHECK(words(used(authenticator, passkey)).find("counter") != std::string::npos);
    CHECK(used(authenticator, passkey).error().kind == ErrorKind::conflict);
  }
  authenticator.count = 6;
  CHECK(used(authenticator, passkey));
  passkey.sign_count = 0;
  authenticator.count = 0;
  CHECK(used(authenticator, passkey));
}

TEST_CASE("what signed is another key, or signed something else, is refused") {
  for (std::int64_t algorithm : {kEs256, kEdDsa, kRs256}) {
    TestAuthenticator authenticator(algorithm), other(algorithm);
    Passkey passkey = created(authenticator).value();
    authenticator.count = other.count = 2;
    CHECK(words(used(other, passkey)).find("signature") != std::string::npos);
    auto assertion = parse_passkey_assertion(authenticator.get_answer(kChallenge)).value();
    auto judged = [&] {
      return check_passkey_assertion(assertion, kParty, kChallenge, UserVerification::required, passkey);
    };
    CHECK(judged());
    assertion.client_data.push_back(' ');
    CHECK(words(judged()).find("signature") != std::string::npos);
    assertion.client_data.pop_back();
    assertion.authenticator_data[36] ^= 2;  // the counter
    CHECK(words(judged()).find("signature") != std::string::npos);
    assertion.authenticator_data[36] ^= 2;
    assertion.signature.push_back(0);
    CHECK(words(judged()).find("signature") != std::string::npos);
    assertion.signature.clear();
    CHECK(words(judged()).find("signature") != std::string::npos);
  }
}

TEST_CASE("a passkey that can be backed up stays one that can") {
  TestAuthenticator authenticator(kEs256);
  authenticator.flags = 0x0d;
  Passkey passkey = created(authenticator).value();
  CHECK(passkey.backup_eligible);
  authenticator.count = 2;
  authenticator.flags = 0x1d;
  CHECK(used(authenticator, passkey)->backed_up);
  authenticator.flags = 0x05;
  CHECK(words(used(authenticator, passkey)).find("backed up") != std::string::npos);
}

TEST_CASE(
    "attestations that were not asked for are unsupported, and a self-attestation by another key is "
    "refused") {
  TestAuthenticator authenticator(kEs256);
  authenticator.format = "fido-u2f";
  CHECK(created(authenticator).error().kind == ErrorKind::unsupported);
  authenticator.format = "packed";
  Buffer object = authenticator.attestation("something else");
  std::string client = authenticator.client_data("webauthn.create", kChallenge);
  std::string bent = fmt::format(
      R"({{"rawId":"{}","type":"public-key","response":{{"clientDataJSON":"{}","attestationObject":"{}"}}}})",
      base64url(authenticator.id), base64url(as_bytes(client)), base64url(object));
  auto found = check_passkey_creation(bent, kParty, kChallenge, UserVerification::required);
  CHECK(words(found).find("attestation") != std::string::npos);
}

TEST_CASE("RSA keys below 2048 bits are unsupported") {
  CHECK(created(TestAuthenticator(kRs256, 1024)).error().kind == ErrorKind::unsupported);
}

TEST_CASE("an authenticator that knows the user says so") {
  TestAuthenticator authenticator(kEs256);
  auto known = parse_passkey_assertion(authenticator.get_answer(kChallenge, "user-1"));
  REQUIRE(known);
  CHECK(as_text(known->user.value()) == "user-1");
  CHECK_FALSE(parse_passkey_assertion(authenticator.get_answer(kChallenge))->user);
  CHECK_FALSE(parse_passkey_assertion(authenticator.get_answer(kChallenge, std::string(65, 'u'))));
}

TEST_CASE("an answer that is cut anywhere, or is no credential, is malformed") {
  TestAuthenticator authenticator(kEs256);
  std::string answer = authenticator.create_answer(kChallenge);
  for (std::size_t size = 0; size < answer.size(); size += 7)
    CHECK_FALSE(
        check_passkey_creation(answer.substr(0, size), kParty, kChallenge, UserVerification::required));
  for (const char* text :
       {"{}", "[]", "null", R"({"type":"public-key"})", R"({"type":"public-key","rawId":"","response":{}})",
        R"({"type":"public-key","rawId":"AA","response":[]})",
        R"({"type":"public-key","rawId":"AA==","response":{}})",
        R"({"type":"password","rawId":"AA","response":{}})"}) {
    CHECK(check_passkey_creation(text, kParty, kChallenge, UserVerification::required).error().kind ==
          ErrorKind::malformed);
    CHECK(parse_passkey_assertion(text).error().kind == ErrorKind::malformed);
  }
  CHECK(parse_passkey_assertion(std::string(65 << 10, ' ')).error().kind == ErrorKind::limit);
}

TEST_CASE("an attestation object that is cut anywhere is malformed") {
  Buffer object = TestAuthenticator(kEs256).attestation("");
  for (std::size_t size = 0; size < object.size(); ++size)
    CHECK_FALSE(parse_attestation(Bytes(object).first(size)));
  object.push_back(0);
  CHECK_FALSE(parse_attestation(object));
}

TEST_CASE("authenticator data that are cut anywhere are malformed") {
  Buffer data = TestAuthenticator(kEs256).authenticator_data(true);
  for (std::size_t size = 0; size < data.size(); ++size)
    CHECK_FALSE(parse_authenticator_data(Bytes(data).first(size)));
}

TEST_CASE("a public key has exactly the members that its kind needs") {
  Buffer good = TestAuthenticator(kEs256).cose_key();
  CHECK(parse_cose_key(good));
  auto bent = [&](std::size_t at, std::uint8_t value) {
    Buffer out = good;
    out[at] = value;
    return parse_cose_key(out);
  };
  CHECK_FALSE(bent(0, 0xa4));                                      // fewer members than follow
  CHECK_FALSE(bent(2, 0x01));                                      // another key type
  CHECK_FALSE(bent(6, 0x02));                                      // another curve
  CHECK_FALSE(bent(20, static_cast<std::uint8_t>(good[20] ^ 1)));  // off the curve
  CHECK(bent(4, 0x22).error().kind == ErrorKind::unsupported);     // ES384 would be -35; -3 is nothing
  Buffer more = good;
  more[0] = 0xa6;
  append(more, Buffer{0x02, 0x41, 0x00});  // a key id
  CHECK_FALSE(parse_cose_key(more));
  Buffer twice = TestAuthenticator(kEdDsa).cose_key();
  twice[0] = 0xa5;
  append(twice, Buffer{0x01, 0x01});
  CHECK_FALSE(parse_cose_key(twice));
}

TEST_CASE("options for a new passkey name what the account has") {
  PasskeyUser user{Buffer(16, 1), "alice@mail.example", "Alice <script>"};
  Passkey present{Buffer{1, 2, 3}, {}, 0, {}, false, false, {"usb"}};
  std::string text =
      passkey_creation_options(kParty, user, kChallenge, std::span(&present, 1), UserVerification::required);
  Json json = parse_json(text).value();
  CHECK(json.find("challenge")->text() == base64url(kChallenge));
  CHECK(json.find("rp")->find("id")->text() == "portal.example");
  CHECK(json.find("user")->find("id")->text() == base64url(user.id));
  CHECK(json.find("user")->find("displayName")->text() == "Alice <script>");
  CHECK(text.find("<script") == text.npos);
  REQUIRE(json.find("pubKeyCredParams")->items().size() == 3);
  CHECK(json.find("pubKeyCredParams")->items()[0].find("alg")->whole() == -7);
  CHECK(json.find("excludeCredentials")->items()[0].find("id")->text() == "AQID");
  CHECK(json.find("authenticatorSelection")->find("userVerification")->text() == "required");
  CHECK(json.find("attestation")->text() == "none");
}

TEST_CASE("options to sign in allow those of the account, or any") {
  Passkey present{Buffer{1, 2, 3}, {}, 0, {}, false, false, {}};
  Json json = parse_json(passkey_request_options(kParty, kChallenge, std::span(&present, 1),
                                                 UserVerification::preferred))
                  .value();
  CHECK(json.find("allowCredentials")->items()[0].find("id")->text() == "AQID");
  CHECK(json.find("userVerification")->text() == "preferred");
  json = parse_json(passkey_request_options(kParty, kChallenge, {}, UserVerification::required)).value();
  CHECK(json.find("allowCredentials")->items().empty());
  CHECK(json.find("rpId")->text() == "portal.example");
}
