#include "dnssec/ds.h"

namespace zw {
namespace {

std::optional<DigestAlgorithm> algorithm_of(DigestType type) {
  switch (type) {
    case DigestType::SHA1: return DigestAlgorithm::sha1;
    case DigestType::SHA256: return DigestAlgorithm::sha256;
    case DigestType::SHA384: return DigestAlgorithm::sha384;
    case DigestType::GOST: break;
  }
  return std::nullopt;
}

}  // namespace

std::string print(DigestType type) {
  switch (type) {
    case DigestType::SHA1: return "SHA-1";
    case DigestType::SHA256: return "SHA-256";
    case DigestType::GOST: return "GOST R 34.11-94";
    case DigestType::SHA384: return "SHA-384";
  }
  return std::to_string(static_cast<unsigned>(type));
}

Result<Digest> ds_digest(NameView owner, Bytes key, DigestType type) {
  auto algorithm = algorithm_of(type);
  if (!algorithm) return fail(ErrorKind::unsupported, "digest type {} cannot be computed", print(type));
  Name canonical = lower(owner);
  Bytes pieces[] = {canonical.wire(), key};
  return digest(*algorithm, pieces);
}

Result<Buffer> make_ds(NameView owner, DnskeyView key, DigestType type) {
  ZW_TRY(Digest value, ds_digest(owner, key.rdata(), type));
  Buffer out;
  append16(out, key.key_tag());
  append8(out, static_cast<std::uint8_t>(key.algorithm()));
  append8(out, static_cast<std::uint8_t>(type));
  append(out, value.bytes());
  return out;
}

}  // namespace zw
