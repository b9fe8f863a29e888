#include "web/http_client.h"

#include <fmt/format.h>

#include "web/curl_handle.h"

namespace zw {
namespace {

struct Body {
  std::string octets;
  std::size_t most;
  bool too_large = false;
};

std::size_t take(char* data, std::size_t, std::size_t count, void* to) {
  auto* body = static_cast<Body*>(to);
  body->too_large = count > body->most - body->octets.size();
  if (body->too_large) return CURL_WRITEFUNC_ERROR;
  body->octets.append(data, count);
  return count;
}

std::string url_of(const Address& at, const std::string& path) {
  std::string host = at.ip.is_v4() ? at.ip.print() : "[" + at.ip.print() + "]";
  return fmt::format("http://{}:{}{}", host, at.port, path);
}

std::unexpected<Error> failure(CURLcode code, const Body& body, const std::string& url) {
  if (body.too_large) return fail(ErrorKind::limit, "{}: more than {} octets", url, body.most);
  auto kind = code == CURLE_COULDNT_CONNECT      ? ErrorKind::refused
              : code == CURLE_OPERATION_TIMEDOUT ? ErrorKind::timeout
                                                 : ErrorKind::io;
  return fail(kind, "{}: {}", url, curl_easy_strerror(code));
}

}  // namespace

Result<HttpResponse> http_get(const Address& at, const std::string& path, std::chrono::milliseconds timeout,
                              std::size_t most) {
  CurlHandle curl("http");
  std::string url = url_of(at, path);
  if (!curl) return fail(ErrorKind::io, "{}: the HTTP client did not start", url);
  Body body{{}, most};
  curl.set(CURLOPT_URL, url.c_str());
  curl.set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl.set(CURLOPT_WRITEFUNCTION, &take);
  curl.set(CURLOPT_WRITEDATA, &body);
  if (CURLcode code = curl.perform(); code != CURLE_OK) return failure(code, body, url);
  long status = curl.info<long>(CURLINFO_RESPONSE_CODE);
  const char* type = curl.info<const char*>(CURLINFO_CONTENT_TYPE);
  return HttpResponse{static_cast<unsigned>(status), std::move(body.octets), type ? type : ""};
}

}  // namespace zw
