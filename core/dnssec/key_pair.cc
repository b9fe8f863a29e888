#include "dnssec/key_pair.h"

#include "zone/reader.h"

namespace zw {
namespace {

class DnskeySink final : public RecordSink {
 public:
  std::optional<Complaint> record(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) override {
    if (type != RrType::DNSKEY || !DnskeyView::parse(rdata)->is_zone_key())
      return Complaint{Severity::error, "expected the DNSKEY record of a zone (RFC 4034 section 2.1)"};
    if (!rdata_.empty()) return Complaint{Severity::error, "expected one key in a file, found another"};
    owner_ = owner;
    ttl_ = ttl;
    rdata_.assign(rdata.begin(), rdata.end());
    return std::nullopt;
  }
  Name owner_;
  std::uint32_t ttl_ = 0;
  Buffer rdata_;
};

// Key files often give no TTL, and the reader wants one.
constexpr std::string_view kNoTtl = "$TTL 0\n";

}  // namespace

Result<KeyPair> parse_key_pair(std::string_view public_text, std::string_view public_file,
                               std::string_view private_text, std::string_view private_file) {
  DnskeySink sink;
  ReadReport report = read_records(std::string(kNoTtl).append(public_text), public_file, {}, sink);
  if (report.errors > 0) {
    ReadIssue issue = report.issues.front();
    if (issue.line > 1) --issue.line;  // ours
    return fail(ErrorKind::malformed, "{}", print(issue));
  }
  if (sink.rdata_.empty()) return fail(ErrorKind::malformed, "{}: there is no DNSKEY record", public_file);
  auto key = PrivateKey::parse_bind(private_text);
  if (!key) return fail(key.error().kind, "{}: {}", private_file, key.error().what);
  DnskeyView record = *DnskeyView::parse(sink.rdata_);
  if (record.algorithm() != key->algorithm() || !same_bytes(record.public_key(), key->public_key().octets()))
    return fail(ErrorKind::malformed, "{} is not the private key of {}", private_file, public_file);
  return KeyPair{sink.owner_, sink.ttl_, std::move(sink.rdata_), std::move(*key)};
}

}  // namespace zw
