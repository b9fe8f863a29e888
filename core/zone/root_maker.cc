#include <algorithm>

#include "zone/builder.h"
#include "zone/made_records.h"
#include "zone/maker.h"
#include "zone/punycode.h"

namespace zw {
namespace {

constexpr std::uint32_t kDelegationTtl = 172800, kDsTtl = 86400, kApexTtl = 518400;

// The entries of one label in the part that ICANN answers for; `*`, `!` and longer entries are no TLDs.
std::vector<std::string> top_level_labels(std::string_view suffix_list) {
  std::vector<std::string> labels;
  while (!suffix_list.empty()) {
    std::size_t end = std::min(suffix_list.find('\n'), suffix_list.size());
    std::string_view line = suffix_list.substr(0, end);
    suffix_list.remove_prefix(std::min(end + 1, suffix_list.size()));
    line = line.substr(0, line.find_first_of(" \t\r"));
    if (line.empty() || line.starts_with("//") || line.find_first_of(".*!") != std::string_view::npos)
      continue;
    if (auto label = ascii_label(line)) labels.push_back(std::move(*label));
  }
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

// A company that runs servers for many TLDs. Its hosts are in the zone once somebody uses them.
struct Operator {
  Name domain;
  std::size_t used = 0;
};

class RootMaker {
 public:
  RootMaker(std::uint64_t seed, std::string_view suffix_list)
      : random_(seed), labels_(random_), tlds_(top_level_labels(suffix_list)), popularity_(kOperators) {}

  ZonePtr make(std::size_t size) {
    choose(size);
    apex();
    for (std::size_t i = 0; i < kOperators && size > 0; ++i)
      operators_.push_back({child(labels_.next(), child(tlds_[random_.below(size)], {}))});
    for (const std::string& label : tlds_) delegation(child(label, {}));
    for (const Operator& one : operators_) hosts(one.domain, one.used);
    Findings findings;
    return *builder_.build(findings);
  }

 private:
  static constexpr std::size_t kOperators = 60;

  // Exactly `size` TLDs, from the list as far as it goes.
  void choose(std::size_t size) {
    while (tlds_.size() > size)
      tlds_.erase(tlds_.begin() + static_cast<std::ptrdiff_t>(random_.below(tlds_.size())));
    while (tlds_.size() < size) {
      std::vector<std::string> more = labels_.distinct(size - tlds_.size());
      tlds_.insert(tlds_.end(), more.begin(), more.end());
      std::sort(tlds_.begin(), tlds_.end());
      tlds_.erase(std::unique(tlds_.begin(), tlds_.end()), tlds_.end());
    }
  }

  void apex() {
    records_.soa({}, kFirstSerial, 86400);
    Name servers = *Name::parse("root-servers.net.");
    for (char letter = 'a'; letter <= 'm'; ++letter) {
      Name host = child(std::string_view(&letter, 1), servers);
      records_.ns({}, host, kApexTtl);
      records_.ipv4(host, kApexTtl);
      records_.ipv6(host, kApexTtl);
    }
  }

  static std::size_t drawn_count(Random& random) {
    static constexpr std::uint8_t kCounts[] = {2, 3, 4, 4, 4, 4, 4, 4, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6};
    return kCounts[random.below(std::size(kCounts))];
  }

  void delegation(const Name& tld) {
    std::size_t count = drawn_count(random_);
    if (happens(random_, 80)) {
      Name domain = child("nic", tld);
      servers(tld, domain, count);
      hosts(domain, count);
    } else {
      Operator& one = operators_[popularity_.draw(random_)];
      one.used = std::max(one.used, count);
      servers(tld, one.domain, count);
    }
    if (!happens(random_, 92)) return;
    records_.ds(tld, kDsTtl);
    if (happens(random_, 9)) records_.ds(tld, kDsTtl);
  }

  static Name host(NameView domain, std::size_t i) {
    char letter = static_cast<char>('a' + i);
    return child(std::string_view(&letter, 1), domain);
  }
  void servers(NameView tld, NameView domain, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) records_.ns(tld, host(domain, i), kDelegationTtl);
  }
  void hosts(NameView domain, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      records_.ipv4(host(domain, i), kDelegationTtl);
      if (happens(random_, 95)) records_.ipv6(host(domain, i), kDelegationTtl);
    }
  }

  Splitmix random_;
  MadeLabels labels_;
  std::vector<std::string> tlds_;
  Zipf popularity_;
  std::vector<Operator> operators_;
  ZoneBuilder builder_{NameView()};
  MadeRecords records_{random_, [this](NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
                         builder_.add(owner, type, ttl, rdata);
                       }};
};

}  // namespace

ZonePtr make_root_zone(std::uint64_t seed, std::size_t size, std::string_view suffix_list) {
  return RootMaker(seed, suffix_list).make(size);
}

}  // namespace zw
