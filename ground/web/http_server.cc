#include "web/http_server.h"

#include <fmt/format.h>
#include <microhttpd.h>

#include <cstring>

#include "net/socket.h"

namespace zw {
namespace {

constexpr std::size_t kMaxIgnoredUpload =
    64 << 10;  // a GET may have a body, which means nothing (RFC 9110 §9.3.1)

Result<Descriptor> open_listener(const Address& at) {
  Descriptor fd(socket(at.ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno(at.print());
  SocketAddress address(at);
  if (!at.ip.is_v4()) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (bind(fd.get(), &address.any, address.size) != 0 || listen(fd.get(), 64) != 0)
    return fail_errno(fmt::format("listening at {}", at.print()));
  return fd;
}

/// What we remember of a request between the calls of the library.
struct Progress {
  std::size_t ignored = 0;
};

class MicroHttpServer final : public HttpServer {
 public:
  MicroHttpServer(Address at, std::map<std::string, HttpHandler> handlers)
      : at_(at), handlers_(std::move(handlers)) {}
  ~MicroHttpServer() override {
    if (daemon_) MHD_stop_daemon(daemon_);
  }
  Address listening() const override { return at_; }

  Result<void> start(Descriptor listener, const HttpLimits& limits) {
    int fd = listener.get();
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr, &MicroHttpServer::called, this,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, limits.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.of_client, MHD_OPTION_CONNECTION_TIMEOUT,
        static_cast<unsigned>(limits.idle.count()), MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.memory,
        MHD_OPTION_UNESCAPE_CALLBACK, &MicroHttpServer::unescape, nullptr, MHD_OPTION_NOTIFY_COMPLETED,
        &MicroHttpServer::completed, this, MHD_OPTION_END);
    if (!daemon_) return fail(ErrorKind::io, "{}: the HTTP listener did not start", at_.print());
    listener.release();  // the library closes it
    return {};
  }

 private:
  static MHD_Result called(void* self, MHD_Connection* connection, const char* url, const char* method,
                           const char*, const char*, std::size_t* upload_size, void** request) {
    return static_cast<MicroHttpServer*>(self)->step(connection, url, method, upload_size, request);
  }

  /// A NUL would end the path early for us and nobody else: a path with one stays as it was sent.
  static std::size_t unescape(void*, MHD_Connection*, char* text) {
    return std::strstr(text, "%00") ? std::strlen(text) : MHD_http_unescape(text);
  }

  static void completed(void*, MHD_Connection*, void** request, MHD_RequestTerminationCode) {
    std::unique_ptr<Progress> ended(static_cast<Progress*>(*request));
    *request = nullptr;
  }

  /// Called first when the header is there, then for each piece of a body, then once more. A response that is
  /// queued in the first call ends the connection, so the good case waits for the last one; a method that is
  /// not ours is answered in the first, so that nobody can make us read its body.
  MHD_Result step(MHD_Connection* connection, const char* url, const char* method, std::size_t* upload_size,
                  void** request) {
    bool ours = std::strcmp(method, "GET") == 0 || std::strcmp(method, "HEAD") == 0;
    if (!ours) return respond(connection, {405, "only GET and HEAD are answered here\n"});
    auto* progress = static_cast<Progress*>(*request);
    if (!progress) {
      *request = std::make_unique<Progress>().release();
      return MHD_YES;
    }
    if (*upload_size > 0) {
      progress->ignored += std::exchange(*upload_size, 0);
      return progress->ignored > kMaxIgnoredUpload ? MHD_NO : MHD_YES;
    }
    return respond(connection, answer(connection, url));
  }

  HttpResponse answer(MHD_Connection* connection, const char* url) const {
    auto handler = handlers_.find(url);
    if (handler != handlers_.end()) return handler->second({url, peer_of(connection)});
    std::string known;
    for (const auto& [path, unused] : handlers_) known += " " + path;
    return {404, fmt::format("not found; there is:{}\n", known)};
  }

  static Address peer_of(MHD_Connection* connection) {
    const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    SocketAddress address;
    if (!info || !info->client_addr) return {};
    bool v6 = info->client_addr->sa_family == AF_INET6;
    std::memcpy(&address.any, info->client_addr, v6 ? sizeof address.v6 : sizeof address.v4);
    return address.address();
  }

  static MHD_Result respond(MHD_Connection* connection, HttpResponse response) {
    MHD_Response* out =
        MHD_create_response_from_buffer(response.body.size(), response.body.data(), MHD_RESPMEM_MUST_COPY);
    if (!out) return MHD_NO;
    MHD_add_response_header(out, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
    MHD_add_response_header(out, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
    if (response.status == 405) MHD_add_response_header(out, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    MHD_Result queued = MHD_queue_response(connection, response.status, out);
    MHD_destroy_response(out);
    return queued;
  }

  Address at_;
  std::map<std::string, HttpHandler> handlers_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::make(const Address& at,
                                                     std::map<std::string, HttpHandler> handlers,
                                                     const HttpLimits& limits) {
  ZW_TRY(Descriptor listener, open_listener(at));
  ZW_TRY(Address bound, local_address(listener.get()));
  auto server = std::make_unique<MicroHttpServer>(bound, std::move(handlers));
  ZW_CHECK(server->start(std::move(listener), limits));
  return server;
}

}  // namespace zw
