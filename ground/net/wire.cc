#include "net/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace zw {
namespace {

// Of what is said, in one go: one message of a transfer and its length, most of the time, so that a slow
// reader costs little more than one record.
constexpr std::size_t kMostSaid = TlsSession::kRecordOctets + 1024;

bool is_not_now(int code) { return code == EAGAIN || code == EINTR; }

/// The pieces in one, cut at `most`.
Bytes gather(std::span<const Bytes> pieces, std::size_t most, Scratch& room) {
  if (pieces.size() == 1) return pieces[0].first(std::min(most, pieces[0].size()));
  std::size_t size = 0;
  for (Bytes piece : pieces) {
    Bytes part = piece.first(std::min(piece.size(), most - size));
    std::copy(part.begin(), part.end(), room.begin() + size);
    size += part.size();
  }
  return Bytes(room).first(size);
}

}  // namespace

void Wire::close() {
  fd_.close();
  tls_.reset();
}

Result<Wire::Got> Wire::read(Room& room) {
  ssize_t got = recv(fd_.get(), room.in.data(), room.in.size(), 0);
  if (got < 0 && is_not_now(errno)) return Got{};
  if (got < 0) return fail_errno("reading");
  Bytes octets = Bytes(room.in).first(static_cast<std::size_t>(got));
  if (!tls_) return Got{octets, got == 0};
  std::size_t size = tls_->receive(octets, room.plain);
  if (has_failed()) return fail(tls_->error());
  return Got{Bytes(room.plain).first(size), got == 0 || tls_->status() == TlsSession::Status::ended};
}

Result<Wire::Put> Wire::put(std::span<const Bytes> pieces, bool more) {
  std::array<iovec, 4> parts;
  ZW_ASSERT(pieces.size() <= parts.size());
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    parts[i] = {const_cast<std::uint8_t*>(pieces[i].data()), pieces[i].size()};
    wanted += pieces[i].size();
  }
  msghdr header{};
  header.msg_iov = parts.data();
  header.msg_iovlen = pieces.size();
  ssize_t written = sendmsg(fd_.get(), &header, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
  if (written < 0 && is_not_now(errno)) return Put{0, true};
  if (written < 0) return fail_errno("writing");
  written_ += static_cast<std::uint64_t>(written);
  return Put{static_cast<std::size_t>(written), static_cast<std::size_t>(written) < wanted};
}

Result<Wire::Put> Wire::flush(bool more) {
  if (!pending()) return Put{};
  Bytes octets = tls_->outgoing();
  ZW_TRY(Put out, put(std::span(&octets, 1), more));
  tls_->sent(out.taken);
  return Put{0, out.blocked};
}

Result<Wire::Put> Wire::write(std::span<const Bytes> pieces, Room& room, bool more) {
  if (!tls_) return put(pieces, more);
  ZW_ASSERT(!in_handshake());
  ZW_TRY(Put before, flush());
  if (before.blocked) return before;
  Bytes said = gather(pieces, kMostSaid, room.plain);
  tls_->send(said);
  if (has_failed()) return fail(tls_->error());
  carries_ = true;
  ZW_TRY(Put out, flush(more));
  out.taken = said.size();
  return out;
}

bool Wire::say_end() {
  if (said_end_ || !tls_) return false;
  said_end_ = true;
  tls_->end();
  return pending();
}

void Wire::rest() {
  if (tls_ && !pending()) tls_->rest();
}

}  // namespace zw
