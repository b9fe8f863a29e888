// ECDSA (FIPS 186-4 §6.4.2): a signature (r, s) over e is good if the x coordinate of (e/s) G + (r/s) Q is r
// modulo n.
#include "crypto/batch_verifier.h"

#include <algorithm>
#include <cstdlib>

#include "crypto/p256_multiples.h"

namespace zw {

namespace p256 {
class KeyMultiples : public Multiples {
  using Multiples::Multiples;
};
}  // namespace p256

using p256::Number;

struct BatchVerifier::Batch {
  struct Signature {
    std::uint32_t item;
    Number r;       // not in Montgomery's form
    Number s;       // in it
    Number digest;  // not in it, below 2^256
    Number before;  // product of the s before
    p256::Digits of_generator, of_key;
  };
  std::vector<Signature> signatures;
  p256::Sums sums;
  Digester digester{DigestAlgorithm::sha256};

  bool load(std::uint32_t item, Bytes data, Bytes signature);
  void divide();
  void add(const p256::Multiples& multiples, p256::Digits Signature::* digits);
  static bool is_x(const Signature& signature, const p256::Point& point);
};

namespace {

constexpr std::size_t kSignatureOctets = 64;
constexpr std::size_t kAtOnce = 1024;  // beyond, the sums fall out of the caches
constexpr std::size_t kFew = 8;        // for so few the shared inversions do not pay

Number n_form(const Number& plain) { return p256::multiply_n(plain, p256::kFormN); }

}  // namespace

// False for what no signature can be: a wrong length, r or s zero or not below n.
bool BatchVerifier::Batch::load(std::uint32_t item, Bytes data, Bytes signature) {
  if (signature.size() != kSignatureOctets) return false;
  Number r = p256::load(signature.data()), s = p256::load(signature.data() + kSignatureOctets / 2);
  if (p256::is_zero(r) || p256::is_zero(s) || !p256::is_less(r, p256::kN) || !p256::is_less(s, p256::kN))
    return false;
  std::uint8_t digest[kMaxDigestOctets];
  digester.update(data);
  digester.finish(digest);
  signatures.push_back({item, r, n_form(s), p256::load(digest), {}, {}, {}});
  return true;
}

// The digits of e / s and r / s, by one inversion for all. The digest may be above n: Montgomery's product
// takes any number below 2^256.
void BatchVerifier::Batch::divide() {
  Number product = n_form(p256::kOne);
  for (Signature& signature : signatures) {
    signature.before = product;
    product = p256::multiply_n(product, signature.s);
  }
  Number inverted = p256::invert<p256::kN, p256::multiply_n>(product);
  for (std::size_t i = signatures.size(); i-- > 0;) {
    Signature& signature = signatures[i];
    Number inverse = p256::multiply_n(inverted, signature.before);
    inverted = p256::multiply_n(inverted, signature.s);
    // A plain factor and one in Montgomery's form make a plain product.
    signature.of_generator = p256::digits_of(p256::multiply_n(signature.digest, inverse));
    signature.of_key = p256::digits_of(p256::multiply_n(signature.r, inverse));
  }
}

void BatchVerifier::Batch::add(const p256::Multiples& multiples, p256::Digits Signature::* digits) {
  for (std::size_t step = 0; step < p256::Multiples::kSteps; ++step) {
    for (std::size_t i = 0; i < signatures.size(); ++i) {
      int digit = (signatures[i].*digits)[step];
      if (digit == 0)
        sums.set(i, nullptr, false);
      else
        sums.set(i, &multiples.get(step, static_cast<std::size_t>(std::abs(digit))), digit < 0);
    }
    sums.add();
  }
}

// x is below p, and p is below 2n: it is r, or r + n if that is below p.
bool BatchVerifier::Batch::is_x(const Signature& signature, const p256::Point& point) {
  Number x = p256::multiply_p(point.x, p256::kOne);
  if (x == signature.r) return true;
  return !p256::is_less(x, p256::kN) && p256::subtract<p256::kP>(x, p256::kN) == signature.r;
}

BatchKey::BatchKey(const PublicKey& key) : key_(key) {
  if (key.algorithm() != DnssecAlgorithm::ECDSAP256SHA256) return;
  auto point = p256::load_point(key.octets().data(), key.octets().data() + kSignatureOctets / 2);
  ZW_ASSERT(point);  // PublicKey has looked
  multiples_ = std::make_shared<const p256::KeyMultiples>(*point);
}

BatchVerifier::BatchVerifier(const BatchKey& key)
    : key_(key), verifier_(key.key()), batch_(key.multiples_ ? std::make_unique<Batch>() : nullptr) {}
BatchVerifier::~BatchVerifier() = default;
BatchVerifier::BatchVerifier(BatchVerifier&&) noexcept = default;
BatchVerifier& BatchVerifier::operator=(BatchVerifier&&) noexcept = default;

void BatchVerifier::verify(std::span<Item> items) {
  if (!batch_ || items.size() < kFew) {
    for (Item& item : items) item.good = verifier_.verify(item.data, item.signature);
    return;
  }
  for (std::size_t i = 0; i < items.size(); i += kAtOnce)
    verify_p256(items.subspan(i, std::min(kAtOnce, items.size() - i)));
}

void BatchVerifier::verify_p256(std::span<Item> items) {
  Batch& batch = *batch_;
  batch.signatures.clear();
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    items[i].good = false;
    batch.load(i, items[i].data, items[i].signature);
  }
  batch.divide();
  batch.sums.begin(batch.signatures.size());
  batch.add(p256::multiples_of_generator(), &Batch::Signature::of_generator);
  batch.add(*key_.multiples_, &Batch::Signature::of_key);
  for (std::size_t i = 0; i < batch.signatures.size(); ++i) {
    const Batch::Signature& signature = batch.signatures[i];
    Item& item = items[signature.item];
    switch (batch.sums.state(i)) {
      case p256::Sums::State::nothing: break;
      case p256::Sums::State::point: item.good = Batch::is_x(signature, batch.sums.sum(i)); break;
      case p256::Sums::State::odd: item.good = verifier_.verify(item.data, item.signature); break;
    }
  }
}

}  // namespace zw
