#include "localroot/advice/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "localroot/advice/check_lines.h"
#include "localroot/advice/root_servers.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostOctets = 1 << 20, kMostFindings = 1000;

using Lines = std::vector<ConfigLine>;

bool has(const ConfigLine& line, std::string_view words) {
  return line.text.find(words) != std::string::npos;
}

class Checker {
 public:
  Checker(const Lines& lines, Dialect dialect, AdviceFindings& out)
      : lines_(lines), dialect_(dialect), out_(out) {}

  void add(std::size_t line, std::string_view rule, std::string what) {
    if (out_.all.size() < kMostFindings) out_.all.push_back({line, rule, std::move(what)});
  }

  void check_sources() {
    for (const ConfigLine& line : lines_)
      for (std::string_view word : line.words()) {
        if (auto ip = address_in(word))
          check_address(line, *ip);
        else if (is_source(line) && is_transfer_host(word))
          add(line.number, "name-as-source",
              fmt::format(
                  "{}: while there is no copy, nobody finds the address of this name: write the address",
                  word.substr(0, word.find_first_of("@#"))));
      }
  }

  void check_switches() {
    switch (dialect_) {
      case Dialect::bind: return check_bind();
      case Dialect::unbound: return check_unbound();
      case Dialect::knot: return check_knot();
      case Dialect::nsd: return check_nsd();
      case Dialect::knot_resolver: return check_knot_resolver();
      case Dialect::pdns_recursor: return check_pdns_recursor();
      case Dialect::zonewright: return check_zonewright();
      case Dialect::unknown:
      case Dialect::hints: return;
    }
  }

 private:
  static std::optional<IpAddress> address_in(std::string_view word) {
    std::string_view ip = word.substr(0, word.find_first_of("@#/"));
    if (auto whole = IpAddress::parse(ip)) return whole;
    // 192.0.2.1:53, and YAML's trailing colon
    std::size_t colon = ip.rfind(':');
    return colon == std::string_view::npos ? std::nullopt : IpAddress::parse(ip.substr(0, colon));
  }

  static bool is_transfer_host(std::string_view word) {
    std::string_view name = word.substr(0, word.find_first_of("@#"));
    if (name.ends_with('.')) name.remove_suffix(1);
    return name.ends_with(".root-servers.net") || name.ends_with(".dns.icann.org");
  }

  /// Whether what stands in this line is to be transferred from.
  bool is_source(const ConfigLine& line) const {
    switch (dialect_) {
      case Dialect::bind: return line.in_sources;
      case Dialect::unbound: return has(line, "primary:") || has(line, "master:");
      case Dialect::nsd: return has(line, "request-xfr:");
      case Dialect::pdns_recursor:
      case Dialect::knot:
      case Dialect::zonewright: return true;
      default: return false;
    }
  }

  void check_address(const ConfigLine& line, const IpAddress& ip) {
    const KnownAddress* known = find_known_address(ip);
    if (!known) return;
    if (known->service == Service::retired)
      add(line.number, "stale-address",
          fmt::format("{} is no longer {}: {}", known->address, known->host, known->note));
    else if (known->service == Service::queries_only && is_source(line))
      add(line.number, "no-transfer",
          fmt::format("{}, {}, gives the root to nobody by transfer", known->address, known->host));
  }

  // ---- blocks of lines ----

  /// From a line that has `first` up to the next that has one of `next`, or the end.
  struct Block {
    std::size_t begin, end;  // indexes
  };
  std::vector<Block> blocks(std::string_view first, std::initializer_list<std::string_view> next) const {
    std::vector<Block> out;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!has(lines_[i], first)) continue;
      std::size_t end = i + 1;
      auto ends = [&](std::string_view word) { return has(lines_[end], word); };
      while (end < lines_.size() && std::none_of(next.begin(), next.end(), ends)) ++end;
      out.push_back({i, end});
    }
    return out;
  }
  bool has_pair(const Block& block, std::string_view key, std::string_view value) const {
    return std::any_of(lines_.begin() + static_cast<std::ptrdiff_t>(block.begin),
                       lines_.begin() + static_cast<std::ptrdiff_t>(block.end), [&](const ConfigLine& line) {
                         std::size_t at = line.text.find(key);
                         return at != std::string::npos &&
                                line.text.find(value, at + key.size()) != std::string::npos;
                       });
  }
  bool has_word(const Block& block, std::string_view word) const { return has_pair(block, word, ""); }
  Block whole() const { return {0, lines_.size()}; }
  std::size_t line_of(std::string_view word) const {
    for (const ConfigLine& line : lines_)
      if (has(line, word)) return line.number;
    return 0;
  }

  // ---- what each needs ----

  void check_unbound() {
    for (const Block& block :
         blocks("auth-zone:",
                {"auth-zone:", "server:", "stub-zone:", "forward-zone:", "remote-control:", "view:"})) {
      if (!has_word(block, "primary:") && !has_word(block, "master:") && !has_word(block, "url:")) continue;
      std::size_t line = lines_[block.begin].number;
      if (!has_pair(block, "zonemd-check:", "yes"))
        add(line, "not-verified", "this copy is used as it comes: add \"zonemd-check: yes\"");
      else if (!has_pair(block, "zonemd-reject-absence:", "yes"))
        add(line, "not-verified",
            "a copy without ZONEMD is used as it comes: the root has one, so add \"zonemd-reject-absence: "
            "yes\"");
      if (!has_pair(block, "fallback-enabled:", "yes"))
        add(line, "no-fall-back",
            "when the copy is gone, nothing is resolved any more: add \"fallback-enabled: yes\"");
      if (!has_pair(block, "for-downstream:", "no"))
        add(line, "answers-clients",
            "clients get what the zone has instead of what is resolved: add \"for-downstream: no\"");
    }
  }

  void check_bind() {
    bool views = has_word(whole(), "static-stub");
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const ConfigLine& line = lines_[i];
      if (has(line, "dnssec-validation no"))
        add(line.number, "not-verified", "without \"dnssec-validation auto\" no copy can be verified");
      bool secondary = has(line, "type secondary") || has(line, "type slave");
      if (secondary && line.in_root_zone && !views)
        add(line.number, "not-verified",
            "a secondary of the root is used as it comes: use \"type mirror\", which verifies each copy");
    }
  }

  void check_knot() {
    for (const Block& block : blocks("domain:", {"domain:"})) {
      if (!has_word(block, "master:")) continue;
      std::size_t line = lines_[block.begin].number;
      if (!has_pair(block, "zonemd-verify:", "on"))
        add(line, "not-verified", "the digest of a version is not looked at: add \"zonemd-verify: on\"");
      if (!has_pair(block, "dnssec-validation:", "on"))
        add(line, "not-verified",
            "the signatures of a version are not looked at: add \"dnssec-validation: on\"");
    }
  }

  void check_nsd() {
    bool verifies = has_word(whole(), "verifier:") && has_word(whole(), "verify:");
    // Who hands on to loopback only leaves it to the resolver there.
    if (!verifies && !has_word(whole(), "provide-xfr: 127.0.0."))
      add(line_of("request-xfr:"), "not-verified",
          "a version is served as it comes: add \"verify: enable: yes\" and a verifier such as "
          "ldns-verify-zone -ZZ");
  }

  void check_knot_resolver() {
    for (const ConfigLine& line : lines_) {
      std::size_t at = line.text.find("interval");
      if (at == std::string::npos || line.text.find("refresh-") != std::string::npos) continue;
      std::size_t digits = line.text.find_first_of("0123456789", at);
      if (digits == std::string::npos) continue;
      std::size_t end = std::min(line.text.find_first_not_of("0123456789", digits), line.text.size());
      if (end - digits < 4 || (end - digits == 4 && line.text.substr(digits, 4) < "3600"))
        add(line.number, "refresh", "an interval below 3600 seconds is refused");
    }
  }

  void check_pdns_recursor() {
    std::size_t line = line_of("zonetocache");
    if (has_word(whole(), "tsig") && !has_pair(whole(), "zonemd", "require"))
      add(line, "not-verified",
          "with a key it finds the digest of no copy right: download the zone, or transfer it without a key, "
          "and "
          "set zonemd and dnssec to \"require\"");
    else
      for (std::string_view key : {"zonemd", "dnssec"})
        if (!has_pair(whole(), key, "require"))
          add(line, "not-verified",
              fmt::format("a copy without {} is used too: set {} to \"require\"",
                          key == "zonemd" ? "digest" : "signatures", key));
    if (!has_word(whole(), "refreshperiod") && !has_word(whole(), "refresh_period"))
      add(line, "refresh", "it is fetched once a day only: set refreshPeriod to 1800");
  }

  void check_zonewright() {
    for (const ConfigLine& line : lines_)
      if (has(line, "require-zonemd") && has(line, "false"))
        add(line.number, "not-verified", "a version without ZONEMD is taken: the root has one");
  }

  const Lines& lines_;
  Dialect dialect_;
  AdviceFindings& out_;
};

void check_age(std::string_view text, WallTime now, AdviceFindings& out) {
  constexpr std::string_view kMark = "zonewright-advice:", kUntil = "good-until=";
  std::size_t head = text.find(kMark);
  if (head == std::string_view::npos) return;
  std::string_view line = text.substr(head, text.find('\n', head) - head);
  std::size_t at = line.find(kUntil);
  if (at == std::string_view::npos) return;
  std::string_view until = line.substr(at + kUntil.size());
  until = until.substr(0, until.find_first_of(" \r"));
  auto when = parse_time(until);
  if (!when || *when > now) return;
  auto number = static_cast<std::size_t>(
                    std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(head), '\n')) +
                1;
  out.all.push_back(
      {number, "advice-ended",
       fmt::format("this was to be looked at again by {}: make it anew, and compare with --diff",
                   print_time(*when))});
}

}  // namespace

std::string_view print(Dialect dialect) {
  switch (dialect) {
    case Dialect::bind: return "BIND";
    case Dialect::unbound: return "Unbound";
    case Dialect::knot: return "Knot DNS";
    case Dialect::nsd: return "NSD";
    case Dialect::knot_resolver: return "Knot Resolver";
    case Dialect::pdns_recursor: return "PowerDNS Recursor";
    case Dialect::zonewright: return "zonewright";
    case Dialect::hints: return "root hints";
    case Dialect::unknown: break;
  }
  return "not known";
}

Result<AdviceFindings> check_advice(std::string_view text, WallTime now) {
  if (text.size() > kMostOctets)
    return fail(ErrorKind::limit, "expected at most {} octets of configuration, found {}", kMostOctets,
                text.size());
  AdviceFindings out;
  out.dialect = find_dialect(text);
  Lines lines = read_lines(text, out.dialect);
  check_age(text, now, out);
  Checker checker(lines, out.dialect, out);
  checker.check_sources();
  checker.check_switches();
  std::stable_sort(out.all.begin(), out.all.end(),
                   [](const AdviceFinding& a, const AdviceFinding& b) { return a.line < b.line; });
  return out;
}

}  // namespace zw::localroot
