#include "dns/edns.h"

#include <algorithm>

namespace zw {
namespace {

constexpr std::string_view kEdeTexts[] = {
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDOMAIN Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
    "Signature Expired before Valid",
    "Too Early",
    "Unsupported NSEC3 Iterations Value",
    "Unable to conform to policy",
    "Synthesized",
    "Invalid Query Type",
};

bool is_server_cookie_size(std::size_t size) { return size == 0 || (size >= 8 && size <= 32); }

// The lengths that the RFC of each option allows.
const char* fault_of(OptionCode code, Bytes data) {
  std::size_t size = data.size();
  switch (code) {
    case OptionCode::COOKIE:  // RFC 7873 §5.2.2
      if (size >= kClientCookieOctets && is_server_cookie_size(size - kClientCookieOctets)) return nullptr;
      return "a cookie is not of 8 or of 16 to 40 octets";
    case OptionCode::EXPIRE:  // RFC 7314 §2
      return size == 0 || size == 4 ? nullptr : "EXPIRE is not of 0 or 4 octets";
    case OptionCode::TCP_KEEPALIVE:  // RFC 7828 §3.1
      return size == 0 || size == 2 ? nullptr : "TCP-KEEPALIVE is not of 0 or 2 octets";
    case OptionCode::EDE:  // RFC 8914 §2
      return size >= 2 ? nullptr : "an extended error of less than 2 octets";
    case OptionCode::REPORT_CHANNEL: {  // RFC 9567 §6.1; empty it is not sent, and says nothing
      auto agent = NameView::read(data);
      return agent && agent->size() == size ? nullptr : "REPORT-CHANNEL is not one uncompressed name";
    }
    default: return nullptr;
  }
}

}  // namespace

std::string_view print(EdeCode code) {
  auto i = static_cast<std::size_t>(code);
  return i < std::size(kEdeTexts) ? kEdeTexts[i] : std::string_view();
}

EdnsStatus EdnsView::read(const MessageView& message, EdnsView& out, MessageFault& fault) {
  out = {};
  auto opt = message.opt();
  if (!opt) return EdnsStatus::absent;
  auto no = [&](std::size_t at, const char* what) { return fault = {at, what}, EdnsStatus::malformed; };
  if (message.opt_count() > 1) return no(opt->owner_at, "a second OPT record");
  if (opt->owner_at < message.section_at(Section::additional))
    return no(opt->owner_at, "an OPT record outside the additional section");
  if (message.octets()[opt->owner_at] != 0) return no(opt->owner_at, "the owner of OPT is not the root");

  out.payload_octets_ = std::max<std::uint16_t>(static_cast<std::uint16_t>(opt->rr_class), kMinUdpPayload);
  out.rcode_high_ = static_cast<std::uint8_t>(opt->ttl >> 24);
  out.version_ = static_cast<std::uint8_t>(opt->ttl >> 16);
  out.flags_ = static_cast<std::uint16_t>(opt->ttl);
  if (out.version_ != 0) return EdnsStatus::good;

  Bytes options = opt->raw_rdata();
  for (std::size_t at = 0; at < options.size();) {
    if (options.size() - at < kOptionHeaderOctets)
      return no(opt->rdata_at + at, "an EDNS option is cut short");
    auto code = static_cast<OptionCode>(get16(&options[at]));
    std::size_t size = get16(&options[at + 2]);
    at += kOptionHeaderOctets;
    if (options.size() - at < size)
      return no(opt->rdata_at + at, "an EDNS option reaches past the end of OPT");
    if (const char* what = fault_of(code, options.subspan(at, size))) return no(opt->rdata_at + at, what);
    if (auto bit = static_cast<unsigned>(code); bit < 32) out.seen_ |= std::uint32_t{1} << bit;
    at += size;
  }
  out.options_ = options;
  return EdnsStatus::good;
}

std::optional<Bytes> EdnsView::find(OptionCode code) const {
  auto bit = static_cast<unsigned>(code);
  if (bit < 32 && !(seen_ >> bit & 1)) return std::nullopt;
  for (std::size_t at = 0; at < options_.size();) {
    std::size_t size = get16(&options_[at + 2]);
    if (get16(&options_[at]) == bit) return options_.subspan(at + kOptionHeaderOctets, size);
    at += kOptionHeaderOctets + size;
  }
  return std::nullopt;
}

std::optional<CookieView> EdnsView::cookie() const {
  auto data = find(OptionCode::COOKIE);
  if (!data) return std::nullopt;
  return CookieView{data->first(kClientCookieOctets), data->subspan(kClientCookieOctets)};
}

std::optional<std::chrono::seconds> EdnsView::expire() const {
  auto data = find(OptionCode::EXPIRE);
  if (!data || data->empty()) return std::nullopt;
  return std::chrono::seconds(get32(data->data()));
}

std::optional<KeepaliveTime> EdnsView::keepalive() const {
  auto data = find(OptionCode::TCP_KEEPALIVE);
  if (!data || data->empty()) return std::nullopt;
  return KeepaliveTime(get16(data->data()));
}

std::optional<ExtendedError> EdnsView::extended_error() const {
  auto data = find(OptionCode::EDE);
  return data ? decode_extended_error(*data) : std::nullopt;
}

std::optional<NameView> EdnsView::report_channel() const {
  auto data = find(OptionCode::REPORT_CHANNEL);
  return data ? NameView::read(*data) : std::nullopt;
}

std::optional<ExtendedError> decode_extended_error(Bytes data) {
  if (data.size() < 2) return std::nullopt;
  std::string_view text = as_text(data.subspan(2));
  if (text.ends_with('\0')) text.remove_suffix(1);  // RFC 8914 §2: it may be there
  return ExtendedError{static_cast<EdeCode>(get16(data.data())), text};
}

std::uint8_t* EdnsOptions::open(OptionCode code, std::size_t size) {
  if (octets_.size() - size_ < kOptionHeaderOctets || octets_.size() - size_ - kOptionHeaderOctets < size)
    return nullptr;
  std::uint8_t* p = octets_.data() + size_;
  set16(p, static_cast<std::uint16_t>(code));
  set16(p + 2, static_cast<std::uint16_t>(size));
  size_ += kOptionHeaderOctets + size;
  return p + kOptionHeaderOctets;
}

bool EdnsOptions::add(OptionCode code, Bytes data) {
  std::uint8_t* p = open(code, data.size());
  if (p && !data.empty()) std::memcpy(p, data.data(), data.size());
  return p != nullptr;
}

bool EdnsOptions::cookie(Bytes client, Bytes server) {
  if (client.size() != kClientCookieOctets || !is_server_cookie_size(server.size())) return false;
  std::uint8_t* p = open(OptionCode::COOKIE, client.size() + server.size());
  if (!p) return false;
  std::memcpy(p, client.data(), client.size());
  if (!server.empty()) std::memcpy(p + client.size(), server.data(), server.size());
  return true;
}

bool EdnsOptions::expire(std::chrono::seconds left) {
  if (left.count() < 0 || left.count() > 0xffffffff) return false;
  std::uint8_t* p = open(OptionCode::EXPIRE, 4);
  if (p) set32(p, static_cast<std::uint32_t>(left.count()));
  return p != nullptr;
}

bool EdnsOptions::keepalive(KeepaliveTime idle) {
  std::uint8_t* p = open(OptionCode::TCP_KEEPALIVE, 2);
  if (p) set16(p, idle.count());
  return p != nullptr;
}

bool EdnsOptions::extended_error(EdeCode code, std::string_view text) {
  std::uint8_t* p = open(OptionCode::EDE, 2 + text.size());
  if (!p) return false;
  set16(p, static_cast<std::uint16_t>(code));
  std::copy(text.begin(), text.end(), p + 2);
  return true;
}

bool EdnsOptions::pad(const MessageWriter& writer, std::size_t block) {
  std::size_t rest = writer.reserved();
  std::size_t least = opt_octets() + kOptionHeaderOctets;
  if (writer.room() < least) return false;
  std::size_t size = (writer.size() + least + rest) % block;
  size = std::min(size == 0 ? 0 : block - size, writer.room() - least);
  std::uint8_t* p = open(OptionCode::PADDING, size);
  if (p) std::fill_n(p, size, std::uint8_t{0});
  return p != nullptr;
}

bool write_opt(MessageWriter& writer, const OptFields& fields, Bytes options) {
  auto rcode = static_cast<std::uint32_t>(fields.rcode);
  std::uint32_t ttl =
      (rcode >> 4) << 24 | std::uint32_t{fields.version} << 16 | (fields.dnssec_ok ? 0x8000u : 0u);
  if (!writer.record(Section::additional, NameView(), RrType::OPT,
                     static_cast<RrClass>(fields.payload_octets), ttl, options))
    return false;
  writer.set_rcode(fields.rcode);
  return true;
}

}  // namespace zw
