// Asking an HTTP server that we run ourselves. libcurl behind it.
#pragma once

#include <chrono>

#include "web/http_server.h"

namespace zw {

/// GET `path` over plain HTTP and waits. Follows no redirect and uses no proxy. Any status is an answer.
/// Fails with `refused` if nobody listens, `timeout`, `limit` above `most` octets of body, or `io`.
Result<HttpResponse> http_get(const Address& at, const std::string& path, std::chrono::milliseconds timeout,
                              std::size_t most = 16 << 20);

}  // namespace zw
