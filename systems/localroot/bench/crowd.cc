#include "localroot/bench/crowd.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/random.h"

namespace zw::localroot {

Result<Crowd> Crowd::make(const CrowdPlan& plan) {
  if (plan.size == 0 || plan.size > kMost)
    return fail(ErrorKind::limit, "from 1 to {} targets, found {}", kMost, plan.size);
  if (plan.size > plan.addresses.size())
    return fail(ErrorKind::limit, "{} holds {} addresses, {} targets need more", plan.addresses.print(),
                plan.addresses.size(), plan.size);
  if (plan.port == 0 || plan.dead_port == 0 || plan.port == plan.dead_port)
    return fail(ErrorKind::malformed, "the dead need a port of their own, and neither is 0");
  Crowd crowd(plan);
  crowd.roles_.reserve(plan.size);
  for (auto [role, share] :
       {std::pair(CrowdRole::dead, plan.dead), std::pair(CrowdRole::refuses, plan.refusing),
        std::pair(CrowdRole::slow, plan.slow)}) {
    auto count = static_cast<std::size_t>(std::llround(share * static_cast<double>(plan.size)));
    if (crowd.roles_.size() + count > plan.size)
      return fail(ErrorKind::limit, "the dead, the refusing and the slow are more than 100 percent");
    crowd.roles_.insert(crowd.roles_.end(), count, role);
    crowd.counts_[static_cast<std::size_t>(role)] = count;
  }
  crowd.counts_[static_cast<std::size_t>(CrowdRole::answers)] = plan.size - crowd.roles_.size();
  crowd.roles_.resize(plan.size, CrowdRole::answers);
  Splitmix random(plan.seed);
  for (std::size_t i = plan.size - 1; i > 0; --i)
    std::swap(crowd.roles_[i], crowd.roles_[static_cast<std::size_t>(random.below(i + 1))]);
  return crowd;
}

std::optional<std::size_t> Crowd::find(const Address& at) const {
  auto i = plan_.addresses.find(at.ip);
  if (!i || *i >= size() || this->at(*i).port != at.port) return std::nullopt;
  return i;
}

// ---- for other servers ------------------------------------------------------------------------------------

namespace {

constexpr std::pair<std::string_view, CrowdFormat> kFormats[] = {
    {"zonewright", CrowdFormat::zonewright},
    {"bind", CrowdFormat::bind},
    {"knot", CrowdFormat::knot},
    {"nsd", CrowdFormat::nsd},
    {"powerdns", CrowdFormat::powerdns},
};

constexpr std::size_t kKnotGroup = 1000;  // a list in its configuration holds some thousands

template <typename Print>
std::string print_each(const Crowd& crowd, Print print) {
  std::string out;
  for (std::size_t i = 0; i < crowd.size(); ++i) print(out, i, crowd.at(i));
  return out;
}

std::string print_knot(const Crowd& crowd, std::string_view key) {
  std::string signing = key.empty() ? "" : fmt::format("\n    key: {}", key);
  std::string out = "remote:\n" + print_each(crowd, [&](std::string& to, std::size_t i, const Address& at) {
                      to += fmt::format("  - id: t{}\n    address: {}{}\n", i, at.print(), signing);
                    });
  out += "remotes:\n";
  std::string groups;
  for (std::size_t begin = 0; begin < crowd.size(); begin += kKnotGroup) {
    out += fmt::format("  - id: g{}\n    remote: [", begin);
    std::size_t end = std::min(begin + kKnotGroup, crowd.size());
    for (std::size_t i = begin; i < end; ++i) out += fmt::format("{}t{}", i > begin ? ", " : "", i);
    out += "]\n";
    groups += fmt::format("{}g{}", begin > 0 ? ", " : "", begin);
  }
  return out + fmt::format("# of the zone:\n    notify: [{}]\n", groups);
}

}  // namespace

std::optional<CrowdFormat> parse_crowd_format(std::string_view text) {
  for (auto [name, format] : kFormats)
    if (name == text) return format;
  return std::nullopt;
}

std::string print_crowd_formats() {
  std::string out;
  for (auto [name, format] : kFormats) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  return out;
}

std::string print_targets(const Crowd& crowd, CrowdFormat format, std::string_view key) {
  using Out = std::string&;
  switch (format) {
    case CrowdFormat::zonewright: {
      std::string signing = key.empty() ? "" : fmt::format("key = \"{}\"\n", key);
      return "# behind the [[zone]]:\n" + print_each(crowd, [&](Out out, std::size_t, const Address& at) {
               out += fmt::format("[[zone.subscriber]]\naddress = \"{}\"\n{}", at.print(), signing);
             });
    }
    case CrowdFormat::bind: {
      std::string signing = key.empty() ? "" : fmt::format(" key \"{}\"", key);
      return "// in the zone:\nnotify explicit;\nalso-notify {\n" +
             print_each(crowd,
                        [&](Out out, std::size_t, const Address& at) {
                          out += fmt::format("  {} port {}{};\n", at.ip.print(), at.port, signing);
                        }) +
             "};\n";
    }
    case CrowdFormat::nsd:
      return "# of the zone:\n" + print_each(crowd, [&](Out out, std::size_t, const Address& at) {
               out += fmt::format("  notify: {} {}\n", at.print(), key.empty() ? "NOKEY" : key);
             });
    case CrowdFormat::powerdns:
      // It signs nothing that it sends to these.
      return "also-notify=" +
             print_each(crowd,
                        [&](Out out, std::size_t i, const Address& at) {
                          bool v4 = at.ip.is_v4();
                          out += fmt::format("{}{}{}{}:{}", i > 0 ? "," : "", v4 ? "" : "[", at.ip.print(),
                                             v4 ? "" : "]", at.port);
                        }) +
             "\n";
    case CrowdFormat::knot: break;
  }
  return print_knot(crowd, key);
}

}  // namespace zw::localroot
