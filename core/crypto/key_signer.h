// The Signer of a private key in memory; for the sources of this room only.
#pragma once

#include <memory>
#include <optional>

#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "crypto/signer.h"

namespace zw {

class KeySigner final : public Signer {
 public:
  KeySigner(PublicKey public_key, std::shared_ptr<evp_pkey_st> key);
  DnssecAlgorithm algorithm() const override { return public_key_.algorithm(); }
  Bytes public_key() const override { return public_key_.octets(); }
  std::size_t signature_size() const override { return public_key_.signature_size(); }
  Result<Buffer> sign(Bytes data) override;

 private:
  Result<Buffer> sign_digest(Bytes digest);
  Result<Buffer> sign_edwards(Bytes data);

  PublicKey public_key_;
  std::shared_ptr<evp_pkey_st> key_;
  std::optional<Digester> digester_;  // RSA, ECDSA
  KeyContext context_;                // RSA, ECDSA; null if the machine's policy forbids to sign
  DigestContext edwards_;             // EdDSA
};

}  // namespace zw
