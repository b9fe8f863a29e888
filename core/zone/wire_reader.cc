#include <compare>
#include <optional>
#include <utility>

#include "crypto/digest.h"
#include "dns/rdata.h"
#include "zone/builder.h"
#include "zone/wire_format.h"
#include "zone/writer.h"

namespace zw {
namespace {

constexpr std::uint32_t kMostTtl = 0x7fffffff;  // RFC 2181 §8

struct WireRecord {
  NameView owner;  // absolute
  RrType type{}, covered{};
  RrClass rr_class{};
  std::uint32_t ttl = 0;
  Bytes rdata;
};

class WireReader {
 public:
  /// `body`: the file without its digest.
  explicit WireReader(Bytes body) : body_(body) {}

  Result<ZonePtr> read() {
    ZW_CHECK(read_head());
    ZoneBuilder builder(origin_, class_);
    while (count_-- > 0) {
      WireRecord record;
      ZW_CHECK(read_record(record));
      ZW_CHECK(check(record));
      ZW_CHECK(check_order(record));
      builder.add(record.owner, record.type, record.ttl, record.rdata);
      last_ = record;
    }
    if (at_ != body_.size()) return malformed("octets behind the last record");
    Findings findings(0);
    return builder.build(findings);
  }

 private:
  std::unexpected<Error> malformed(std::string_view what) const {
    return fail(ErrorKind::malformed, "zone in wire form, octet {}: {}", at_, what);
  }
  Bytes rest() const { return body_.subspan(at_); }

  Result<void> read_head() {
    at_ = kWireMagic.size();
    auto origin = NameView::read(rest());
    if (!origin) return malformed("expected the name of the origin");
    origin_ = *origin;
    at_ += origin->size();
    if (rest().size() < 2 + kWireCountOctets) return malformed("the head is cut short");
    class_ = static_cast<RrClass>(get16(rest().data()));
    count_ = get64(rest().data() + 2);
    at_ += 2 + kWireCountOctets;
    return {};
  }

  Result<void> read_record(WireRecord& record) {
    auto owner = NameView::read(rest());
    if (!owner) return malformed("expected the owner of a record");
    if (!owner->is_at_or_below(origin_)) return malformed("the owner is not in the zone");
    if (!same_bytes(owner->wire().last(origin_.size()), origin_.wire()))
      return malformed("the owner spells the origin in other letters");
    record.owner = *owner;
    at_ += owner->size();
    if (rest().size() < 10) return malformed("a record is cut short");
    const std::uint8_t* fixed = rest().data();
    record.type = static_cast<RrType>(get16(fixed));
    record.rr_class = static_cast<RrClass>(get16(fixed + 2));
    record.ttl = get32(fixed + 4);
    std::size_t size = get16(fixed + 8);
    at_ += 10;
    if (rest().size() < size) return malformed("an RDATA is cut short");
    record.rdata = rest().first(size);
    record.covered = covered_type(record.type, record.rdata);
    at_ += size;
    return {};
  }

  Result<void> check(const WireRecord& record) const {
    if (record.rr_class != class_) return malformed("a record before here has another class than the zone");
    if (is_meta_type(record.type)) return malformed("a record before here has a meta type");
    if (record.ttl > kMostTtl) return malformed("a record before here has a TTL above 2147483647");
    if (!check_rdata(record.type, record.rdata)) return malformed("the RDATA before here is malformed");
    return {};
  }

  // Against the record before: later in canonical order, and of one TTL with its RRset.
  Result<void> check_order(const WireRecord& record) const {
    if (!last_) return {};
    auto order = last_->owner <=> record.owner;
    if (order == 0 && !same_bytes(last_->owner.wire(), record.owner.wire()))
      return malformed("two records before here spell their owner in different letters");
    if (order == 0) order = std::pair(last_->type, last_->covered) <=> std::pair(record.type, record.covered);
    if (order == 0 && last_->ttl != record.ttl) return malformed("an RRset before here has two TTLs");
    if (order == 0) order = compare_rdata(record.type, last_->rdata, record.rdata);
    if (order >= 0) return malformed("a record before here is out of order");
    return {};
  }

  Bytes body_;
  std::size_t at_ = 0;
  Name origin_;
  RrClass class_{};
  std::uint64_t count_ = 0;
  std::optional<WireRecord> last_;
};

}  // namespace

Result<ZonePtr> read_wire(Bytes file) {
  if (!as_text(file).starts_with(kWireMagic))
    return fail(ErrorKind::malformed, "no zone in wire form: expected it to begin with ZWZONE1");
  if (file.size() < kWireMagic.size() + kWireDigestOctets)
    return fail(ErrorKind::malformed, "zone in wire form: cut short, {} octets", file.size());
  Bytes body = file.first(file.size() - kWireDigestOctets);
  Digest found = digest(DigestAlgorithm::sha256, body);
  if (!same_bytes(found.bytes(), file.last(kWireDigestOctets)))
    return fail(ErrorKind::malformed,
                "zone in wire form: its SHA-256 digest does not match, so it is damaged");
  return WireReader(body).read();
}

}  // namespace zw
