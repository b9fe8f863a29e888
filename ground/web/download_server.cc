#include "web/download_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "net/connection_table.h"
#include "net/socket.h"
#include "os/clock.h"
#include "web/micro.h"

namespace zw {
namespace {

constexpr std::size_t kPiece = 64 << 10;   // that a download takes from its file at a time
constexpr std::size_t kMemory = 32 << 10;  // of one connection: the request with its header must fit
constexpr Milliseconds kTendPeriod{100};
constexpr Milliseconds kStopPeriod{10};
constexpr const char* kRetryAfter = "60";  // seconds

bool is_same_file(int a, int b) {
  struct stat of_a{}, of_b{};
  return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

std::string text_of(const SecretBuffer& pem) { return std::string(pem.begin(), pem.end()); }

}  // namespace

struct DownloadServer::Shared {
  explicit Shared(OnEnd ended) : on_end(std::move(ended)) {}

  DownloadCataloguePtr catalogue() {
    std::lock_guard lock(mutex);
    return shown;
  }

  const OnEnd on_end;
  const SystemClock clock;
  ConnectionTable table{DownloadLimits{}.connections, DownloadLimits{}.of_client};
  std::atomic<std::size_t> running = 0;  // requests
  std::mutex mutex;
  DownloadCataloguePtr shown = std::make_shared<DownloadCatalogue>();
};

/// One address with one certificate: a daemon of the library.
class DownloadServer::Listener {
 public:
  /// Takes connections from the socket, beside others that do.
  Listener(std::shared_ptr<Shared> shared, std::shared_ptr<Descriptor> socket, const DownloadLimits& limits)
      : shared_(std::move(shared)), socket_(std::move(socket)), limits_(limits) {}
  ~Listener() {
    retire();
    if (daemon_) MHD_stop_daemon(daemon_);
    // If it did not start, the library has closed what it was lent, or has not.
    if (daemon_ || is_same_file(lent_, socket_->get())) ::close(lent_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<void> start(const HttpsIdentity& identity) {
    std::string certificates = text_of(identity.certificates), key = text_of(identity.key);
    unsigned threads = std::max(1u, limits_.threads);
    lent_ = fcntl(socket_->get(), F_DUPFD_CLOEXEC, 0);
    if (lent_ < 0) return fail_errno("HTTPS");
    // Not epoll: with TLS, libmicrohttpd 0.9.75 then spins while a client is in midst of its handshake, which
    // anybody can be for as long as he likes.
    daemon_ = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TLS, 0, &Listener::may_connect, this,
        &Listener::called, this, MHD_OPTION_LISTEN_SOCKET, lent_, MHD_OPTION_HTTPS_MEM_CERT,
        certificates.c_str(), MHD_OPTION_HTTPS_MEM_KEY, key.c_str(), MHD_OPTION_HTTPS_PRIORITIES,
        kHttpsPriorities, MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(limits_.connections + threads),
        MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(limits_.idle.count()),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMemory, MHD_OPTION_UNESCAPE_CALLBACK, &unescape_http_path,
        nullptr, MHD_OPTION_NOTIFY_CONNECTION, &Listener::connection_changed, this,
        MHD_OPTION_NOTIFY_COMPLETED, &Listener::completed, this,
        threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, MHD_OPTION_END);
    wipe(MutableBytes(reinterpret_cast<std::uint8_t*>(key.data()), key.size()));
    if (!daemon_) return fail(ErrorKind::io, "HTTPS did not start; is the key one for TLS?");
    return {};
  }

  /// Takes no more connections, and ends those that are here after their next answer.
  void retire() {
    if (daemon_ && !leaving_.exchange(true)) MHD_quiesce_daemon(daemon_);
  }
  bool is_empty() const { return connections_ == 0; }
  const std::shared_ptr<Descriptor>& socket() const { return socket_; }

 private:
  /// What is sent, for as long as either the request or the response lives.
  struct Sending {
    DownloadFilePtr file;
    Bytes octets;
    Milliseconds ends_at{0};
    const Clock& clock;
    std::size_t sent = 0;
  };

  struct Request {
    IgnoredBody body;
    Milliseconds began{0};
    bool is_head = false;
    unsigned status = 0;
    std::optional<DownloadPlace> place;
    DownloadFilePtr file;
    DownloadAnswer answer;
    std::shared_ptr<Sending> sending;
  };

  // ---- connections ----

  // Only looks: a connection is counted when the library has taken it, and one that it cannot take is not
  // told of.
  static MHD_Result may_connect(void* self, const sockaddr* address, socklen_t) {
    ConnectionTable& table = static_cast<Listener*>(self)->shared_->table;
    IpAddress client = http_peer(address).ip;
    if (table.admit(client) != ConnectionTable::Verdict::admitted) return MHD_NO;
    table.release(client);
    return MHD_YES;
  }

  static void connection_changed(void* self, MHD_Connection* connection, void** counted,
                                 MHD_ConnectionNotificationCode what) {
    auto& listener = *static_cast<Listener*>(self);
    ConnectionTable& table = listener.shared_->table;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      ++listener.connections_;
      bool admitted = table.admit(http_peer(connection).ip) == ConnectionTable::Verdict::admitted;
      *counted = admitted ? &table : nullptr;
    } else {
      if (*counted) table.release(http_peer(connection).ip);
      --listener.connections_;
    }
  }

  // ---- requests ----

  static MHD_Result called(void* self, MHD_Connection* connection, const char* url, const char* method,
                           const char*, const char*, std::size_t* upload_size, void** request) {
    return static_cast<Listener*>(self)->step(connection, url, method, upload_size, request);
  }

  /// As in http_server.cc: a response that is queued in the first call ends the connection.
  MHD_Result step(MHD_Connection* connection, const char* url, const char* method, std::size_t* upload_size,
                  void** kept) {
    auto* request = static_cast<Request*>(*kept);
    if (!request) {
      request = new_request(kept);
      request->is_head = std::string_view(method) == MHD_HTTP_METHOD_HEAD;
      if (is_reading(method)) return MHD_YES;
      return say(connection, *request, {405, "only GET and HEAD are answered here\n"});
    }
    if (*upload_size > 0) return request->body.take(upload_size) ? MHD_YES : MHD_NO;
    return answer(connection, url, *request);
  }

  Request* new_request(void** kept) {
    auto made = std::make_unique<Request>();
    made->began = shared_->clock.steady();
    ++shared_->running;
    *kept = made.get();
    return made.release();  // until completed()
  }

  MHD_Result answer(MHD_Connection* connection, std::string_view path, Request& request) {
    request.place = shared_->catalogue()->find(path);
    if (!request.place) return say(connection, request, {404, "not found\n"});
    request.file = request.place->file;
    if (!request.file)
      return say(connection, request, {503, "not available at present\n"},
                 {{MHD_HTTP_HEADER_RETRY_AFTER, kRetryAfter}});
    request.answer = decide_download(wish_of(connection, request.is_head), *request.file);
    switch (request.answer.status) {
      case 406: return say(connection, request, {406, "there is identity, gzip and zstd\n"});
      case 412: return say(connection, request, {412, "there is another version\n"});
      case 416: return say_unsatisfiable(connection, request);
      case 304:
        return respond(connection, request,
                       MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT));
      default: return send(connection, request);
    }
  }

  static DownloadWish wish_of(MHD_Connection* connection, bool is_head) {
    DownloadWish wish;
    wish.is_head = is_head;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &Listener::take_field, &wish);
    return wish;
  }

  static MHD_Result take_field(void* to, MHD_ValueKind, const char* name, const char* value) {
    using Field = std::optional<std::string> DownloadWish::*;
    static constexpr std::pair<const char*, Field> kFields[] = {
        {MHD_HTTP_HEADER_ACCEPT_ENCODING, &DownloadWish::accept_encoding},
        {MHD_HTTP_HEADER_IF_MATCH, &DownloadWish::if_match},
        {MHD_HTTP_HEADER_IF_NONE_MATCH, &DownloadWish::if_none_match},
        {MHD_HTTP_HEADER_IF_MODIFIED_SINCE, &DownloadWish::if_modified_since},
        {MHD_HTTP_HEADER_IF_UNMODIFIED_SINCE, &DownloadWish::if_unmodified_since},
        {MHD_HTTP_HEADER_IF_RANGE, &DownloadWish::if_range},
        {MHD_HTTP_HEADER_RANGE, &DownloadWish::range}};
    for (const auto& [wanted, field] : kFields) {
      if (strcasecmp(name, wanted) != 0) continue;
      auto& kept = static_cast<DownloadWish*>(to)->*field;
      kept = kept ? *kept + "," + value : std::string(value ? value : "");
    }
    return MHD_YES;
  }

  // ---- responses ----

  MHD_Result say(MHD_Connection* connection, Request& request, const HttpText& text,
                 std::initializer_list<std::pair<const char*, std::string>> more = {}) {
    request.status = text.status;
    return respond_text(connection, text, more);
  }

  MHD_Result say_unsatisfiable(MHD_Connection* connection, Request& request) {
    std::size_t size = request.file->form(request.answer.coding).size();
    return say(connection, request, {416, "there are no such octets\n"},
               {{MHD_HTTP_HEADER_CONTENT_RANGE, fmt::format("bytes */{}", size)}});
  }

  MHD_Result send(MHD_Connection* connection, Request& request) {
    const auto [first, count] = request.answer.body;
    Bytes octets = Bytes(request.file->form(request.answer.coding)).subspan(first, count);
    request.sending =
        std::make_shared<Sending>(request.file, octets, request.began + limits_.most, shared_->clock);
    auto* held = std::make_unique<std::shared_ptr<Sending>>(request.sending).release();
    MHD_Response* out =
        MHD_create_response_from_callback(count, kPiece, &Listener::read, held, &Listener::release);
    if (!out) release(held);
    return respond(connection, request, out);
  }

  static ssize_t read(void* held, std::uint64_t position, char* to, std::size_t most) {
    Sending& sending = **static_cast<std::shared_ptr<Sending>*>(held);
    if (sending.clock.steady() > sending.ends_at) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (position >= sending.octets.size()) return MHD_CONTENT_READER_END_OF_STREAM;
    Bytes piece = sending.octets.subspan(position);
    piece = piece.first(std::min(most, piece.size()));
    std::copy(piece.begin(), piece.end(), to);
    sending.sent += piece.size();
    return static_cast<ssize_t>(piece.size());
  }

  static void release(void* held) {
    std::unique_ptr<std::shared_ptr<Sending>> ended(static_cast<std::shared_ptr<Sending>*>(held));
  }

  /// 200, 206 and 304, with the fields that §15.4.5 asks for.
  MHD_Result respond(MHD_Connection* connection, Request& request, MHD_Response* out) {
    if (!out) return MHD_NO;
    const DownloadFile& file = *request.file;
    const DownloadAnswer& answer = request.answer;
    auto add = [&](const char* name, const std::string& value) {
      MHD_add_response_header(out, name, value.c_str());
    };
    add(MHD_HTTP_HEADER_ETAG, fmt::format("\"{}\"", file.entity_tag(answer.coding)));
    add(MHD_HTTP_HEADER_LAST_MODIFIED, print_http_date(file.modified));
    add(MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    add(MHD_HTTP_HEADER_CACHE_CONTROL, request.place->is_public ? "no-cache" : "private, no-cache");
    if (answer.status != 304) {
      add(MHD_HTTP_HEADER_CONTENT_TYPE, file.content_type);
      add(MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
      add("X-Content-Type-Options", "nosniff");
      if (answer.coding != ContentCoding::identity)
        add(MHD_HTTP_HEADER_CONTENT_ENCODING, std::string(print(answer.coding)));
    }
    if (answer.status == 206)
      add(MHD_HTTP_HEADER_CONTENT_RANGE,
          fmt::format("bytes {}-{}/{}", answer.body.first, answer.body.first + answer.body.count - 1,
                      file.form(answer.coding).size()));
    if (leaving_) add(MHD_HTTP_HEADER_CONNECTION, "close");
    request.status = answer.status;
    MHD_Result queued = MHD_queue_response(connection, answer.status, out);
    MHD_destroy_response(out);
    return queued;
  }

  static void completed(void* self, MHD_Connection* connection, void** kept, MHD_RequestTerminationCode how) {
    std::unique_ptr<Request> request(static_cast<Request*>(*kept));
    *kept = nullptr;
    if (!request) return;
    Shared& shared = *static_cast<Listener*>(self)->shared_;
    DownloadEnded ended{http_peer(connection), request->status, request->is_head,
                        how == MHD_REQUEST_TERMINATED_COMPLETED_OK};
    if (request->place) {
      ended.label = request->place->label;
      ended.subject = request->place->subject;
      ended.holder = request->place->holder;
    }
    if (request->file) ended.tag = request->file->tag;
    ended.coding = request->answer.coding;
    ended.part = request->answer.body;
    if (request->sending) ended.octets = request->sending->sent;
    ended.took = shared.clock.steady() - request->began;
    shared.on_end(ended);
    --shared.running;
  }

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Descriptor> socket_;
  int lent_ = -1;  // the same, for the library
  DownloadLimits limits_;
  MHD_Daemon* daemon_ = nullptr;
  std::atomic<bool> leaving_ = false;
  std::atomic<std::size_t> connections_ = 0;
};

DownloadServer::DownloadServer(Loop& loop, OnEnd on_end)
    : shared_(std::make_shared<Shared>(std::move(on_end))), tending_(loop, [this] { tend(); }) {}

DownloadServer::~DownloadServer() { stop(Milliseconds(0)); }

Result<void> DownloadServer::listen(std::span<const Address> addresses, const HttpsIdentityPtr& identity,
                                    const DownloadLimits& limits) {
  bool same = limits == limits_ && identity && identity_ && *identity == *identity_;
  std::vector<Open> next;
  for (const Address& at : addresses) {
    auto is_it = [&](const Open& open) { return open.asked == at; };
    if (std::any_of(next.begin(), next.end(), is_it)) continue;
    Open& opened = next.emplace_back(at, at, nullptr);
    auto before = std::find_if(open_.begin(), open_.end(), is_it);
    std::shared_ptr<Descriptor> socket;
    if (before != open_.end()) {
      socket = before->listener->socket();
      if (same) continue;
    } else {
      ZW_TRY(Descriptor made, open_http_listener(at, true));
      socket = std::make_shared<Descriptor>(std::move(made));
    }
    ZW_TRY(opened.bound, local_address(socket->get()));
    opened.listener = std::make_unique<Listener>(shared_, std::move(socket), limits);
    auto started =
        identity ? opened.listener->start(*identity) : fail(ErrorKind::conflict, "HTTPS needs a certificate");
    if (!started) return fail(started.error().kind, "{}: {}", at.print(), started.error().what);
  }
  // Nothing fails from here on. Old and new ones took connections from the same sockets meanwhile.
  for (Open& opened : next) {
    if (opened.listener) continue;
    auto before = std::find_if(open_.begin(), open_.end(),
                               [&](const Open& open) { return open.asked == opened.asked; });
    opened = std::move(*before);
  }
  retire(std::exchange(open_, std::move(next)));
  shared_->table.set_limits(limits.connections, limits.of_client);
  identity_ = identity;
  limits_ = limits;
  return {};
}

std::vector<Address> DownloadServer::listening() const {
  std::vector<Address> out;
  for (const Open& open : open_) out.push_back(open.bound);
  return out;
}

void DownloadServer::show(DownloadCataloguePtr catalogue) {
  std::lock_guard lock(shared_->mutex);
  shared_->shown = std::move(catalogue);
}

// A socket that nobody else uses stops listening at once; its number stays taken until no thread of the
// library can use it any more.
void DownloadServer::retire(std::vector<Open> before) {
  for (Open& old : before) {
    if (!old.listener) continue;  // goes on
    old.listener->retire();
    bool goes_on = std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
      return open.listener->socket() == old.listener->socket();
    });
    if (!goes_on) shutdown(old.listener->socket()->get(), SHUT_RDWR);
    retired_.push_back(std::move(old));
  }
  if (!retired_.empty()) tending_.start(kTendPeriod);
}

void DownloadServer::tend() {
  bool out_of_time = leave_by_ && shared_->clock.steady() >= *leave_by_ && shared_->running == 0;
  std::erase_if(retired_, [&](const Open& old) { return out_of_time || old.listener->is_empty(); });
  if (!retired_.empty()) return tending_.start(kTendPeriod);
  if (auto drained = std::exchange(drained_, nullptr)) drained();
}

void DownloadServer::drain(Milliseconds linger, std::function<void()> drained) {
  leave_by_ = shared_->clock.steady() + linger;
  drained_ = std::move(drained);
  retire(std::exchange(open_, {}));
  tending_.start(Milliseconds(0));
}

void DownloadServer::stop(Milliseconds grace) {
  drained_ = nullptr;
  retire(std::exchange(open_, {}));
  tending_.stop();
  Milliseconds end = shared_->clock.steady() + grace;
  while (!retired_.empty() && shared_->running > 0 && shared_->clock.steady() < end)
    std::this_thread::sleep_for(kStopPeriod);
  retired_.clear();
}

}  // namespace zw
