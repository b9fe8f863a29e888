#include "web/http_server.h"

#include <fmt/format.h>

#include "net/socket.h"
#include "web/micro.h"

namespace zw {
namespace {

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
        MHD_OPTION_UNESCAPE_CALLBACK, &unescape_http_path, nullptr, MHD_OPTION_NOTIFY_COMPLETED,
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

  static void completed(void*, MHD_Connection*, void** request, MHD_RequestTerminationCode) {
    std::unique_ptr<IgnoredBody> ended(static_cast<IgnoredBody*>(*request));
    *request = nullptr;
  }

  /// Called first when the header is there, then for each piece of a body, then once more. A response that is
  /// queued in the first call ends the connection, so the good case waits for the last one; a method that is
  /// not ours is answered in the first, so that nobody can make us read its body.
  MHD_Result step(MHD_Connection* connection, const char* url, const char* method, std::size_t* upload_size,
                  void** request) {
    if (!is_reading(method)) return respond_text(connection, {405, "only GET and HEAD are answered here\n"});
    auto* body = static_cast<IgnoredBody*>(*request);
    if (!body) {
      *request = std::make_unique<IgnoredBody>().release();
      return MHD_YES;
    }
    if (*upload_size > 0) return body->take(upload_size) ? MHD_YES : MHD_NO;
    HttpResponse response = answer(connection, url);
    return respond_text(connection, {response.status, response.body, response.content_type});
  }

  HttpResponse answer(MHD_Connection* connection, const char* url) const {
    auto handler = handlers_.find(url);
    if (handler != handlers_.end()) return handler->second({url, http_peer(connection)});
    std::string known;
    for (const auto& [path, unused] : handlers_) known += " " + path;
    return {404, fmt::format("not found; there is:{}\n", known)};
  }

  Address at_;
  std::map<std::string, HttpHandler> handlers_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::make(const Address& at,
                                                     std::map<std::string, HttpHandler> handlers,
                                                     const HttpLimits& limits) {
  ZW_TRY(Descriptor listener, open_http_listener(at, false));
  ZW_TRY(Address bound, local_address(listener.get()));
  auto server = std::make_unique<MicroHttpServer>(bound, std::move(handlers));
  ZW_CHECK(server->start(std::move(listener), limits));
  return server;
}

}  // namespace zw
