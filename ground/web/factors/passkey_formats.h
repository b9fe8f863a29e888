// The formats inside what browsers send of passkeys; for the sources of this folder, its tests and fuzz
// targets. Nothing here is proved: who reads must check. All fail with `malformed`, or `unsupported` where it
// is said.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace zw {

/// The client data (WebAuthn §5.8.1).
struct ClientData {
  std::string type;  // `webauthn.create` or `webauthn.get`
  Buffer challenge;
  std::string origin;
  bool cross_origin = false;
};
Result<ClientData> parse_client_data(Bytes json);

struct AttestedCredential {
  std::array<std::uint8_t, 16> aaguid{};
  Bytes id;          // 1 to 1023 octets
  Bytes public_key;  // one CBOR map
};

/// Authenticator data (WebAuthn §6.1). Views into what was parsed.
struct AuthenticatorData {
  Bytes party_hash;  // SHA-256 of the party's id
  bool user_present = false, user_verified = false, backup_eligible = false, backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;
};
Result<AuthenticatorData> parse_authenticator_data(Bytes octets);

/// An attestation object (WebAuthn §6.5.4). `unsupported` if it is neither `none` nor `packed` by the key
/// itself.
struct Attestation {
  struct Self {
    std::int64_t algorithm = 0;  // of COSE
    Bytes signature;
  };
  Bytes authenticator_data;
  std::optional<Self> self;
};
Result<Attestation> parse_attestation(Bytes octets);

// Algorithms of COSE (RFC 9053 §2, RFC 8812 §2).
inline constexpr std::int64_t kEs256 = -7, kEdDsa = -8, kRs256 = -257;

struct CoseKey {
  std::int64_t algorithm;
  PublicKey key;
};
/// A COSE_Key with exactly the members that its kind needs (WebAuthn §6.5.1.1). `unsupported` for other
/// kinds, and for RSA below 2048 bits.
Result<CoseKey> parse_cose_key(Bytes octets);
/// In the form that COSE gives it: for ES256 in DER.
bool verify_cose(const CoseKey& key, Bytes message, Bytes signature);

}  // namespace zw
