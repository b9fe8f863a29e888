// What browsers and authenticators send of passkeys. The first octet of the input chooses the format.
#include <algorithm>

#include "base/result.h"
#include "web/factors/cbor.h"
#include "web/factors/passkey.h"
#include "web/factors/passkey_formats.h"

using namespace zw;

namespace {

bool is_within(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Each call takes a whole item or nothing.
void read_items(Bytes input) {
  CborReader in(input);
  while (!in.at_end()) {
    Bytes before = in.rest();
    CborReader other = in;
    bool skips = other.skip();
    bool taken = in.integer() || in.octets() || in.text();
    ZW_ASSERT(!taken || (skips && same_bytes(in.rest(), other.rest())));
    if (taken) continue;
    ZW_ASSERT(same_bytes(in.rest(), before));
    if (auto pairs = in.map()) {
      ZW_ASSERT(*pairs <= in.rest().size() / 2);
      continue;
    }
    if (!in.skip()) return;
    ZW_ASSERT(in.rest().size() < before.size());
  }
}

void read_authenticator_data(Bytes input) {
  auto data = parse_authenticator_data(input);
  if (!data) return;
  ZW_ASSERT(is_within(data->party_hash, input) && data->party_hash.size() == 32);
  if (!data->credential) return;
  ZW_ASSERT(is_within(data->credential->id, input) && is_within(data->credential->public_key, input));
  ZW_ASSERT(!data->credential->id.empty());
  (void)parse_cose_key(data->credential->public_key);
}

void read_attestation(Bytes input) {
  auto attestation = parse_attestation(input);
  if (!attestation) return;
  ZW_ASSERT(is_within(attestation->authenticator_data, input));
  if (attestation->self) ZW_ASSERT(is_within(attestation->self->signature, input));
  read_authenticator_data(attestation->authenticator_data);
}

void read_answers(Bytes input) {
  static const PasskeyParty kParty{"portal.example", "Portal", {"https://portal.example"}};
  const PasskeyChallenge challenge{};
  (void)check_passkey_creation(as_text(input), kParty, challenge, UserVerification::preferred);
  auto assertion = parse_passkey_assertion(as_text(input));
  if (!assertion) return;
  Passkey passkey;
  passkey.id = assertion->id;
  ZW_ASSERT(!check_passkey_assertion(*assertion, kParty, challenge, UserVerification::preferred, passkey));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes input(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0: read_items(input); break;
    case 1: read_authenticator_data(input); break;
    case 2: read_attestation(input); break;
    case 3: (void)parse_client_data(input); break;
    case 4: (void)parse_cose_key(input); break;
    default: read_answers(input);
  }
  return 0;
}
