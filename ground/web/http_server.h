// A small HTTP listener for what a running program tells about itself: GET and HEAD of fixed paths (RFC 9110,
// HTTP/1.1 by RFC 9112). One thread of its own; libmicrohttpd behind it, and nowhere else.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dns/address.h"

namespace zw {

struct HttpRequest {
  std::string_view path;  // decoded, without the query
  Address peer;
};

struct HttpResponse {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

/// Called on the listener's thread, one at a time; what it reads of other threads is its own care. Should be
/// quick.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpLimits {
  unsigned connections = 64;
  unsigned of_client = 32;
  std::chrono::seconds idle{10};
  std::size_t memory = 32 << 10;  // of one connection: the request with its header must fit
};

class HttpServer {
 public:
  /// Listens at once. `handlers`: by path, such as `/metrics`; what is no path of theirs is 404, another
  /// method 405. Port 0 becomes a free one.
  static Result<std::unique_ptr<HttpServer>> make(const Address& at,
                                                  std::map<std::string, HttpHandler> handlers,
                                                  const HttpLimits& limits = {});
  virtual ~HttpServer() = default;  // ends all connections and waits for the thread
  virtual Address listening() const = 0;
};

}  // namespace zw
