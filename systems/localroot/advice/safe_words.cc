#include "localroot/advice/safe_words.h"

#include <algorithm>

#include "dns/address.h"
#include "format/utf8.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostPath = 255, kMostUrl = 1024;
constexpr std::string_view kHttps = "https://";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

Result<void> refuse(std::string_view what, std::string_view expected, std::string_view found) {
  return fail(ErrorKind::malformed, "{}: expected {}, found {}", what, expected, quote_foreign(found));
}

Result<void> refuse_url(std::string_view url) {
  // Without the path, which may be a secret.
  std::size_t path = url.find('/', std::min(url.size(), kHttps.size()));
  return refuse("the URL", "https://HOST/PATH of letters, digits and -._~", url.substr(0, path));
}

/// `host[:port]`, with brackets around IPv6; empty if it is something else.
std::string_view host_of(std::string_view authority) {
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else if (std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  bool good_port = port.empty() || (port.size() >= 2 && port.size() <= 6 && port[0] == ':' &&
                                    port.substr(1).find_first_not_of("0123456789") == std::string_view::npos);
  return good_port ? host : std::string_view{};
}

}  // namespace

Result<void> check_name(std::string_view what, NameView name) {
  std::string text = print(name);
  if (name.is_root() || (consists_of(text, "-_.") && text.front() != '-')) return {};
  return refuse(what, "a name of letters, digits, - and _", text);
}

Result<void> check_host_name(std::string_view what, std::string_view name) {
  auto parsed = Name::parse(name);
  if (parsed && !parsed->view().is_root() && check_name(what, *parsed)) return {};
  return refuse(what, "a host name", name);
}

Result<void> check_path(std::string_view what, std::string_view path) {
  bool good = path.starts_with('/') && path.size() > 1 && path.size() <= kMostPath &&
              consists_of(path, "/._+-") && path.find("/../") == std::string_view::npos &&
              !path.ends_with("/..") && path.find("//") == std::string_view::npos;
  if (good) return {};
  return refuse(what, "an absolute path of letters, digits and ._+-", path);
}

Result<void> check_url(std::string_view url, NameView zone) {
  if (!url.starts_with(kHttps) || url.size() > kMostUrl) return refuse_url(url);
  std::string_view rest = url.substr(kHttps.size());
  std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !consists_of(rest.substr(slash), "/-._~")) return refuse_url(url);
  std::string_view host = host_of(rest.substr(0, slash));
  if (IpAddress::parse(host)) return {};
  if (host.empty() || !check_host_name("the URL", host)) return refuse_url(url);
  if (!zone.is_root() && Name::parse(host)->view().is_at_or_below(zone))
    return fail(ErrorKind::malformed,
                "the URL is at {}, which is within the zone that is to be fetched: while there is no copy, "
                "there is no way to it",
                host);
  return {};
}

}  // namespace zw::localroot
