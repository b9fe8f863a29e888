#include "localroot/bench/subscriber.h"

#include <errno.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>

#include "net/handler.h"
#include "net/socket.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kSip = 4096;  // octets that a slow one takes at once, if its pace allows
constexpr Milliseconds kShortest{50}, kLongest{1000};
constexpr std::size_t kMostInTurn = 1 << 20;  // octets; then the others get their turn

// What the kernel takes in advance is as much as two seconds bring, else the pace would not be seen outside.
int receive_buffer_for(std::uint64_t octets_per_second) {
  return static_cast<int>(std::clamp<std::uint64_t>(2 * octets_per_second, 4096, 1 << 20));
}

Milliseconds pause_of(std::uint64_t octets_per_second) {
  auto pause = Milliseconds(1000 * kSip / std::max<std::uint64_t>(octets_per_second, 1));
  return std::clamp(pause, kShortest, kLongest);
}

}  // namespace

Micros steady_micros() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::duration_cast<Micros>(std::chrono::seconds(now.tv_sec) +
                                            std::chrono::nanoseconds(now.tv_nsec));
}

Subscriber::Subscriber(Loop& loop, const Clock& clock, Buffer& inbox, OnEnd on_end)
    : loop_(loop), clock_(clock), inbox_(inbox), on_end_(std::move(on_end)), timer_(loop, [this] {
        tick();
      }) {}

void Subscriber::start(Subscription what) {
  stop();
  what_ = std::move(what);
  frames_ = FrameReader();
  received_ = sent_ = 0;
  connected_ = first_ = Micros(0);
  began_ = steady_micros();
  active_at_ = loop_.now();
  Buffer framed;
  append_frame(framed, what_.query);
  what_.query = std::move(framed);
  auto opened =
      open_tcp_client(what_.to, what_.from, slow() ? receive_buffer_for(what_.octets_per_second) : 0);
  if (opened) fd_ = std::move(*opened);
  auto watched = opened ? loop_.watch(fd_.get(), EPOLLOUT, *this) : std::unexpected(opened.error());
  connecting_ = true;
  watched_ = watched.has_value();
  if (watched_) return;
  what_.judge->broke(TransferFault::unreachable, watched.error().what);
  timer_.start(Milliseconds(0));  // the loop tells it
}

void Subscriber::stop() {
  timer_.stop();
  if (watched_) loop_.unwatch(fd_.get(), *this);
  watched_ = connecting_ = false;
  fd_.close();
}

void Subscriber::ready(std::uint32_t) {
  if (connecting_ && !connect_ended()) return;
  if (sent_ < what_.query.size()) {
    if (!send_query() || sent_ < what_.query.size()) return;
    if (!slow()) return loop_.change(fd_.get(), EPOLLIN, *this);
    // A slow one looks at its pace, not when something comes.
    loop_.unwatch(fd_.get(), *this);
    watched_ = false;
    return timer_.start(pause_of(what_.octets_per_second));
  }
  for (std::size_t turn = 0; turn < kMostInTurn; turn += inbox_.size())
    if (!read_some(inbox_.size())) return;
}

// What its pace allows by now.
void Subscriber::tick() {
  if (what_.judge->state() == TransferState::failed) return end(End::failed);
  auto since = static_cast<std::uint64_t>((steady_micros() - connected_).count());
  std::uint64_t allowed = what_.octets_per_second * since / 1'000'000;
  if (allowed > received_) {
    auto most = static_cast<std::size_t>(std::min<std::uint64_t>(allowed - received_, inbox_.size()));
    read_some(most);
    if (!fd_) return;
  }
  timer_.start(pause_of(what_.octets_per_second));
}

bool Subscriber::connect_ended() {
  int code = pending_error(fd_.get());
  if (code == ECONNREFUSED)
    broke(TransferFault::unreachable, fmt::format("{}: nobody answers at this port", what_.to.print()));
  else if (code != 0)
    broke(TransferFault::unreachable,
          "cannot connect: " + std::string(fail_errno(what_.to.print(), code).error().what));
  if (code != 0) return false;
  connecting_ = false;
  connected_ = steady_micros();
  active_at_ = loop_.now();
  return true;
}

bool Subscriber::send_query() {
  ssize_t written = ::send(fd_.get(), what_.query.data() + sent_, what_.query.size() - sent_, MSG_NOSIGNAL);
  if (written >= 0) sent_ += static_cast<std::size_t>(written);
  if (written >= 0 || errno == EAGAIN || errno == EINTR) return true;
  return broke(TransferFault::unreachable, fail_errno(what_.to.print()).error().what), false;
}

// False if there is no more to read for now, or it has ended.
bool Subscriber::read_some(std::size_t most) {
  ssize_t got = recv(fd_.get(), inbox_.data(), most, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got < 0) return broke(TransferFault::unreachable, fail_errno(what_.to.print()).error().what), false;
  if (got == 0) {
    bool before = what_.judge->counts().messages == 0;
    return broke(before ? TransferFault::unreachable : TransferFault::truncated,
                 what_.to.print() + (before ? ": the connection ended before any answer"
                                            : ": the connection ended before the answer did")),
           false;
  }
  auto octets = static_cast<std::size_t>(got);
  if (received_ == 0) first_ = steady_micros();
  received_ += octets;
  active_at_ = loop_.now();
  take(Bytes(inbox_).first(octets));
  return fd_ && octets == most;
}

void Subscriber::take(Bytes octets) {
  StreamJudge& judge = *what_.judge;
  WallTime now = clock_.wall();
  frames_.feed(octets, [&](Bytes message) { return judge.feed(message, now) == TransferState::need_more; });
  switch (judge.state()) {
    case TransferState::failed: return end(End::failed);
    case TransferState::need_more:
      if (what_.reset_after > 0 && received_ >= what_.reset_after) {
        reset_on_close(fd_.get());
        end(End::reset);
      }
      return;
    default: return end(End::whole);
  }
}

void Subscriber::check_patience() {
  if (!fd_ || loop_.now() - active_at_ < what_.patience) return;
  broke(TransferFault::timed_out, fmt::format("{}: {} within {} ms", what_.to.print(),
                                              connecting_      ? "no connection"
                                              : received_ == 0 ? "no answer"
                                                               : "nothing more",
                                              what_.patience.count()));
}

void Subscriber::broke(TransferFault fault, std::string_view what) {
  what_.judge->broke(fault, what);
  end(End::failed);
}

void Subscriber::end(End how) {
  stop();
  on_end_(*this, how);  // nothing after this: it may have destroyed us
}

}  // namespace zw::localroot
