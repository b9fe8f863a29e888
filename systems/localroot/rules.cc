#include "localroot/rules.h"

#include <algorithm>

namespace zw::localroot {

std::shared_ptr<const Rules> make_rules(const Loaded& loaded, const CookieSecret& own_secret,
                                        std::size_t workers) {
  auto rules = std::make_shared<Rules>();
  const Config& config = loaded.config;
  if (config.nsid) rules->options.nsid.assign(config.nsid->begin(), config.nsid->end());
  rules->options.version = config.version.value_or("");
  rules->options.cookies.emplace(config.cookie_secret.value_or(own_secret));
  rules->rate_limits = config.rate_limit.divided(workers);
  rules->rate_secret = RateLimiter::secret_from(own_secret);
  rules->keys = loaded.keys;
  for (const ZoneConfig& zone : config.zones) {
    std::vector<AccessConfig> notify = zone.allow_notify;
    for (const PrimaryConfig& primary : zone.primaries)
      notify.push_back(
          {Network(primary.address.ip, primary.address.ip.is_v4() ? 32 : 128), primary.key, false, {}});
    rules->zones.push_back({zone.name, access_list(zone.allow_transfer), access_list(notify)});
    if (zone.most_members > 0) rules->catalogs.push_back(rules->zones.size() - 1);
  }
  return rules;
}

bool same_keys(const TsigKeyring& a, const TsigKeyring& b) {
  return std::equal(a.keys().begin(), a.keys().end(), b.keys().begin(), b.keys().end(),
                    [](const TsigKey& x, const TsigKey& y) {
                      return x.name() == y.name() && x.algorithm() == y.algorithm() &&
                             constant_time_equal(x.secret(), y.secret());
                    });
}

TcpLimits tcp_limits(const TcpConfig& config) {
  TcpLimits limits;
  limits.connections = config.connections;
  limits.of_client = config.of_client;
  limits.idle = config.idle;
  limits.keep_alive = std::max(limits.keep_alive, limits.idle);
  return limits;
}

}  // namespace zw::localroot
