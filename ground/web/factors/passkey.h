// Passkeys: WebAuthn (W3C, Level 3) on the side of the server. Pages pass what we write to
// `PublicKeyCredential.parseCreationOptionsFromJSON()` and `parseRequestOptionsFromJSON()`, and send back
// what `toJSON()` of the credential gives. Challenges and passkeys are kept by the caller; a challenge is
// good once and for minutes.
//
// Taken are keys for ES256, EdDSA (Ed25519) and RS256 (2048 bits and more). Attestation is not asked for:
// `none` is taken, and `packed` signed by the key itself, which some send unasked; certificates of makers are
// not.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace zw {

/// Who we are to authenticators.
struct PasskeyParty {
  std::string id;    // a domain: `portal.example`
  std::string name;  // for people
  std::vector<std::string>
      origins;  // where our pages are: `https://portal.example`; exactly as browsers write them
};

struct PasskeyUser {
  Buffer id;         // 1 to 64 octets that tell nobody who he is: random ones
  std::string name;  // to tell his accounts apart: the name that he signs in with
  std::string display_name;
};

/// `required` where the passkey stands alone: the authenticator saw a PIN or a finger. `preferred` beside a
/// password.
enum class UserVerification : std::uint8_t { preferred, required };

using PasskeyChallenge = std::array<std::uint8_t, 32>;
PasskeyChallenge make_passkey_challenge(Random& random);

/// To be kept with the account.
struct Passkey {
  Buffer id;          // 1 to 1023 octets, chosen by the authenticator; no two accounts have the same
  Buffer public_key;  // a COSE_Key (RFC 9052), checked
  std::uint32_t sign_count = 0;
  std::array<std::uint8_t, 16> aaguid{};  // the model of the authenticator, or zeros; a claim
  bool backup_eligible = false, backed_up = false;
  std::vector<std::string> transports;  // how to reach it: hints for browsers, at most 8
};

/// JSON for parseCreationOptionsFromJSON(). `present`: the passkeys that the account has, of which none is
/// made again.
std::string passkey_creation_options(const PasskeyParty& party, const PasskeyUser& user,
                                     const PasskeyChallenge& challenge, std::span<const Passkey> present,
                                     UserVerification verification);
/// JSON for parseRequestOptionsFromJSON(). `allowed`: those of the account, or none if the passkey shall say
/// whose it is.
std::string passkey_request_options(const PasskeyParty& party, const PasskeyChallenge& challenge,
                                    std::span<const Passkey> allowed, UserVerification verification);

/// The new passkey in what the browser sent (WebAuthn §7.1). Fails with `malformed` for what breaks its
/// format, `limit` above 64 KiB, `unsupported` for other keys and attestations, and `refused` with the check
/// that failed.
Result<Passkey> check_passkey_creation(std::string_view json, const PasskeyParty& party,
                                       const PasskeyChallenge& challenge, UserVerification verification);

/// What a browser sent to sign in; nothing in it is proved yet.
struct PasskeyAssertion {
  Buffer id;  // whose passkey this is, says the caller's store
  std::optional<Buffer>
      user;  // PasskeyUser::id, if the authenticator knows it: to be the one of that account
  Buffer client_data, authenticator_data, signature;
};
/// Fails with `malformed` or `limit`.
Result<PasskeyAssertion> parse_passkey_assertion(std::string_view json);

/// To be kept instead of what the passkey had.
struct PasskeyUse {
  std::uint32_t sign_count = 0;
  bool backed_up = false;
  bool user_verified = false;
};
/// Whether `assertion` is by `passkey`, which its id found, over this challenge (WebAuthn §7.2). Fails with
/// `malformed`, `refused` with the check that failed, or, where all else was right, `conflict` for a counter
/// that did not rise, which a copied authenticator shows.
Result<PasskeyUse> check_passkey_assertion(const PasskeyAssertion& assertion, const PasskeyParty& party,
                                           const PasskeyChallenge& challenge, UserVerification verification,
                                           const Passkey& passkey);

}  // namespace zw
