#include "crypto/secret.h"

#include <openssl/crypto.h>

#include "base/encoding.h"

namespace zw {

void wipe(MutableBytes secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

bool constant_time_equal(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The general codecs work on plain strings and buffers. Room for everything is reserved before, so they do
// not move; so there is one place to wipe.
void append_base64(SecretBuffer& out, Bytes secret) {
  std::string text;
  text.reserve((secret.size() + 2) / 3 * 4);
  append_base64(text, secret);
  append(out, text);
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

SecretBuffer decode_secret_base64(std::string_view text) {
  Buffer octets;
  octets.reserve(text.size() + 1);
  SecretBuffer out;
  if (decode_base64(text, octets)) out.assign(octets.begin(), octets.end());
  octets.resize(octets.capacity());
  wipe(octets);
  return out;
}

}  // namespace zw
