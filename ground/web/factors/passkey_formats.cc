#include "web/factors/passkey_formats.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "crypto/der_signature.h"
#include "format/json.h"
#include "format/utf8.h"
#include "web/factors/cbor.h"

namespace zw {
namespace {

constexpr JsonLimits kClientDataLimits{.octets = 8192, .depth = 8};

// Flags of authenticator data, WebAuthn §6.1.
constexpr std::uint8_t kUserPresent = 0x01, kUserVerified = 0x04, kBackupEligible = 0x08, kBackedUp = 0x10,
                       kHasCredential = 0x40, kHasExtensions = 0x80;
constexpr std::size_t kHashOctets = 32, kFixedOctets = kHashOctets + 1 + 4, kAaguidOctets = 16,
                      kMostIdOctets = 1023;

// Labels of COSE_Key: RFC 9052 §7.1, RFC 9053 §7.1 and §7.2, RFC 8230 §4.
constexpr std::int64_t kKeyType = 1, kAlgorithm = 3, kFirst = -1, kSecond = -2, kThird = -3;
constexpr std::int64_t kOctetPair = 1, kEllipticPoint = 2, kRsa = 3, kP256 = 1, kEd25519 = 6;
constexpr std::size_t kCoordinate = 32, kMostKeyMembers = 5;
constexpr unsigned kLeastRsaBits = 2048;

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorKind::malformed, "passkey: {}", what);
}

/// A COSE_Key as numbers and octets by label.
struct KeyMembers {
  std::map<std::int64_t, std::int64_t> numbers;
  std::map<std::int64_t, Bytes> octets;

  std::optional<std::int64_t> number(std::int64_t label) const {
    auto found = numbers.find(label);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  }
  Bytes bytes(std::int64_t label) const {
    auto found = octets.find(label);
    return found == octets.end() ? Bytes() : found->second;
  }
  bool has_count(std::size_t of_numbers, std::size_t of_octets) const {
    return numbers.size() == of_numbers && octets.size() == of_octets;
  }
};

Result<KeyMembers> read_key_members(Bytes octets) {
  CborReader in(octets);
  auto count = in.map();
  if (!count || *count > kMostKeyMembers)
    return broken("the public key is no CBOR map of at most five members");
  KeyMembers out;
  for (std::size_t i = 0; i < *count; ++i) {
    auto label = in.integer();
    if (!label || out.numbers.contains(*label) || out.octets.contains(*label))
      return broken("the public key has a member without a number of its own");
    if (auto number = in.integer())
      out.numbers[*label] = *number;
    else if (auto value = in.octets())
      out.octets[*label] = *value;
    else
      return broken("the public key has a member that is neither a number nor octets");
  }
  if (!in.at_end()) return broken("octets follow the public key");
  return out;
}

Result<PublicKey> es256_key(const KeyMembers& members) {
  Bytes x = members.bytes(kSecond), y = members.bytes(kThird);
  if (!members.has_count(3, 2) || members.number(kKeyType) != kEllipticPoint ||
      members.number(kFirst) != kP256 || x.size() != kCoordinate || y.size() != kCoordinate)
    return broken("an ES256 key is no point of P-256 with two coordinates");
  Buffer point(x.begin(), x.end());
  append(point, y);
  return PublicKey::make(DnssecAlgorithm::ECDSAP256SHA256, point);
}

Result<PublicKey> ed25519_key(const KeyMembers& members) {
  if (!members.has_count(3, 1) || members.number(kKeyType) != kOctetPair ||
      members.number(kFirst) != kEd25519)
    return broken("an EdDSA key is none of Ed25519");
  return PublicKey::make(DnssecAlgorithm::ED25519, members.bytes(kSecond));
}

// In DNSKEY form (RFC 3110 §2) the exponent comes first, behind its length.
Result<PublicKey> rs256_key(const KeyMembers& members) {
  Bytes modulus = members.bytes(kFirst), exponent = members.bytes(kSecond);
  if (!members.has_count(2, 2) || members.number(kKeyType) != kRsa || exponent.empty() || exponent.size() > 8)
    return broken("an RS256 key is no RSA key with modulus and exponent");
  Buffer key = {static_cast<std::uint8_t>(exponent.size())};
  append(key, exponent);
  append(key, modulus);
  ZW_TRY(PublicKey made, PublicKey::make(DnssecAlgorithm::RSASHA256, key));
  if (made.bits() < kLeastRsaBits)
    return fail(ErrorKind::unsupported, "passkey: RSA key of {} bits, expected at least {}", made.bits(),
                kLeastRsaBits);
  return made;
}

Result<PublicKey> key_of(std::int64_t algorithm, const KeyMembers& members) {
  if (algorithm == kEs256) return es256_key(members);
  if (algorithm == kEdDsa) return ed25519_key(members);
  if (algorithm == kRs256) return rs256_key(members);
  return fail(ErrorKind::unsupported, "passkey: keys of COSE algorithm {}, expected ES256, EdDSA or RS256",
              algorithm);
}

/// `rest` begins with attested credential data (WebAuthn §6.5.1), which is stepped over.
Result<AttestedCredential> take_credential(Bytes& rest) {
  if (rest.size() < kAaguidOctets + 2) return broken("authenticator data end within the credential");
  AttestedCredential out;
  std::copy_n(rest.begin(), kAaguidOctets, out.aaguid.begin());
  std::size_t size = get16(rest.data() + kAaguidOctets);
  rest = rest.subspan(kAaguidOctets + 2);
  if (size == 0 || size > kMostIdOctets) return broken("a credential's id does not have 1 to 1023 octets");
  if (rest.size() < size) return broken("authenticator data end within the credential's id");
  out.id = rest.first(size);
  rest = rest.subspan(size);
  CborReader in(rest);
  if (!in.skip()) return broken("the public key is no CBOR");
  out.public_key = rest.first(rest.size() - in.rest().size());
  rest = in.rest();
  return out;
}

Result<std::optional<Attestation::Self>> read_statement(std::string_view format, CborReader& in) {
  auto count = in.map();
  if (!count) return broken("the attestation statement is no CBOR map");
  if (format == "none") {
    if (*count != 0) return broken("an attestation of the format 'none' has a statement");
    return std::nullopt;
  }
  if (format != "packed")
    return fail(ErrorKind::unsupported, "passkey: attestation of the format {}, expected 'none'",
                quote_foreign(format, 32));
  std::optional<std::int64_t> algorithm;
  std::optional<Bytes> signature;
  for (std::size_t i = 0; i < *count; ++i) {
    auto key = in.text();
    if (key == "x5c")
      return fail(ErrorKind::unsupported, "passkey: attestation by a certificate, which was not asked for");
    if (key == "alg" && !algorithm)
      algorithm = in.integer();
    else if (key == "sig" && !signature)
      signature = in.octets();
    else
      return broken("a packed attestation has a member that it must not have");
  }
  if (!algorithm || !signature) return broken("a packed attestation lacks its algorithm or signature");
  return Attestation::Self{*algorithm, *signature};
}

}  // namespace

Result<ClientData> parse_client_data(Bytes json) {
  ZW_TRY(Json value, parse_json(as_text(json), kClientDataLimits));
  auto text = [&](std::string_view name) {
    const Json* member = value.find(name);
    return member ? member->text() : std::nullopt;
  };
  auto type = text("type"), challenge = text("challenge"), origin = text("origin");
  if (!type || !challenge || !origin) return broken("client data lack their type, challenge or origin");
  ClientData out{std::string(*type), {}, std::string(*origin), false};
  if (!decode_base64url(*challenge, out.challenge))
    return broken("the challenge in client data is no base 64");
  if (const Json* cross = value.find("crossOrigin")) {
    if (!cross->boolean()) return broken("client data have a crossOrigin that is neither true nor false");
    out.cross_origin = *cross->boolean();
  }
  return out;
}

Result<AuthenticatorData> parse_authenticator_data(Bytes octets) {
  if (octets.size() < kFixedOctets) return broken("authenticator data have fewer than 37 octets");
  std::uint8_t flags = octets[kHashOctets];
  AuthenticatorData out;
  out.party_hash = octets.first(kHashOctets);
  out.user_present = flags & kUserPresent;
  out.user_verified = flags & kUserVerified;
  out.backup_eligible = flags & kBackupEligible;
  out.backed_up = flags & kBackedUp;
  out.sign_count = get32(octets.data() + kHashOctets + 1);
  Bytes rest = octets.subspan(kFixedOctets);
  if (flags & kHasCredential) {
    ZW_TRY(out.credential, take_credential(rest));
  }
  if (flags & kHasExtensions) {
    CborReader in(rest);
    if (rest.empty() || rest[0] >> 5 != 5 || !in.skip()) return broken("the extensions are no CBOR map");
    rest = in.rest();
  }
  if (!rest.empty()) return broken("octets follow the authenticator data");
  return out;
}

Result<Attestation> parse_attestation(Bytes octets) {
  CborReader in(octets);
  if (in.map() != 3) return broken("the attestation object is no CBOR map of three members");
  std::optional<std::string_view> format;
  std::optional<Bytes> data, statement;
  for (int i = 0; i < 3; ++i) {
    auto key = in.text();
    Bytes before = in.rest();
    if (key == "fmt" && !format)
      format = in.text();
    else if (key == "authData" && !data)
      data = in.octets();
    else if (key == "attStmt" && !statement && in.skip())
      statement = before.first(before.size() - in.rest().size());
    else
      return broken("the attestation object has a member that it must not have");
  }
  if (!format || !data || !statement || !in.at_end())
    return broken("the attestation object is not whole, or more follows");
  CborReader inner(*statement);
  ZW_TRY(auto self, read_statement(*format, inner));
  return Attestation{*data, self};
}

Result<CoseKey> parse_cose_key(Bytes octets) {
  ZW_TRY(KeyMembers members, read_key_members(octets));
  auto algorithm = members.number(kAlgorithm);
  if (!algorithm) return broken("the public key lacks its algorithm");
  ZW_TRY(PublicKey key, key_of(*algorithm, members));
  return CoseKey{*algorithm, std::move(key)};
}

bool verify_cose(const CoseKey& key, Bytes message, Bytes signature) {
  Verifier verifier(key.key);
  if (key.algorithm != kEs256) return verifier.verify(message, signature);
  auto raw = raw_signature(signature, kCoordinate);
  return raw && verifier.verify(message, *raw);
}

}  // namespace zw
