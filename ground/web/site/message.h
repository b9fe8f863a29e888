// A request to a site and the answer to it, as values (RFC 9110).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "web/site/fields.h"

namespace zw {

/// HEAD is answered as GET, without what the server leaves out.
enum class WebMethod : std::uint8_t { get, post, put, patch, del };
std::string_view print(WebMethod method);

struct WebRequest {
  WebMethod method = WebMethod::get;
  std::string path;                 // decoded; begins with a slash
  std::vector<std::string> places;  // what stands where the route has {…}, in order
  WebFields query, cookies;
  WebFields form;    // of a body that is one
  std::string body;  // of any other type
  // Header fields, empty if they did not come.
  std::string content_type, authorization, origin, fetch_site, user_agent, accept, host, if_none_match;
  Address peer;  // who asks; behind a trusted proxy, whom that names, with port 0
  bool is_tls = false;

  std::string_view place(std::size_t i) const { return i < places.size() ? places[i] : std::string_view(); }
  bool is_reading() const { return method == WebMethod::get; }
};

/// What is sent back. Everything that goes into a header field is checked when it is sent: a control
/// character there makes it a 500 of ours, so nobody can write fields of his own.
class WebResponse {
 public:
  WebResponse() = default;
  WebResponse(unsigned code, std::string text, std::string type = "text/plain; charset=utf-8")
      : status(code), body(std::move(text)), content_type(std::move(type)) {}

  static WebResponse html(std::string text, unsigned code = 200) {
    return {code, std::move(text), "text/html; charset=utf-8"};
  }
  static WebResponse json(std::string text, unsigned code = 200) {
    return {code, std::move(text), "application/json"};
  }
  /// To a place of our own: begins with one slash, without blanks and controls. Anything else becomes `/`, so
  /// that no form can send people elsewhere. 303 (RFC 9110 §15.4.4): the answer to a form.
  static WebResponse redirect(std::string_view to);

  WebResponse& field(std::string name, std::string value) {
    fields.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  /// With the prefix `__Host-` (RFC 6265bis §4.1.3.2), which browsers take over TLS only, for all paths of
  /// this host and no other, unseen by scripts and by requests from other sites. `lives`: zero removes it.
  WebResponse& cookie(std::string_view name, std::string_view value, std::chrono::seconds lives,
                      bool is_secure = true);

  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::string cache_control = "no-store";
  std::vector<std::pair<std::string, std::string>> fields;
};

/// The name of a cookie as browsers know it. On loopback without TLS there is no prefix: they would not take
/// it.
std::string cookie_name(std::string_view name, bool is_secure);

}  // namespace zw
