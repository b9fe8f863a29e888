#include "localroot/hand_over.h"

#include <sys/epoll.h>

#include <algorithm>

#include "base/encoding.h"
#include "format/json.h"

namespace zw::localroot {
namespace {

// The protocol: old to new `hello` with the lock, `sockets` for each worker and place, `all`; new to old
// `serving`; old to new `left`. Or old to new at any time `no`, with a reason.
constexpr std::uint64_t kVersion = 1;
constexpr Milliseconds kFreezing{300'000};  // a large zone that is being verified is waited for
constexpr Milliseconds kLeaving{30'000};

std::string path_of(const std::string& state) { return state + "/hand-over"; }

std::string hello(const CookieSecret& cookies) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("say", "hello")
      .member("version", kVersion)
      .member("cookie_secret", base16(cookies))
      .end_object();
  return out;
}

std::string describe(const SharedSockets& shared) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("say", "sockets")
      .member("asked", shared.asked.at.print())
      .member("bound", shared.bound.print())
      .member("tls", shared.asked.tls)
      .end_object();
  return out;
}

std::string word(std::string_view say, std::string_view reason = {}) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("say", say);
  if (!reason.empty()) json.member("reason", reason);
  json.end_object();
  return out;
}

struct Heard {
  Json json;
  std::vector<Descriptor> descriptors;
  std::string text(std::string_view key) const {
    const Json* value = json.find(key);
    return value ? std::string(value->text().value_or("")) : std::string();
  }
};

// `conflict` if the old process says no.
Result<Heard> hear(LocalChannel& channel, Milliseconds timeout) {
  ZW_TRY(LocalChannel::Message message, channel.receive(timeout));
  ZW_TRY(Json json, parse_json(message.text));
  Heard heard{std::move(json), std::move(message.descriptors)};
  if (heard.text("say") == "no")
    return fail(ErrorKind::conflict, "the process that serves now does not hand over: {}",
                heard.text("reason"));
  return heard;
}

std::unexpected<Error> misunderstood() {
  return fail(ErrorKind::malformed,
              "the process that serves now speaks another hand-over protocol; restart instead");
}

}  // namespace

// ---- the old process --------------------------------------------------------------------------------------

HandOver::HandOver(Loop& loop, Logger& log, Calls calls)
    : loop_(loop),
      log_(log),
      calls_(std::move(calls)),
      patience_(loop, [this] { give_up("it took too long"); }) {}

HandOver::~HandOver() { close(); }

Result<std::unique_ptr<HandOver>> HandOver::make(Loop& loop, Logger& log, const std::string& state,
                                                 Calls calls) {
  std::unique_ptr<HandOver> out(new HandOver(loop, log, std::move(calls)));
  ZW_CHECK(out->open(path_of(state)));
  return out;
}

Result<void> HandOver::open(const std::string& path) {
  ZW_TRY(LocalListener listener, LocalListener::make(path));
  door_ = std::make_unique<Door>(*this, std::move(listener));
  return loop_.watch(door_->listener.fd(), EPOLLIN, *door_);
}

void HandOver::knocked() {
  auto channel = door_->listener.accept();
  if (!channel) {
    if (channel.error().kind != ErrorKind::timeout)
      log_.warning("somebody wanted to take over", {{"reason", channel.error().what}});
    return;
  }
  if (channel_) {
    return say(*channel, word("no", "another process is taking over already"));
  }
  channel_ = std::move(*channel);
  if (auto watched = loop_.watch(channel_->fd(), EPOLLIN, *this); !watched) {
    channel_.reset();
    return;
  }
  patience_.start(kPatience);
  log_.info("another process is taking over");
  calls_.freeze();
}

void HandOver::give(const FolderLock& lock, const CookieSecret& cookies,
                    const std::vector<SharedSockets>& sockets) {
  if (!channel_) return;  // it is gone already
  Result<void> sent = channel_->send(hello(cookies), std::array{lock.fd()});
  for (const SharedSockets& one : sockets) {
    std::vector<int> descriptors;
    for (int fd : {one.udp, one.tcp})
      if (fd >= 0) descriptors.push_back(fd);
    if (sent) sent = channel_->send(describe(one), descriptors);
  }
  if (sent) sent = channel_->send(word("all"));
  if (!sent) give_up(sent.error().what);
}

void HandOver::ready(std::uint32_t) {
  auto heard = hear(*channel_, Milliseconds(0));
  if (!heard && heard.error().kind == ErrorKind::timeout) return;
  if (!heard) return give_up(heard.error().what);
  if (heard->text("say") != "serving") return give_up("it says something unknown");
  patience_.stop();
  loop_.unwatch(channel_->fd(), *this);  // it is ours no more to wait for
  calls_.leave();
}

// Who is gone already need not hear it.
void HandOver::say(LocalChannel& to, std::string_view text) {
  if (auto sent = to.send(text); !sent) log_.debug("hand-over: not heard", {{"reason", sent.error().what}});
}

void HandOver::left() {
  if (channel_) say(*channel_, word("left"));
}

void HandOver::give_up(std::string_view why) {
  log_.error("the process that wanted to take over does not serve; going on", {{"reason", why}});
  say(*channel_, word("no", why));
  close();
  calls_.thaw();
}

void HandOver::close() {
  if (!channel_) return;
  patience_.stop();
  loop_.unwatch(channel_->fd(), *this);
  channel_.reset();
}

// ---- the new process --------------------------------------------------------------------------------------

Result<std::optional<Succession>> Succession::begin(const std::string& state) {
  auto channel = LocalChannel::connect(path_of(state));
  if (!channel && channel.error().kind == ErrorKind::not_found) return std::nullopt;
  if (!channel) return std::unexpected(channel.error());
  ZW_TRY(Heard first, hear(*channel, kFreezing));
  const Json* version = first.json.find("version");
  Buffer secret;
  if (first.text("say") != "hello" || !version || version->natural() != kVersion ||
      first.descriptors.size() != 1 || !decode_base16(first.text("cookie_secret"), secret) ||
      secret.size() != CookieSecret().size())
    return misunderstood();
  ZW_TRY(FolderLock lock, FolderLock::share(state, std::move(first.descriptors[0])));
  std::optional<Succession> out(Succession(std::move(*channel), std::move(lock)));
  std::copy(secret.begin(), secret.end(), out->cookies_.begin());
  for (;;) {
    ZW_TRY(bool more, out->take_one());
    if (!more) return out;
  }
}

Result<bool> Succession::take_one() {
  ZW_TRY(Heard heard, hear(channel_, Milliseconds(10'000)));
  if (heard.text("say") == "all") return false;
  const Json* tls = heard.json.find("tls");
  auto asked = Address::parse(heard.text("asked"), 0), bound = Address::parse(heard.text("bound"), 0);
  if (heard.text("say") != "sockets" || !asked || !bound || !tls) return misunderstood();
  InheritedSockets& one = sockets_.emplace_back();
  one.asked = {*asked, tls->boolean().value_or(false)};
  one.bound = *bound;
  if (heard.descriptors.size() != (one.asked.tls ? 1u : 2u)) return misunderstood();
  if (!one.asked.tls) one.sockets.udp = std::move(heard.descriptors[0]);
  one.sockets.tcp = std::move(heard.descriptors.back());
  if (std::find(listening_.begin(), listening_.end(), *bound) == listening_.end())
    listening_.push_back(*bound);
  return true;
}

Result<void> Succession::serve() {
  // What it said before: it may have given us up.
  if (auto before = hear(channel_, Milliseconds(0)); !before && before.error().kind == ErrorKind::conflict)
    return std::unexpected(before.error());
  if (!channel_.send(word("serving"))) {
    auto why = hear(channel_, Milliseconds(0));
    if (!why && why.error().kind == ErrorKind::conflict) return std::unexpected(why.error());
    return {};  // it is gone
  }
  auto answer = hear(channel_, kLeaving);
  if (!answer && answer.error().kind == ErrorKind::conflict) return std::unexpected(answer.error());
  return {};
}

}  // namespace zw::localroot
