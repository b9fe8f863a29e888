#include "web/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

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
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, whichever thread is first
  std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  std::string url = url_of(at, path);
  if (ready != CURLE_OK || !curl) return fail(ErrorKind::io, "{}: the HTTP client did not start", url);
  Body body{{}, most};
  auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  set(CURLOPT_WRITEFUNCTION, &take);
  set(CURLOPT_WRITEDATA, &body);
  if (CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) return failure(code, body, url);
  long status = 0;
  const char* type = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
  return HttpResponse{static_cast<unsigned>(status), std::move(body.octets), type ? type : ""};
}

}  // namespace zw
