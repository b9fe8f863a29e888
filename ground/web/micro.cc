#include "web/micro.h"

#include <fmt/format.h>

#include <cstring>

#include "net/socket.h"

namespace zw {
namespace {

constexpr std::size_t kMostIgnored = 64 << 10;
constexpr int kBacklog = 512;

}  // namespace

Result<Descriptor> open_http_listener(const Address& at, bool shared) {
  Descriptor fd(socket(at.ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno(at.print());
  SocketAddress address(at);
  if (!at.ip.is_v4()) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (shared) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (bind(fd.get(), &address.any, address.size) != 0 || listen(fd.get(), kBacklog) != 0)
    return fail_errno(fmt::format("listening at {}", at.print()));
  return fd;
}

std::size_t unescape_http_path(void*, MHD_Connection*, char* text) {
  return std::strstr(text, "%00") ? std::strlen(text) : MHD_http_unescape(text);
}

Address http_peer(const sockaddr* from) {
  SocketAddress address;
  if (!from) return {};
  bool v6 = from->sa_family == AF_INET6;
  std::memcpy(&address.any, from, v6 ? sizeof address.v6 : sizeof address.v4);
  return address.address();
}

Address http_peer(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return http_peer(info ? info->client_addr : nullptr);
}

bool is_reading(const char* method) {
  return std::strcmp(method, MHD_HTTP_METHOD_GET) == 0 || std::strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

bool IgnoredBody::take(std::size_t* upload_size) {
  taken_ += std::exchange(*upload_size, 0);
  return taken_ <= kMostIgnored;
}

MHD_Result respond_text(MHD_Connection* connection, const HttpText& text,
                        std::initializer_list<std::pair<const char*, std::string>> more) {
  MHD_Response* out = MHD_create_response_from_buffer(text.body.size(), const_cast<char*>(text.body.data()),
                                                      MHD_RESPMEM_MUST_COPY);
  if (!out) return MHD_NO;
  MHD_add_response_header(out, MHD_HTTP_HEADER_CONTENT_TYPE, std::string(text.content_type).c_str());
  MHD_add_response_header(out, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
  if (text.status == MHD_HTTP_METHOD_NOT_ALLOWED)
    MHD_add_response_header(out, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  for (const auto& [name, value] : more) MHD_add_response_header(out, name, value.c_str());
  MHD_Result queued = MHD_queue_response(connection, text.status, out);
  MHD_destroy_response(out);
  return queued;
}

}  // namespace zw
