// An authenticator and the browser before it, for tests: all that they say can be bent.
#pragma once

#include <memory>
#include <string>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "web/factors/passkey.h"
#include "web/factors/passkey_formats.h"

namespace zw {

inline void append_head(Buffer& out, unsigned kind, std::size_t number) {
  auto first = static_cast<std::uint8_t>(kind << 5);
  if (number < 24) return append8(out, static_cast<std::uint8_t>(first | number));
  if (number < 256) return append8(out, first | 24), append8(out, static_cast<std::uint8_t>(number));
  append8(out, first | 25);
  append16(out, static_cast<std::uint16_t>(number));
}
inline void append_cbor(Buffer& out, std::int64_t number) {
  append_head(out, number < 0, static_cast<std::size_t>(number < 0 ? -1 - number : number));
}
inline void append_cbor(Buffer& out, Bytes octets) {
  append_head(out, 2, octets.size());
  append(out, octets);
}
inline void append_cbor(Buffer& out, std::string_view text) {
  append_head(out, 3, text.size());
  append(out, as_bytes(text));
}

class TestAuthenticator {
 public:
  explicit TestAuthenticator(std::int64_t cose_algorithm, unsigned rsa_bits = kDefaultRsaBits)
      : algorithm(cose_algorithm),
        key_(PrivateKey::generate(cose_algorithm == kEs256   ? DnssecAlgorithm::ECDSAP256SHA256
                                  : cose_algorithm == kEdDsa ? DnssecAlgorithm::ED25519
                                                             : DnssecAlgorithm::RSASHA256,
                                  rsa_bits)
                 .value()) {}

  // What it says; as a good one until a test bends it.
  std::int64_t algorithm;
  Buffer id = Buffer(32, 7);
  std::string party = "portal.example", origin = "https://portal.example", create = "webauthn.create",
              get = "webauthn.get", format = "none", more_client_data;
  std::uint8_t flags = 0x05;  // present, verified
  std::uint32_t count = 1;
  Buffer extra;  // behind the authenticator data

  Buffer cose_key() const {
    Bytes octets = key_.public_key().octets();
    Buffer out;
    append_head(out, 5, algorithm == kEs256 ? 5u : 4u);
    auto member = [&out](std::int64_t label, auto value) {
      append_cbor(out, label);
      append_cbor(out, value);
    };
    member(1, std::int64_t{algorithm == kEs256 ? 2 : algorithm == kEdDsa ? 1 : 3});
    member(3, algorithm);
    if (algorithm == kRs256) {
      member(-1, octets.subspan(1 + octets[0]));
      member(-2, octets.subspan(1, octets[0]));
      return out;
    }
    member(-1, std::int64_t{algorithm == kEs256 ? 1 : 6});
    member(-2, octets.first(32));
    if (algorithm == kEs256) member(-3, octets.subspan(32));
    return out;
  }

  Buffer authenticator_data(bool with_credential) const {
    Buffer out;
    append(out, digest(DigestAlgorithm::sha256, as_bytes(party)).bytes());
    append8(out, with_credential ? flags | 0x40 : flags);
    append32(out, count);
    if (with_credential) {
      out.resize(out.size() + 16, 0xaa);
      append16(out, static_cast<std::uint16_t>(id.size()));
      append(out, id);
      append(out, cose_key());
    }
    append(out, extra);
    return out;
  }

  std::string client_data(std::string_view type, Bytes challenge) const {
    return fmt::format(R"({{"type":"{}","challenge":"{}","origin":"{}"{}}})", type, base64url(challenge),
                       origin, more_client_data);
  }

  Buffer sign(Bytes data, std::string_view client) const {
    Buffer message(data.begin(), data.end());
    append(message, digest(DigestAlgorithm::sha256, as_bytes(client)).bytes());
    Buffer raw = key_.make_signer()->sign(message).value();
    return algorithm == kEs256 ? der_of(raw) : raw;
  }

  Buffer attestation(std::string_view client) const {
    Buffer data = authenticator_data(true), out;
    append_head(out, 5, 3);
    append_cbor(out, std::string_view("fmt"));
    append_cbor(out, std::string_view(format));
    append_cbor(out, std::string_view("attStmt"));
    append_head(out, 5, format == "packed" ? 2 : 0);
    if (format == "packed") {
      append_cbor(out, std::string_view("alg"));
      append_cbor(out, algorithm);
      append_cbor(out, std::string_view("sig"));
      append_cbor(out, Bytes(sign(data, client)));
    }
    append_cbor(out, std::string_view("authData"));
    append_cbor(out, Bytes(data));
    return out;
  }

  std::string create_answer(Bytes challenge) const {
    std::string client = client_data(create, challenge);
    return fmt::format(
        R"({{"id":"{0}","rawId":"{0}","type":"public-key","clientExtensionResults":{{}},"response":)"
        R"({{"clientDataJSON":"{1}","attestationObject":"{2}","transports":["usb","hybrid"]}}}})",
        base64url(id), base64url(as_bytes(client)), base64url(attestation(client)));
  }

  std::string get_answer(Bytes challenge, std::string_view user = "") const {
    std::string client = client_data(get, challenge);
    Buffer data = authenticator_data(false);
    std::string handle = user.empty() ? "null" : '"' + base64url(as_bytes(user)) + '"';
    return fmt::format(
        R"({{"id":"{0}","rawId":"{0}","type":"public-key","clientExtensionResults":{{}},"response":)"
        R"({{"clientDataJSON":"{1}","authenticatorData":"{2}","signature":"{3}","userHandle":{4}}}}})",
        base64url(id), base64url(as_bytes(client)), base64url(data), base64url(sign(data, client)), handle);
  }

 private:
  static void append_number(Buffer& out, Bytes number) {
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    bool negative = number[0] & 0x80;
    append8(out, 0x02);
    append8(out, static_cast<std::uint8_t>(number.size() + negative));
    if (negative) append8(out, 0);
    append(out, number);
  }
  static Buffer der_of(Bytes raw) {
    Buffer numbers, out = {0x30};
    append_number(numbers, raw.first(32));
    append_number(numbers, raw.subspan(32));
    append8(out, static_cast<std::uint8_t>(numbers.size()));
    append(out, numbers);
    return out;
  }

  PrivateKey key_;
};

}  // namespace zw
