#include "web/site/message.h"

#include <fmt/format.h>

#include <algorithm>

namespace zw {

std::string_view print(WebMethod method) {
  switch (method) {
    case WebMethod::get: return "GET";
    case WebMethod::post: return "POST";
    case WebMethod::put: return "PUT";
    case WebMethod::patch: return "PATCH";
    case WebMethod::del: return "DELETE";
  }
  return "?";
}

WebResponse WebResponse::redirect(std::string_view to) {
  // `//host` and `/\host` lead elsewhere, and browsers take controls out before they look.
  auto is_control = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  bool ours = to.starts_with('/') && !to.starts_with("//") && to.find('\\') == to.npos &&
              std::ranges::none_of(to, is_control);
  WebResponse out(303, "");
  out.field("Location", ours ? std::string(to) : "/");
  return out;
}

std::string cookie_name(std::string_view name, bool is_secure) {
  return fmt::format("{}{}", is_secure ? "__Host-" : "", name);
}

WebResponse& WebResponse::cookie(std::string_view name, std::string_view value, std::chrono::seconds lives,
                                 bool is_secure) {
  return field("Set-Cookie",
               fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
                           cookie_name(name, is_secure), value, lives.count(), is_secure ? "; Secure" : ""));
}

}  // namespace zw
