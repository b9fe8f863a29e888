// The RDATA of the DNSSEC types, field by field: RRSIG, DNSKEY, DS, NSEC (RFC 4034), NSEC3, NSEC3PARAM
// (RFC 5155), ZONEMD (RFC 8976). Each view looks at octets that someone else owns; `parse` takes any octets
// and gives absent for what breaks the type's format, so a view is always whole.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "crypto/dnssec_algorithm.h"
#include "dns/name.h"
#include "dns/rr_type.h"
#include "dnssec/type_bitmap.h"

namespace zw {

/// RFC 4034 §3.1. Times are seconds in serial arithmetic: see nearest_time().
class RrsigView {
 public:
  static constexpr std::size_t kSignerOffset = 18;
  /// The signature may be empty, as it is before it is made.
  static std::optional<RrsigView> parse(Bytes rdata);

  RrType covered() const { return static_cast<RrType>(get16(&rdata_[0])); }
  DnssecAlgorithm algorithm() const { return static_cast<DnssecAlgorithm>(rdata_[2]); }
  std::uint8_t labels() const { return rdata_[3]; }
  std::uint32_t original_ttl() const { return get32(&rdata_[4]); }
  std::uint32_t expiration() const { return get32(&rdata_[8]); }
  std::uint32_t inception() const { return get32(&rdata_[12]); }
  std::uint16_t key_tag() const { return get16(&rdata_[16]); }
  NameView signer() const { return signer_; }
  Bytes signature() const { return rdata_.subspan(kSignerOffset + signer_.size()); }
  Bytes rdata() const { return rdata_; }

 private:
  RrsigView(Bytes rdata, NameView signer) : rdata_(rdata), signer_(signer) {}
  Bytes rdata_;
  NameView signer_;
};

/// RFC 4034 §2.1; also CDNSKEY.
class DnskeyView {
 public:
  static constexpr std::uint16_t kZone = 0x0100;    // RFC 4034 §2.1.1
  static constexpr std::uint16_t kRevoke = 0x0080;  // RFC 5011 §3
  static constexpr std::uint16_t kSep = 0x0001;     // RFC 3757: a hint, with no part in validation

  static std::optional<DnskeyView> parse(Bytes rdata);

  std::uint16_t flags() const { return get16(&rdata_[0]); }
  std::uint8_t protocol() const { return rdata_[2]; }
  DnssecAlgorithm algorithm() const { return static_cast<DnssecAlgorithm>(rdata_[3]); }
  Bytes public_key() const { return rdata_.subspan(4); }
  Bytes rdata() const { return rdata_; }
  /// RFC 4034 appendix B; not unique.
  std::uint16_t key_tag() const;
  /// May sign a zone: the zone flag is set and the protocol is 3.
  bool is_zone_key() const { return (flags() & kZone) && protocol() == 3; }
  bool is_revoked() const { return flags() & kRevoke; }
  bool is_sep() const { return flags() & kSep; }

 private:
  explicit DnskeyView(Bytes rdata) : rdata_(rdata) {}
  Bytes rdata_;
};

/// The IANA registry of DS digest types.
enum class DigestType : std::uint8_t { SHA1 = 1, SHA256 = 2, GOST = 3, SHA384 = 4 };

/// RFC 4034 §5.1; also CDS.
class DsView {
 public:
  static std::optional<DsView> parse(Bytes rdata);

  std::uint16_t key_tag() const { return get16(&rdata_[0]); }
  DnssecAlgorithm algorithm() const { return static_cast<DnssecAlgorithm>(rdata_[2]); }
  DigestType digest_type() const { return static_cast<DigestType>(rdata_[3]); }
  Bytes digest() const { return rdata_.subspan(4); }
  Bytes rdata() const { return rdata_; }

 private:
  explicit DsView(Bytes rdata) : rdata_(rdata) {}
  Bytes rdata_;
};

/// RFC 4034 §4.1.
class NsecView {
 public:
  static std::optional<NsecView> parse(Bytes rdata);
  NameView next() const { return next_; }
  TypeBitmap types() const { return types_; }

 private:
  NsecView(NameView next, TypeBitmap types) : next_(next), types_(types) {}
  NameView next_;
  TypeBitmap types_;
};

inline constexpr std::uint8_t kNsec3Sha1 = 1;       // the one hash algorithm of the IANA registry
inline constexpr std::uint8_t kNsec3OptOut = 0x01;  // the one flag

/// How an NSEC3 chain hashes names: the fields that NSEC3 and NSEC3PARAM share (RFC 5155 §3.1, §4.1).
struct Nsec3Parameters {
  std::uint8_t algorithm = kNsec3Sha1;
  std::uint16_t iterations = 0;
  Bytes salt;  // at most 255 octets, owned by someone else
  friend bool operator==(const Nsec3Parameters& a, const Nsec3Parameters& b) {
    return a.algorithm == b.algorithm && a.iterations == b.iterations && same_bytes(a.salt, b.salt);
  }
};

/// RFC 5155 §3.2.
class Nsec3View {
 public:
  static std::optional<Nsec3View> parse(Bytes rdata);
  const Nsec3Parameters& parameters() const { return parameters_; }
  std::uint8_t flags() const { return flags_; }
  bool is_opt_out() const { return flags_ & kNsec3OptOut; }
  /// Binary, not base 32.
  Bytes next() const { return next_; }
  TypeBitmap types() const { return types_; }

 private:
  Nsec3View() = default;
  Nsec3Parameters parameters_;
  std::uint8_t flags_ = 0;
  Bytes next_;
  TypeBitmap types_;
};

/// RFC 5155 §4.2.
class Nsec3ParamView {
 public:
  static std::optional<Nsec3ParamView> parse(Bytes rdata);
  const Nsec3Parameters& parameters() const { return parameters_; }
  /// A record with any flag set does not count (RFC 5155 §4.1.2).
  std::uint8_t flags() const { return flags_; }

 private:
  Nsec3ParamView() = default;
  Nsec3Parameters parameters_;
  std::uint8_t flags_ = 0;
};

/// RFC 8976 §2.2, and the IANA registries for scheme and hash algorithm.
enum class ZonemdScheme : std::uint8_t { SIMPLE = 1 };
enum class ZonemdHash : std::uint8_t { SHA384 = 1, SHA512 = 2 };

class ZonemdView {
 public:
  static std::optional<ZonemdView> parse(Bytes rdata);
  std::uint32_t serial() const { return get32(&rdata_[0]); }
  ZonemdScheme scheme() const { return static_cast<ZonemdScheme>(rdata_[4]); }
  ZonemdHash hash() const { return static_cast<ZonemdHash>(rdata_[5]); }
  Bytes digest() const { return rdata_.subspan(6); }
  Bytes rdata() const { return rdata_; }

 private:
  explicit ZonemdView(Bytes rdata) : rdata_(rdata) {}
  Bytes rdata_;
};

}  // namespace zw
