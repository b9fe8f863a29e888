// Keys for TSIG (RFC 8945): name, algorithm and shared secret, and the ring a server looks them up in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "dns/name.h"

namespace zw {

/// The algorithms of RFC 8945 §6 that are an HMAC. Those with a second number are cut to that many bits.
enum class TsigAlgorithm : std::uint8_t {
  hmac_md5,
  hmac_sha1,
  hmac_sha224,
  hmac_sha256,
  hmac_sha256_128,
  hmac_sha384,
  hmac_sha384_192,
  hmac_sha512,
  hmac_sha512_256,
};

/// The name in the wire format of TSIG RDATA, in lower case.
NameView wire_name(TsigAlgorithm algorithm);
std::optional<TsigAlgorithm> find_tsig_algorithm(NameView name);
/// `hmac-sha256`; `hmac-md5` for hmac-md5.sig-alg.reg.int.
std::string_view print(TsigAlgorithm algorithm);
/// Any letter case, with or without a final dot; the long name of hmac-md5 too.
std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view text);
/// Octets of a MAC that is not truncated.
std::size_t mac_octets(TsigAlgorithm algorithm);
HmacAlgorithm hmac_of(TsigAlgorithm algorithm);
/// RFC 8945 §5.2.2.1: a MAC of fewer octets is a format error.
constexpr std::size_t kLeastMacOctets = 10;
std::size_t least_mac_octets(TsigAlgorithm algorithm);

/// Its secret is wiped when it goes.
class TsigKey {
 public:
  /// `secret`: at least one octet. Fails with `unsupported` if the digest is not to be had.
  static Result<TsigKey> make(NameView name, TsigAlgorithm algorithm, Bytes secret);
  /// `[algorithm:]name:base64`, as `-y` of kdig and dig takes it; hmac-sha256 unless given. No error repeats
  /// the secret.
  static Result<TsigKey> parse(std::string_view text);

  /// In lower case.
  NameView name() const { return name_; }
  TsigAlgorithm algorithm() const { return algorithm_; }
  Bytes secret() const { return secret_; }
  Result<Hmac> hmac() const { return Hmac::make(hmac_of(algorithm_), secret_); }

  /// The shortest MAC that is taken, by policy; BADTRUNC below. The whole MAC unless set otherwise.
  std::size_t accepted_mac_octets() const { return accepted_mac_octets_; }
  /// Kept within what RFC 8945 §5.2.2.1 allows.
  void accept_truncated(std::size_t octets);

 private:
  TsigKey(NameView name, TsigAlgorithm algorithm, Bytes secret);
  Name name_;
  TsigAlgorithm algorithm_;
  std::uint8_t accepted_mac_octets_;
  SecretBuffer secret_;
};

/// Built once, then only read, by any number of threads.
class TsigKeyring {
 public:
  /// Fails with `conflict` if there is a key with this name and algorithm already. Pointers from find() do
  /// not outlive it.
  Result<void> add(TsigKey key);
  /// Null if absent.
  const TsigKey* find(NameView name, TsigAlgorithm algorithm) const;
  std::size_t size() const { return keys_.size(); }
  const std::vector<TsigKey>& keys() const { return keys_; }

 private:
  std::vector<TsigKey> keys_;  // by name, then algorithm
};

}  // namespace zw
