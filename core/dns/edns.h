// EDNS(0): the OPT pseudo record (RFC 6891), its options as typed values, and their writer.
//
// Typed are NSID (RFC 5001), EXPIRE (RFC 7314), COOKIE (RFC 7873), TCP-KEEPALIVE (RFC 7828), PADDING (RFC
// 7830), extended errors (RFC 8914) and REPORT-CHANNEL (RFC 9567); all other options are kept as octets, in
// order. Nothing here allocates; an EdnsView looks into the message it was read from.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/message_writer.h"
#include "dns/name.h"

namespace zw {

// clang-format off
enum class OptionCode : std::uint16_t {
  LLQ = 1, UPDATE_LEASE = 2, NSID = 3, DAU = 5, DHU = 6, N3U = 7, CLIENT_SUBNET = 8, EXPIRE = 9, COOKIE = 10,
  TCP_KEEPALIVE = 11, PADDING = 12, CHAIN = 13, KEY_TAG = 14, EDE = 15, CLIENT_TAG = 16, SERVER_TAG = 17,
  REPORT_CHANNEL = 18, ZONEVERSION = 19,
};

/// The codes of the IANA registry of extended DNS errors.
enum class EdeCode : std::uint16_t {
  other = 0, unsupported_dnskey_algorithm = 1, unsupported_ds_digest_type = 2, stale_answer = 3,
  forged_answer = 4, dnssec_indeterminate = 5, dnssec_bogus = 6, signature_expired = 7,
  signature_not_yet_valid = 8, dnskey_missing = 9, rrsigs_missing = 10, no_zone_key_bit_set = 11,
  nsec_missing = 12, cached_error = 13, not_ready = 14, blocked = 15, censored = 16, filtered = 17,
  prohibited = 18, stale_nxdomain_answer = 19, not_authoritative = 20, not_supported = 21,
  no_reachable_authority = 22, network_error = 23, invalid_data = 24, signature_expired_before_valid = 25,
  too_early = 26, unsupported_nsec3_iterations = 27, unable_to_conform_to_policy = 28, synthesized = 29,
  invalid_query_type = 30,
};
// clang-format on
/// As registered, for example `Stale Answer`; empty for codes outside the registry.
std::string_view print(EdeCode code);

/// The smallest UDP payload; a smaller one in OPT counts as this (RFC 6891 §6.2.3).
constexpr std::size_t kMinUdpPayload = 512;
/// An OPT record without options.
constexpr std::size_t kOptOctets = 11;
constexpr std::size_t kOptionHeaderOctets = 4;

constexpr std::size_t kClientCookieOctets = 8;

/// Blocks to which messages are padded (RFC 8467 §4.1).
constexpr std::size_t kQueryPadding = 128, kResponsePadding = 468;

/// RFC 7873 §4: 8 octets from the client, then none or 8 to 32 from the server.
struct CookieView {
  Bytes client;
  Bytes server;
};

/// `text`: UTF-8 as it came, perhaps empty, perhaps not valid: to be escaped before it is shown.
struct ExtendedError {
  EdeCode code{};
  std::string_view text;
};

/// TCP-KEEPALIVE counts in tenths of a second.
using KeepaliveTime = std::chrono::duration<std::uint16_t, std::deci>;

struct OptionView {
  OptionCode code{};
  Bytes data;
};

enum class EdnsStatus : std::uint8_t {
  absent,     // no OPT record
  good,       // perhaps of a version that we do not speak: answer BADVERS (RFC 6891 §6.1.3)
  malformed,  // answer FORMERR
};

class EdnsView {
 public:
  /// Reads the OPT record of `message` into `out`, and checks the length of each option that is typed here.
  /// `malformed` (two OPT records, one outside the additional section, an owner that is not the root, an
  /// option that is cut or has a wrong length) fills `fault`. Of a version above 0 only that is read.
  static EdnsStatus read(const MessageView& message, EdnsView& out, MessageFault& fault);

  /// What the sender takes over UDP; at least 512.
  std::size_t payload_octets() const { return payload_octets_; }
  std::uint8_t version() const { return version_; }
  bool dnssec_ok() const { return flags_ & kDnssecOk; }
  /// All 16 flags as they came, DO highest.
  std::uint16_t flags() const { return flags_; }
  /// The whole RCODE, with the four bits of the header.
  Rcode rcode(const Header& header) const {
    return static_cast<Rcode>(rcode_high_ << 4 | static_cast<unsigned>(header.rcode()));
  }

  bool has(OptionCode code) const {
    auto bit = static_cast<unsigned>(code);
    return bit < 32 ? (seen_ >> bit & 1) != 0 : find(code).has_value();
  }
  /// The data of the first option with this code. (The first cookie is the one that counts, RFC 7873 §5.2.)
  std::optional<Bytes> find(OptionCode code) const;
  /// Calls `visit(OptionView)` for each option in order.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (Bytes rest = options_; !rest.empty();) {
      std::size_t size = get16(rest.data() + 2);
      visit(OptionView{static_cast<OptionCode>(get16(rest.data())), rest.subspan(kOptionHeaderOctets, size)});
      rest = rest.subspan(kOptionHeaderOctets + size);
    }
  }

  /// Empty in a query, which asks for it.
  std::optional<Bytes> nsid() const { return find(OptionCode::NSID); }
  std::optional<CookieView> cookie() const;
  /// In a response: how long the zone is still good. A query has(OptionCode::EXPIRE) without it.
  std::optional<std::chrono::seconds> expire() const;
  /// In a response: how long the server keeps an idle connection.
  std::optional<KeepaliveTime> keepalive() const;
  /// The first one; each() finds more, with decode_extended_error().
  std::optional<ExtendedError> extended_error() const;
  /// The agent domain of RFC 9567 §6.1.
  std::optional<NameView> report_channel() const;

 private:
  static constexpr std::uint16_t kDnssecOk = 0x8000;

  Bytes options_;
  std::uint16_t payload_octets_ = kMinUdpPayload;
  std::uint16_t flags_ = 0;
  std::uint8_t version_ = 0;
  std::uint8_t rcode_high_ = 0;
  std::uint32_t seen_ = 0;  // by option code, below 32
};

/// Absent if there are fewer than two octets.
std::optional<ExtendedError> decode_extended_error(Bytes data);

/// Gathers the options of an OPT record, at most 1,024 octets of them. Each call returns false, and adds
/// nothing, if there is no room left or the value cannot stand in its option.
class EdnsOptions {
 public:
  EdnsOptions();

  bool add(OptionCode code, Bytes data);
  bool nsid(Bytes identifier = {}) { return add(OptionCode::NSID, identifier); }
  /// `client`: 8 octets. `server`: none or 8 to 32.
  bool cookie(Bytes client, Bytes server = {});
  bool ask_expire() { return add(OptionCode::EXPIRE, {}); }
  /// 0 to 2^32 - 1 seconds.
  bool expire(std::chrono::seconds left);
  bool ask_keepalive() { return add(OptionCode::TCP_KEEPALIVE, {}); }
  bool keepalive(KeepaliveTime idle);
  bool extended_error(EdeCode code, std::string_view text = {});
  bool report_channel(NameView agent) { return add(OptionCode::REPORT_CHANNEL, agent.wire()); }
  /// Padding (RFC 7830) that makes the message, with this OPT and what `writer` has reserved behind it, a
  /// multiple of `block` octets (RFC 8467: 128 for queries, 468 for responses), or as long as there is room
  /// for. To be added last. `block` is at least 1.
  bool pad(const MessageWriter& writer, std::size_t block);

  Bytes octets() const { return {octets_.data(), size_}; }
  /// Octets of the OPT record with these options, for MessageWriter::reserve.
  std::size_t opt_octets() const { return kOptOctets + size_; }

 private:
  std::uint8_t* open(OptionCode code, std::size_t size);

  std::size_t size_ = 0;
  std::array<std::uint8_t, 1024> octets_;
};

// Defaulted out here, also T() leaves the octets as they are.
inline EdnsOptions::EdnsOptions() = default;

/// What an OPT record says beside its options.
struct OptFields {
  std::uint16_t payload_octets = 1232;
  Rcode rcode = Rcode::NOERROR;  // the whole; its low four bits go into the header too
  bool dnssec_ok = false;
  std::uint8_t version = 0;
};

/// Adds the OPT record to the additional section; false if it does not fit. Octets reserved for it are to be
/// given back first.
bool write_opt(MessageWriter& writer, const OptFields& fields, Bytes options = {});

}  // namespace zw
