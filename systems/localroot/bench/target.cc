#include "localroot/bench/target.h"

#include <algorithm>

#include "localroot/config.h"

namespace zw::localroot {
namespace {

constexpr unsigned kMostBits = 24;

std::size_t width_of(const IpAddress& ip) { return ip.octets().size() * 8; }

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  ZW_TRY(Network network, Network::parse(text));
  auto free_bits = static_cast<unsigned>(width_of(network.first())) - network.bits();
  if (free_bits > kMostBits)
    return fail(ErrorKind::limit, "{} holds more than 2^{} addresses", text, kMostBits);
  std::uint64_t all = std::uint64_t{1} << free_bits;
  std::uint64_t skipped = all > 2 ? 1 : 0;
  return AddressRange(network, all - 2 * skipped, skipped);
}

IpAddress AddressRange::at(std::uint64_t i) const {
  Bytes first = network_.first().octets();
  std::uint8_t octets[16];
  std::copy(first.begin(), first.end(), octets);
  // No carry: the free bits are those at the end.
  set32(octets + first.size() - 4,
        get32(octets + first.size() - 4) | static_cast<std::uint32_t>(skipped_ + i % size_));
  return network_.first().is_v4() ? IpAddress::v4(octets) : IpAddress::v6(octets);
}

std::optional<std::uint64_t> AddressRange::find(const IpAddress& ip) const {
  if (!network_.contains(ip)) return std::nullopt;
  Bytes octets = ip.octets(), first = network_.first().octets();
  std::uint64_t place = get32(octets.data() + octets.size() - 4) - get32(first.data() + first.size() - 4);
  if (place < skipped_ || place - skipped_ >= size_) return std::nullopt;
  return place - skipped_;
}

Result<void> check_target(const Address& target, const std::optional<AddressRange>& sources,
                          bool allow_remote) {
  if (target.port == 0) return fail(ErrorKind::malformed, "{}: a server has no port 0", target.print());
  if (sources && sources->at(0).is_v4() != target.ip.is_v4())
    return fail(ErrorKind::malformed, "{} is reached from no address of {}: they are of two families",
                target.print(), sources->print());
  if (allow_remote) return {};
  if (!target.ip.is_loopback())
    return fail(ErrorKind::refused, "{} is not on loopback; if it is yours to load, say --allow-remote",
                target.print());
  if (sources && !sources->is_loopback())
    return fail(ErrorKind::refused, "{} is not on loopback; if it is yours, say --allow-remote",
                sources->print());
  return {};
}

Result<TsigKey> read_key(std::string_view text) {
  constexpr auto kForm = "a key is NAME:ALGORITHM:FILE, and the file holds the secret in base 64";
  auto first = text.find(':');
  auto second = first == text.npos ? text.npos : text.find(':', first + 1);
  if (second == text.npos) return fail(ErrorKind::malformed, "{}", kForm);
  auto algorithm = parse_tsig_algorithm(text.substr(first + 1, second - first - 1));
  if (!algorithm) return fail(ErrorKind::unsupported, "{}; this algorithm is unknown", kForm);
  KeyConfig key;
  key.name = text.substr(0, first);
  key.algorithm = *algorithm;
  key.secret_file = text.substr(second + 1);
  return make_key(key);
}

}  // namespace zw::localroot
