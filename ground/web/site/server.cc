#include "web/site/server.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <set>

#include "net/socket.h"
#include "os/clock.h"
#include "web/http_fields.h"
#include "web/micro.h"
#include "web/site/connection_watch.h"

namespace zw {
namespace {

constexpr std::size_t kMostIgnored = 1 << 20;  // of a body that is too long; beyond, the connection ends
constexpr std::chrono::seconds kGrace{5};

constexpr std::pair<const char*, const char*> kSecurityFields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
     "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    // Not `no-referrer`: with that, browsers say `Origin: null` of our own forms.
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
};
constexpr auto kStrictTransport = "max-age=31536000";

std::optional<WebMethod> parse_method(std::string_view method) {
  if (method == MHD_HTTP_METHOD_HEAD) return WebMethod::get;
  for (WebMethod known : {WebMethod::get, WebMethod::post, WebMethod::put, WebMethod::patch, WebMethod::del})
    if (method == print(known)) return known;
  return std::nullopt;
}

bool is_field_text(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

/// One request that waits for its answer, which may come from any thread.
struct Pending {
  std::mutex mutex;
  MHD_Connection* connection = nullptr;  // while it is suspended
  std::optional<WebResponse> response;

  void give(WebResponse made) {
    std::lock_guard lock(mutex);
    if (response) return;
    response = std::move(made);
    if (auto* waits = std::exchange(connection, nullptr)) MHD_resume_connection(waits);
  }
};

/// What a WebAnswer holds: its end without an answer is one.
struct AnswerHandle {
  std::shared_ptr<Pending> pending;
  WebResponse otherwise;
  ~AnswerHandle() { pending->give(std::move(otherwise)); }
};

struct Exchange {
  std::string target;  // path and query, as they came
  bool has_header = false;
  WebRequest request;
  WebRouter::Found found;
  std::optional<WebResponse> early;  // decided without a handler
  std::size_t taken = 0;
  std::shared_ptr<Pending> pending;  // once the handler was asked
};

class MicroSiteServer final : public SiteServer {
 public:
  MicroSiteServer(Address at, std::shared_ptr<const WebRouter> router, Explain explain, bool is_tls,
                  const SiteLimits& limits)
      : at_(at),
        router_(std::move(router)),
        explain_(std::move(explain)),
        is_tls_(is_tls),
        limits_(limits),
        watch_({limits.connections, limits.of_client, limits.request, limits.of_proxy, limits.trust}) {}

  ~MicroSiteServer() override {
    if (!daemon_) return;
    stopping_ = true;
    MHD_socket listener = MHD_quiesce_daemon(daemon_);
    {
      std::unique_lock lock(mutex_);
      all_given_.wait_for(lock, kGrace, [&] { return pending_.empty(); });
      // The library must not be ended with somebody suspended.
      for (const auto& pending : pending_) pending->give(explain_(503, "The server is ending."));
    }
    MHD_stop_daemon(daemon_);
    if (listener != MHD_INVALID_SOCKET) ::close(listener);
  }

  Address listening() const override { return at_; }
  SiteCounts counts() const override { return {requests_, watch_.refused(), watch_.displaced()}; }

  Result<void> start(Descriptor listener, const HttpsIdentityPtr& identity) {
    std::string certificates, key;
    if (identity) {
      certificates.assign(identity->certificates.begin(), identity->certificates.end());
      key.assign(identity->key.begin(), identity->key.end());
    }
    unsigned threads = std::max(1u, limits_.threads);
    // Not epoll: of TLS see download_server.cc, and where libmicrohttpd 0.9.75 is told to accept nobody more,
    // it takes the socket out of its epoll on two threads, of which the second ends the program.
    unsigned flags = MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_POLL_INTERNAL_THREAD;
    if (identity) flags |= MHD_USE_TLS;
    std::vector<MHD_OptionItem> options;
    auto option = [&](MHD_OPTION what, std::intptr_t value, const void* pointer = nullptr) {
      options.push_back({what, value, const_cast<void*>(pointer)});
    };
    option(MHD_OPTION_LISTEN_SOCKET, listener.get());
    option(MHD_OPTION_CONNECTION_LIMIT,
           static_cast<std::intptr_t>(limits_.connections + ConnectionWatch::kSlack + threads));
    option(MHD_OPTION_CONNECTION_TIMEOUT, limits_.idle.count());
    option(MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<std::intptr_t>(limits_.memory));
    option(MHD_OPTION_CONNECTION_MEMORY_INCREMENT, 1024);
    if (threads > 1) option(MHD_OPTION_THREAD_POOL_SIZE, threads);
    if (identity) {
      option(MHD_OPTION_HTTPS_MEM_CERT, 0, certificates.c_str());
      option(MHD_OPTION_HTTPS_MEM_KEY, 0, key.c_str());
      option(MHD_OPTION_HTTPS_PRIORITIES, 0, kHttpsPriorities);
    }
    option(MHD_OPTION_END, 0);
    daemon_ = MHD_start_daemon(flags, 0, &MicroSiteServer::may_connect, this, &MicroSiteServer::called, this,
                               MHD_OPTION_ARRAY, options.data(), MHD_OPTION_URI_LOG_CALLBACK,
                               &MicroSiteServer::begin, this, MHD_OPTION_UNESCAPE_CALLBACK,
                               &MicroSiteServer::leave_escaped, nullptr, MHD_OPTION_NOTIFY_CONNECTION,
                               &MicroSiteServer::connection_changed, this, MHD_OPTION_NOTIFY_COMPLETED,
                               &MicroSiteServer::completed, this, MHD_OPTION_END);
    wipe(MutableBytes(reinterpret_cast<std::uint8_t*>(key.data()), key.size()));
    if (!daemon_) return fail(ErrorKind::io, "{}: the HTTP listener did not start", at_.print());
    listener.release();
    return {};
  }

 private:
  using Watched = ConnectionWatch::Entry;

  // ---- connections ----

  static MHD_Result may_connect(void* self, const sockaddr* address, socklen_t) {
    auto& server = *static_cast<MicroSiteServer*>(self);
    return server.watch_.may_open(http_peer(address).ip, server.clock_.steady()) ? MHD_YES : MHD_NO;
  }

  static void connection_changed(void* self, MHD_Connection* connection, void** watched,
                                 MHD_ConnectionNotificationCode what) {
    auto& server = *static_cast<MicroSiteServer*>(self);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
      *watched = server.watch_.opened(info->connect_fd, http_peer(connection).ip, server.clock_.steady());
    } else if (*watched) {
      server.watch_.closed(static_cast<Watched*>(*watched));
      *watched = nullptr;
    }
  }

  static Watched* watched(MHD_Connection* connection) {
    return static_cast<Watched*>(
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
  }

  // ---- requests ----

  /// What came is taken apart by us: the library would cut the path at an escaped NUL, and not tell `+`
  /// apart.
  static std::size_t leave_escaped(void*, MHD_Connection*, char* text) { return std::strlen(text); }

  static void* begin(void*, const char* target, MHD_Connection*) {
    auto exchange = std::make_unique<Exchange>();
    exchange->target = target;
    return exchange.release();  // until completed()
  }

  static void completed(void* self, MHD_Connection* connection, void** kept, MHD_RequestTerminationCode) {
    auto& server = *static_cast<MicroSiteServer*>(self);
    std::unique_ptr<Exchange> ended(static_cast<Exchange*>(*kept));
    *kept = nullptr;
    if (auto* entry = watched(connection)) server.watch_.answered(entry, server.clock_.steady());
    if (ended && ended->pending) server.forget(ended->pending);
  }

  void forget(const std::shared_ptr<Pending>& pending) {
    std::lock_guard lock(mutex_);
    pending_.erase(pending);
    if (pending_.empty()) all_given_.notify_all();
  }

  static MHD_Result called(void* self, MHD_Connection* connection, const char*, const char* method,
                           const char*, const char* piece, std::size_t* size, void** kept) {
    auto& server = *static_cast<MicroSiteServer*>(self);
    auto& exchange = *static_cast<Exchange*>(*kept);
    if (!exchange.has_header) return server.take_header(connection, method, exchange);
    if (*size > 0) return server.take_body({piece, std::exchange(*size, 0)}, exchange);
    if (exchange.pending) return server.finish(connection, exchange);
    return server.ask(connection, exchange);
  }

  /// A response that is queued here ends the connection, and the body stays unread. So only bodies that are
  /// not wanted are answered here.
  MHD_Result take_header(MHD_Connection* connection, const char* method, Exchange& exchange) {
    exchange.has_header = true;
    read_header(connection, exchange.request);
    auto known = parse_method(method);
    std::string_view target = exchange.target;
    std::string_view path = target.substr(0, target.find('?'));
    if (!known) {
      exchange.early = explain(exchange, 501, "This method is not known here.");
    } else {
      exchange.request.method = *known;
      exchange.found = router_->find(*known, path);
      read_target(path, target.substr(path.size()), exchange);
    }
    if (!exchange.early && !exchange.found.route) exchange.early = explain_missing(exchange);
    if (!exchange.early && announced(connection) > exchange.found.route->most_body)
      exchange.early = explain(exchange, 413, "What was sent is too long.");
    bool comes_body = announced(connection) > 0 || !exchange.request.is_reading();
    return exchange.early && comes_body ? send(connection, *exchange.early) : MHD_YES;
  }

  static std::size_t announced(MHD_Connection* connection) {
    const char* length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length ? std::strtoull(length, nullptr, 10) : 0;
  }

  WebResponse explain(const Exchange& exchange, unsigned status, std::string_view what) const {
    const Explain* own = router_->explain(exchange.target);
    return own ? (*own)(status, what) : explain_(status, what);
  }

  WebResponse explain_missing(const Exchange& exchange) const {
    if (exchange.found.methods.empty()) return explain(exchange, 404, "There is no such page.");
    std::string methods;
    for (WebMethod method : exchange.found.methods)
      methods += fmt::format("{}{}", methods.empty() ? "" : ", ", print(method));
    return explain(exchange, 405, "This page is not for that.").field(MHD_HTTP_HEADER_ALLOW, methods);
  }

  void read_header(MHD_Connection* connection, WebRequest& request) const {
    request.peer = http_peer(connection);
    request.is_tls = is_tls_;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &MicroSiteServer::take_field, &request);
    if (limits_.trust.trusts(request.peer.ip)) {
      Forwarding forwarding{print(limits_.trust.field), {}};
      MHD_get_connection_values(connection, MHD_HEADER_KIND, &MicroSiteServer::take_forwarding, &forwarding);
      IpAddress client = client_behind(request.peer.ip, forwarding.value, limits_.trust);
      if (client != request.peer.ip) request.peer = {client, 0};
    }
  }

  /// A field that may come several times, which is the same as once with commas (RFC 9110 §5.3).
  struct Forwarding {
    std::string_view name;
    std::string value;
  };
  static MHD_Result take_forwarding(void* to, MHD_ValueKind, const char* name, const char* value) {
    auto& forwarding = *static_cast<Forwarding*>(to);
    if (value && forwarding.name.size() == std::strlen(name) && strcasecmp(name, forwarding.name.data()) == 0)
      forwarding.value += (forwarding.value.empty() ? "" : ",") + std::string(value);
    return MHD_YES;
  }

  static MHD_Result take_field(void* to, MHD_ValueKind, const char* name, const char* value) {
    static constexpr std::pair<const char*, std::string WebRequest::*> kFields[] = {
        {MHD_HTTP_HEADER_CONTENT_TYPE, &WebRequest::content_type},
        {MHD_HTTP_HEADER_AUTHORIZATION, &WebRequest::authorization},
        {MHD_HTTP_HEADER_ORIGIN, &WebRequest::origin},
        {"Sec-Fetch-Site", &WebRequest::fetch_site},
        {MHD_HTTP_HEADER_USER_AGENT, &WebRequest::user_agent},
        {MHD_HTTP_HEADER_ACCEPT, &WebRequest::accept},
        {MHD_HTTP_HEADER_HOST, &WebRequest::host},
        {MHD_HTTP_HEADER_IF_NONE_MATCH, &WebRequest::if_none_match}};
    auto& request = *static_cast<WebRequest*>(to);
    if (!value) return MHD_YES;
    for (const auto& [wanted, field] : kFields)
      if (strcasecmp(name, wanted) == 0) request.*field = value;
    if (strcasecmp(name, MHD_HTTP_HEADER_COOKIE) == 0) request.cookies = WebFields::parse_cookies(value);
    return MHD_YES;
  }

  void read_target(std::string_view path, std::string_view query, Exchange& exchange) const {
    auto decoded = percent_decode(path);
    auto fields = WebFields::parse_form(query.empty() ? query : query.substr(1));
    if (!decoded || !fields || decoded->find('\0') != std::string::npos)
      exchange.early = explain(exchange, 400, "The address of this page cannot be read.");
    else
      exchange.request.path = std::move(*decoded), exchange.request.query = std::move(*fields);
    exchange.request.places = exchange.found.places;
  }

  MHD_Result take_body(std::string_view piece, Exchange& exchange) const {
    exchange.taken += piece.size();
    std::size_t most = exchange.found.route ? exchange.found.route->most_body : 0;
    if (exchange.taken > most && !exchange.early)
      exchange.early = explain(exchange, 413, "What was sent is too long.");
    if (exchange.early) return exchange.taken > kMostIgnored ? MHD_NO : MHD_YES;
    exchange.request.body += piece;
    return MHD_YES;
  }

  void read_form(Exchange& exchange) const {
    WebRequest& request = exchange.request;
    std::string_view type = request.content_type;
    constexpr std::string_view kForm = "application/x-www-form-urlencoded";
    if (strcasecmp(std::string(type.substr(0, type.find(';'))).c_str(), kForm.data()) != 0) return;
    WebFields::Limits limits;
    limits.value_octets = exchange.found.route->most_body;  // which the body is within
    auto form = WebFields::parse_form(request.body, limits);
    if (!form)
      exchange.early = explain(exchange, 400, form.error().what);
    else
      request.form = std::move(*form);
    request.body.clear();
  }

  MHD_Result ask(MHD_Connection* connection, Exchange& exchange) {
    ++requests_;
    if (auto* entry = watched(connection)) watch_.asked(entry);
    if (!exchange.early) read_form(exchange);
    if (exchange.early) return send(connection, *exchange.early);
    auto pending = std::make_shared<Pending>();
    exchange.pending = pending;
    {
      std::lock_guard lock(mutex_);
      pending_.insert(pending);
    }
    auto handle =
        std::make_shared<AnswerHandle>(pending, explain(exchange, 500, "Something went wrong here."));
    exchange.found.route->handler(exchange.request,
                                  [handle](WebResponse made) { handle->pending->give(std::move(made)); });
    handle.reset();
    std::unique_lock lock(pending->mutex);
    if (pending->response) {
      lock.unlock();
      return finish(connection, exchange);
    }
    pending->connection = connection;
    MHD_suspend_connection(connection);
    return MHD_YES;
  }

  MHD_Result finish(MHD_Connection* connection, Exchange& exchange) {
    WebResponse response;
    {
      std::lock_guard lock(exchange.pending->mutex);
      if (!exchange.pending->response) return MHD_YES;  // woken for another reason
      response = std::move(*exchange.pending->response);
    }
    if (is_unchanged(exchange.request, response)) response.status = 304, response.body.clear();
    return send(connection, response);
  }

  static bool is_unchanged(const WebRequest& request, const WebResponse& response) {
    if (request.if_none_match.empty() || response.status != 200 || !request.is_reading()) return false;
    for (const auto& [name, value] : response.fields)
      if (name == MHD_HTTP_HEADER_ETAG && value.size() > 2)
        return has_entity_tag(request.if_none_match, std::string_view(value).substr(1, value.size() - 2),
                              TagComparison::weak);
    return false;
  }

  // ---- responses ----

  MHD_Result send(MHD_Connection* connection, const WebResponse& response) const {
    for (const auto& [name, value] : response.fields)
      if (!is_field_text(name) || !is_field_text(value))
        return send(connection, explain_(500, "Something went wrong here."));
    MHD_Response* out = MHD_create_response_from_buffer(
        response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
    if (!out) return MHD_NO;
    auto add = [&](const char* name, const char* value) { MHD_add_response_header(out, name, value); };
    for (auto [name, value] : kSecurityFields) add(name, value);
    if (is_tls_) add("Strict-Transport-Security", kStrictTransport);
    add(MHD_HTTP_HEADER_CACHE_CONTROL, response.cache_control.c_str());
    if (!response.body.empty()) add(MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
    for (const auto& [name, value] : response.fields) add(name.c_str(), value.c_str());
    if (stopping_) add(MHD_HTTP_HEADER_CONNECTION, "close");
    MHD_Result queued = MHD_queue_response(connection, response.status, out);
    MHD_destroy_response(out);
    return queued;
  }

  const Address at_;
  const std::shared_ptr<const WebRouter> router_;
  const Explain explain_;
  const bool is_tls_;
  const SiteLimits limits_;
  const SystemClock clock_{};
  ConnectionWatch watch_;
  MHD_Daemon* daemon_ = nullptr;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> requests_ = 0;
  std::mutex mutex_;
  std::condition_variable all_given_;
  std::set<std::shared_ptr<Pending>> pending_;
};

}  // namespace

Result<std::unique_ptr<SiteServer>> SiteServer::make(const Address& at,
                                                     std::shared_ptr<const WebRouter> router, Explain explain,
                                                     const HttpsIdentityPtr& identity,
                                                     const SiteLimits& limits) {
  ZW_TRY(Descriptor listener, open_http_listener(at, false));
  ZW_TRY(Address bound, local_address(listener.get()));
  auto server = std::make_unique<MicroSiteServer>(bound, std::move(router), std::move(explain),
                                                  static_cast<bool>(identity), limits);
  ZW_CHECK(server->start(std::move(listener), identity));
  return server;
}

}  // namespace zw
