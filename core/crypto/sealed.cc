#include "crypto/sealed.h"

#include <sodium.h>

namespace zw {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kSealKeyOctets == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

}  // namespace

Buffer seal(Bytes key, Bytes secret, std::string_view context, Random& random) {
  ZW_ASSERT(key.size() == kSealKeyOctets);
  Buffer out(kNonce + secret.size() + kTag);
  random.fill(MutableBytes(out).first(kNonce));
  Bytes bound = as_bytes(context);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonce, nullptr, secret.data(), secret.size(),
                                             bound.data(), bound.size(), nullptr, out.data(), key.data());
  return out;
}

Result<SecretBuffer> unseal(Bytes key, Bytes sealed, std::string_view context) {
  ZW_ASSERT(key.size() == kSealKeyOctets);
  constexpr auto kWords = "a sealed secret does not open: it is damaged, or the key is another one";
  if (sealed.size() < kNonce + kTag) return fail(ErrorKind::malformed, "{}", kWords);
  SecretBuffer out(sealed.size() - kNonce - kTag);
  Bytes bound = as_bytes(context), body = sealed.subspan(kNonce);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, body.data(), body.size(),
                                                 bound.data(), bound.size(), sealed.data(), key.data()) != 0)
    return fail(ErrorKind::malformed, "{}", kWords);
  return out;
}

}  // namespace zw
