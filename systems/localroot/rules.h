// What a configuration makes of the rules that requests are answered by.
#pragma once

#include <memory>

#include "localroot/config.h"
#include "localroot/snapshot.h"
#include "net/tcp_service.h"

namespace zw::localroot {

/// `own_secret`: of cookies, unless the configuration has one. `workers`: that share the limits of rates.
std::shared_ptr<const Rules> make_rules(const Loaded& loaded, const CookieSecret& own_secret,
                                        std::size_t workers);
bool same_keys(const TsigKeyring& a, const TsigKeyring& b);
TcpLimits tcp_limits(const TcpConfig& config);

}  // namespace zw::localroot
