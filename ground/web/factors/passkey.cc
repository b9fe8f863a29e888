#include "web/factors/passkey.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "format/json.h"
#include "format/utf8.h"
#include "web/factors/passkey_formats.h"

namespace zw {
namespace {

constexpr JsonLimits kAnswerLimits{.octets = 64 << 10, .depth = 8};
constexpr unsigned kMinutes = 5;
constexpr std::size_t kMostUserOctets = 64, kMostTransports = 8, kMostTransportOctets = 32;

std::string_view print(UserVerification verification) {
  return verification == UserVerification::required ? "required" : "preferred";
}

void write_passkeys(JsonWriter& out, std::string_view name, std::span<const Passkey> passkeys) {
  out.key(name).begin_array();
  for (const Passkey& passkey : passkeys) {
    out.begin_object().member("type", "public-key").member("id", base64url(passkey.id));
    out.key("transports").begin_array();
    for (const std::string& transport : passkey.transports) out.value(transport);
    out.end_array().end_object();
  }
  out.end_array();
}

/// What the two answers of a browser share: { type, rawId, response: { clientDataJSON, … } }.
struct Answer {
  Json json;
  const Json* response = nullptr;
  Buffer id;

  /// A member of the response in base 64.
  std::optional<Buffer> octets(std::string_view name) const {
    const Json* member = response->find(name);
    auto text = member ? member->text() : std::nullopt;
    Buffer out;
    if (!text || !decode_base64url(*text, out)) return std::nullopt;
    return out;
  }
};

Result<Answer> parse_answer(std::string_view text) {
  Answer out;
  ZW_TRY(out.json, parse_json(text, kAnswerLimits));
  const Json* type = out.json.find("type");
  const Json* id = out.json.find("rawId");
  out.response = out.json.find("response");
  if (!type || type->text() != "public-key" || !out.response || !out.response->is_object())
    return fail(ErrorKind::malformed, "passkey: the answer is no public-key credential with a response");
  if (!id || !id->text() || !decode_base64url(*id->text(), out.id) || out.id.empty())
    return fail(ErrorKind::malformed, "passkey: the answer has no rawId in base 64");
  return out;
}

std::vector<std::string> transports_of(const Json& response) {
  std::vector<std::string> out;
  const Json* member = response.find("transports");
  if (!member) return out;
  for (const Json& item : member->items()) {
    auto name = item.text();
    bool fits =
        name && !name->empty() && name->size() <= kMostTransportOctets &&
        std::all_of(name->begin(), name->end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    if (fits && out.size() < kMostTransports) out.emplace_back(*name);
  }
  return out;
}

Result<void> check_client_data(Bytes json, std::string_view type, const PasskeyParty& party,
                               const PasskeyChallenge& challenge) {
  ZW_TRY(ClientData data, parse_client_data(json));
  if (data.type != type)
    return fail(ErrorKind::refused, "passkey: client data of the type {}, expected {}",
                quote_foreign(data.type, 32), type);
  if (!constant_time_equal(data.challenge, challenge))
    return fail(ErrorKind::refused, "passkey: the challenge is another; begin again");
  if (std::find(party.origins.begin(), party.origins.end(), data.origin) == party.origins.end())
    return fail(ErrorKind::refused, "passkey: the page's origin is {}, which is none of ours",
                quote_foreign(data.origin));
  if (data.cross_origin)
    return fail(ErrorKind::refused, "passkey: the page was shown inside one of another origin");
  return {};
}

Result<void> check_authenticator(const AuthenticatorData& data, const PasskeyParty& party,
                                 UserVerification verification) {
  if (!same_bytes(data.party_hash, digest(DigestAlgorithm::sha256, as_bytes(party.id)).bytes()))
    return fail(ErrorKind::refused, "passkey: it is for another party than {}", party.id);
  if (!data.user_present) return fail(ErrorKind::refused, "passkey: nobody touched the authenticator");
  if (verification == UserVerification::required && !data.user_verified)
    return fail(ErrorKind::refused, "passkey: the authenticator did not ask who it is (no PIN, no finger)");
  if (data.backed_up && !data.backup_eligible)
    return fail(ErrorKind::refused, "passkey: it says to be backed up and that it cannot be");
  return {};
}

/// What authenticators sign: their data, and the digest of the client data.
Buffer signed_octets(Bytes authenticator_data, Bytes client_data) {
  Buffer out(authenticator_data.begin(), authenticator_data.end());
  append(out, digest(DigestAlgorithm::sha256, client_data).bytes());
  return out;
}

}  // namespace

PasskeyChallenge make_passkey_challenge(Random& random) {
  PasskeyChallenge out;
  random.fill(out);
  return out;
}

std::string passkey_creation_options(const PasskeyParty& party, const PasskeyUser& user,
                                     const PasskeyChallenge& challenge, std::span<const Passkey> present,
                                     UserVerification verification) {
  ZW_ASSERT(!user.id.empty() && user.id.size() <= kMostUserOctets);
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("rp").begin_object().member("id", party.id).member("name", party.name).end_object();
  out.key("user").begin_object().member("id", base64url(user.id)).member("name", user.name);
  out.member("displayName", user.display_name).end_object();
  out.member("challenge", base64url(challenge));
  out.key("pubKeyCredParams").begin_array();
  for (std::int64_t algorithm : {kEs256, kEdDsa, kRs256})
    out.begin_object().member("type", "public-key").member("alg", algorithm).end_object();
  out.end_array();
  out.member("timeout", kMinutes * 60'000);
  write_passkeys(out, "excludeCredentials", present);
  out.key("authenticatorSelection").begin_object().member("residentKey", "preferred");
  out.member("requireResidentKey", false).member("userVerification", print(verification)).end_object();
  out.member("attestation", "none").end_object();
  return text;
}

std::string passkey_request_options(const PasskeyParty& party, const PasskeyChallenge& challenge,
                                    std::span<const Passkey> allowed, UserVerification verification) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("rpId", party.id).member("challenge", base64url(challenge));
  out.member("timeout", kMinutes * 60'000);
  write_passkeys(out, "allowCredentials", allowed);
  out.member("userVerification", print(verification)).end_object();
  return text;
}

Result<Passkey> check_passkey_creation(std::string_view json, const PasskeyParty& party,
                                       const PasskeyChallenge& challenge, UserVerification verification) {
  ZW_TRY(Answer answer, parse_answer(json));
  auto client_data = answer.octets("clientDataJSON"), object = answer.octets("attestationObject");
  if (!client_data || !object)
    return fail(ErrorKind::malformed, "passkey: the answer lacks its client data or attestation object");
  ZW_CHECK(check_client_data(*client_data, "webauthn.create", party, challenge));
  ZW_TRY(Attestation attestation, parse_attestation(*object));
  ZW_TRY(AuthenticatorData data, parse_authenticator_data(attestation.authenticator_data));
  ZW_CHECK(check_authenticator(data, party, verification));
  if (!data.credential) return fail(ErrorKind::malformed, "passkey: the answer holds no new credential");
  if (!same_bytes(data.credential->id, answer.id))
    return fail(ErrorKind::refused, "passkey: the rawId is not the id of the credential");
  ZW_TRY(CoseKey key, parse_cose_key(data.credential->public_key));
  if (attestation.self && (attestation.self->algorithm != key.algorithm ||
                           !verify_cose(key, signed_octets(attestation.authenticator_data, *client_data),
                                        attestation.self->signature)))
    return fail(ErrorKind::refused, "passkey: the attestation is not signed by the new key");
  Bytes cose = data.credential->public_key;
  return Passkey{answer.id,
                 Buffer(cose.begin(), cose.end()),
                 data.sign_count,
                 data.credential->aaguid,
                 data.backup_eligible,
                 data.backed_up,
                 transports_of(*answer.response)};
}

Result<PasskeyAssertion> parse_passkey_assertion(std::string_view json) {
  ZW_TRY(Answer answer, parse_answer(json));
  auto client_data = answer.octets("clientDataJSON"), data = answer.octets("authenticatorData"),
       signature = answer.octets("signature");
  if (!client_data || !data || !signature)
    return fail(ErrorKind::malformed,
                "passkey: the answer lacks its client data, authenticator data or signature");
  PasskeyAssertion out{answer.id, std::nullopt, std::move(*client_data), std::move(*data),
                       std::move(*signature)};
  const Json* user = answer.response->find("userHandle");
  if (user && !user->is_null()) {
    out.user = answer.octets("userHandle");
    if (!out.user || out.user->size() > kMostUserOctets)
      return fail(ErrorKind::malformed, "passkey: the userHandle is no base 64 of at most {} octets",
                  kMostUserOctets);
  }
  return out;
}

Result<PasskeyUse> check_passkey_assertion(const PasskeyAssertion& assertion, const PasskeyParty& party,
                                           const PasskeyChallenge& challenge, UserVerification verification,
                                           const Passkey& passkey) {
  ZW_ASSERT(same_bytes(assertion.id, passkey.id));
  ZW_CHECK(check_client_data(assertion.client_data, "webauthn.get", party, challenge));
  ZW_TRY(AuthenticatorData data, parse_authenticator_data(assertion.authenticator_data));
  ZW_CHECK(check_authenticator(data, party, verification));
  if (data.backup_eligible != passkey.backup_eligible)
    return fail(ErrorKind::refused, "passkey: whether it can be backed up is not what it was");
  ZW_TRY(CoseKey key, parse_cose_key(passkey.public_key));
  if (!verify_cose(key, signed_octets(assertion.authenticator_data, assertion.client_data),
                   assertion.signature))
    return fail(ErrorKind::refused, "passkey: the signature is not by its key");
  bool counts = data.sign_count != 0 || passkey.sign_count != 0;
  if (counts && data.sign_count <= passkey.sign_count)
    return fail(ErrorKind::conflict,
                "passkey: its counter did not rise ({} after {}), so there may be a copy of it",
                data.sign_count, passkey.sign_count);
  return PasskeyUse{data.sign_count, data.backed_up, data.user_verified};
}

}  // namespace zw
