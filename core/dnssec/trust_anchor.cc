#include "dnssec/trust_anchor.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dnssec/bind_anchors.h"
#include "dnssec/records.h"
#include "zone/reader.h"

namespace zw {
namespace {

class AnchorSink final : public RecordSink {
 public:
  std::optional<Complaint> record(NameView owner, RrType type, std::uint32_t, Bytes rdata) override {
    if (type != RrType::DS && type != RrType::DNSKEY)
      return Complaint{Severity::error, "a trust anchor is a DS or DNSKEY record, not " + print(type)};
    if (type == RrType::DNSKEY && !DnskeyView::parse(rdata)->is_zone_key())
      return Complaint{Severity::error, "the key is no zone key (RFC 4034 section 2.1.1)"};
    anchors_.push_back({owner, type, Buffer(rdata.begin(), rdata.end())});
    return std::nullopt;
  }
  std::vector<TrustAnchor> take() { return std::move(anchors_); }

 private:
  std::vector<TrustAnchor> anchors_;
};

// The states of RFC 5011 §4 by Unbound's numbers: 0 start, 1 pending, 2 valid, 3 missing, 4 revoked, 5
// removed.
bool is_believed(std::string_view line) {
  constexpr std::string_view kState = ";;state=";
  std::size_t at = line.find(kState);
  if (at == std::string_view::npos || at + kState.size() == line.size()) return true;
  char state = line[at + kState.size()];
  return state == '2' || state == '3';
}

// With the lines of other keys made empty, so that the others keep their numbers.
std::string believed_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    if (is_believed(text.substr(0, end))) out += text.substr(0, end);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Result<std::vector<TrustAnchor>> parse_records(std::string_view text, std::string_view file) {
  AnchorSink sink;
  // Anchors need no TTL; the reader does.
  ReadReport report = read_records("$TTL 0\n" + believed_lines(text), file, {}, sink);
  for (ReadIssue& issue : report.issues) {
    if (issue.severity != Severity::error) continue;
    --issue.line;
    return fail(ErrorKind::malformed, "{}", print(issue));
  }
  return sink.take();
}

}  // namespace

Result<std::vector<TrustAnchor>> parse_trust_anchors(std::string_view text, std::string_view file) {
  ZW_TRY(std::vector<TrustAnchor> anchors,
         has_bind_anchors(text) ? parse_bind_anchors(text, file) : parse_records(text, file));
  if (anchors.empty()) return fail(ErrorKind::malformed, "{}: there is no trust anchor in it", file);
  return anchors;
}

}  // namespace zw
