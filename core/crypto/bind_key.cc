// Lines of "Tag: value", the first of which gives the version. RSA keys have their eight numbers, the others
// one: the private scalar (RFC 6605 §6) or the seed (RFC 8080 §6).
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <algorithm>
#include <vector>

#include "crypto/algorithm_facts.h"
#include "crypto/key_builder.h"
#include "crypto/key_numbers.h"
#include "crypto/private_key.h"

namespace zw {
namespace {

struct RsaTag {
  std::string_view tag;
  const char* parameter;
};
constexpr RsaTag kRsaTags[] = {
    {"Modulus", OSSL_PKEY_PARAM_RSA_N},           {"PublicExponent", OSSL_PKEY_PARAM_RSA_E},
    {"PrivateExponent", OSSL_PKEY_PARAM_RSA_D},   {"Prime1", OSSL_PKEY_PARAM_RSA_FACTOR1},
    {"Prime2", OSSL_PKEY_PARAM_RSA_FACTOR2},      {"Exponent1", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {"Exponent2", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"Coefficient", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};

struct Line {
  std::string_view tag, value;
};
using Lines = std::vector<Line>;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  std::size_t from = text.find_first_not_of(kSpace);
  return from == text.npos ? "" : text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

Result<Lines> split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    std::size_t colon = line.find(':');
    if (colon == line.npos)
      return fail(ErrorKind::malformed, "line {} of the private key has no \"Tag: value\"", lines.size() + 1);
    lines.push_back({line.substr(0, colon), trimmed(line.substr(colon + 1))});
  }
  return lines;
}

Result<std::string_view> value_of(const Lines& lines, std::string_view tag) {
  auto is_tag = [&](const Line& line) { return line.tag == tag; };
  auto count = std::ranges::count_if(lines, is_tag);
  if (count != 1)
    return fail(ErrorKind::malformed, "the private key has {} lines \"{}\", expected 1", count, tag);
  return std::ranges::find_if(lines, is_tag)->value;
}

Result<SecretBuffer> octets_of(const Lines& lines, std::string_view tag) {
  ZW_TRY(std::string_view text, value_of(lines, tag));
  SecretBuffer octets = decode_secret_base64(text);
  if (octets.empty()) return fail(ErrorKind::malformed, "\"{}\" of the private key is not base 64", tag);
  return octets;
}

Result<DnssecAlgorithm> algorithm_of(const Lines& lines) {
  ZW_TRY(std::string_view value, value_of(lines, "Algorithm"));
  auto algorithm = parse_dnssec_algorithm(value.substr(0, value.find(' ')));
  if (!algorithm) return fail(ErrorKind::malformed, "the private key has no DNSSEC algorithm: \"{}\"", value);
  if (!is_supported(*algorithm))
    return fail(ErrorKind::unsupported, "keys of algorithm {} cannot be used here", print(*algorithm));
  return *algorithm;
}

Result<KeyHandle> read_rsa(const Lines& lines) {
  KeyBuilder builder;
  for (const RsaTag& row : kRsaTags) {
    ZW_TRY(SecretBuffer octets, octets_of(lines, row.tag));
    builder.number(row.parameter, octets);
  }
  return builder.build("RSA", EVP_PKEY_KEYPAIR);
}

/// The public point d·G, uncompressed; empty if `d` is no private scalar of the curve.
Buffer point_of(const AlgorithmFacts& facts, const BIGNUM* d) {
  std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(
      EC_GROUP_new_by_curve_name(EC_curve_nist2nid(facts.key_name)), EC_GROUP_free);
  if (!group || !d || BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(group.get())) >= 0) return {};
  std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> point(EC_POINT_new(group.get()), EC_POINT_free);
  Buffer octets(facts.public_key_octets + 1u);
  if (!point || EC_POINT_mul(group.get(), point.get(), d, nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(),
                         octets.size(), nullptr) != octets.size())
    return {};
  return octets;
}

Result<KeyHandle> read_ecdsa(const AlgorithmFacts& facts, const Lines& lines) {
  ZW_TRY(SecretBuffer scalar, octets_of(lines, "PrivateKey"));
  std::size_t octets = facts.public_key_octets / 2;
  if (scalar.size() > octets)
    return fail(ErrorKind::malformed, "{} private key has {} octets, expected {}", facts.mnemonic,
                scalar.size(), octets);
  scalar.insert(scalar.begin(), octets - scalar.size(), 0);  // older files leave leading zeros out
  Buffer point = point_of(facts, make_number(scalar).get());
  if (point.empty()) return KeyHandle();
  return KeyBuilder()
      .text(OSSL_PKEY_PARAM_GROUP_NAME, facts.key_name)
      .octets(OSSL_PKEY_PARAM_PUB_KEY, point)
      .number(OSSL_PKEY_PARAM_PRIV_KEY, scalar)
      .build("EC", EVP_PKEY_KEYPAIR);
}

Result<KeyHandle> read_edwards(const AlgorithmFacts& facts, const Lines& lines) {
  ZW_TRY(SecretBuffer seed, octets_of(lines, "PrivateKey"));
  return KeyHandle(
      EVP_PKEY_new_raw_private_key_ex(nullptr, facts.key_name, nullptr, seed.data(), seed.size()));
}

Result<KeyHandle> read_key(const AlgorithmFacts& facts, const Lines& lines) {
  switch (facts.family) {
    case KeyFamily::rsa: return read_rsa(lines);
    case KeyFamily::ecdsa: return read_ecdsa(facts, lines);
    default: return read_edwards(facts, lines);
  }
}

void append_line(SecretBuffer& out, std::string_view tag, Bytes secret) {
  append(out, tag);
  append(out, ": ");
  append_base64(out, secret);
  append(out, "\n");
}

SecretBuffer edwards_seed(const EVP_PKEY* key) {
  std::size_t size = 0;
  ZW_ASSERT(EVP_PKEY_get_raw_private_key(key, nullptr, &size) == 1);
  SecretBuffer seed(size);
  ZW_ASSERT(EVP_PKEY_get_raw_private_key(key, seed.data(), &size) == 1);
  return seed;
}

}  // namespace

SecretBuffer key_number(const EVP_PKEY* key, const char* name, std::size_t octets) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &found) != 1) {
    ERR_clear_error();
    return {};
  }
  BigNumber number(found);
  SecretBuffer out(std::max(octets, static_cast<std::size_t>(BN_num_bytes(found))));
  ZW_ASSERT(BN_bn2binpad(found, out.data(), static_cast<int>(out.size())) >= 0);
  return out;
}

Result<BindKey> parse_bind_key(std::string_view text) {
  if (text.size() > kMaxPrivateKeyText)
    return fail(ErrorKind::limit, "private key has {} octets, expected at most {}", text.size(),
                kMaxPrivateKeyText);
  ZW_TRY(Lines lines, split_lines(text));
  ZW_TRY(std::string_view version, value_of(lines, "Private-key-format"));
  if (!version.starts_with("v1."))
    return fail(ErrorKind::unsupported, "private-key format is \"{}\", expected v1.3", version);
  if (std::ranges::any_of(lines, [](const Line& line) { return line.tag == "Label"; }))
    return fail(ErrorKind::unsupported, "the private key is kept in a hardware module");
  ZW_TRY(DnssecAlgorithm algorithm, algorithm_of(lines));
  ZW_TRY(KeyHandle key, read_key(facts_of(algorithm), lines));
  return BindKey{algorithm, std::move(key)};
}

SecretBuffer print_bind_key(DnssecAlgorithm algorithm, const EVP_PKEY* key) {
  const AlgorithmFacts& facts = facts_of(algorithm);
  SecretBuffer out;
  append(out,
         fmt::format("Private-key-format: v1.3\nAlgorithm: {} ({})\n", static_cast<unsigned>(algorithm),
                     algorithm == DnssecAlgorithm::RSASHA1_NSEC3_SHA1 ? "NSEC3RSASHA1" : facts.mnemonic));
  if (facts.family == KeyFamily::rsa)
    for (const RsaTag& row : kRsaTags) append_line(out, row.tag, key_number(key, row.parameter));
  else if (facts.family == KeyFamily::ecdsa)
    append_line(out, "PrivateKey", key_number(key, OSSL_PKEY_PARAM_PRIV_KEY, facts.public_key_octets / 2));
  else
    append_line(out, "PrivateKey", edwards_seed(key));
  return out;
}

}  // namespace zw
