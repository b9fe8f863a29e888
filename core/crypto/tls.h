// TLS 1.3 (RFC 8446) for DNS: sessions as octets in, octets out; the sockets are somebody else's.
//
// What RFC 9103 asks for is fixed here: version 1.3 and nothing older (§7.2), the ALPN token `dot` (§7.1), no
// early data; nor are there tickets, so no session is resumed. Validity of certificates is judged by the
// system's clock.
//
// A TlsContext is immutable and safe for many threads; a TlsSession belongs to one at a time. Sessions keep
// what they need of their context: it may go before them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/handles.h"

namespace zw {

/// A certificate with its private key, both in PEM. Both empty: none.
struct TlsIdentity {
  std::string_view certificates{};  // ours first, then those that vouch for it
  std::string_view key{};           // not encrypted
};

/// SHA-256 of a SubjectPublicKeyInfo, as in RFC 7858 §4.2 and RFC 8310 §6.
using TlsPin = std::array<std::uint8_t, 32>;
/// From base 64.
std::optional<TlsPin> parse_tls_pin(std::string_view text);

struct TlsServerSettings {
  TlsIdentity identity;
  /// PEM. Clients are asked for a certificate, and one that they show must be good by these (RFC 9103
  /// §9.3.3); they may show none. Empty: they are not asked.
  std::string_view client_authorities{};
  bool require_alpn = true;  // false: who knows nothing of ALPN may come too
};

/// At least one of `name` (with `authorities`) and `pin`; if both are given, both must hold.
struct TlsClientSettings {
  std::string name{};              // in the server's certificate, and told to it (SNI); no final dot
  std::string_view authorities{};  // PEM; vouch for the certificate
  std::optional<TlsPin> pin{};     // of the server's own certificate, which may then be of any age
  TlsIdentity identity{};          // shown if the server asks
  bool require_alpn = true;
};

/// What TLS has proven of the other side.
struct TlsPeer {
  bool dot = false;                  // ALPN `dot` was agreed on
  std::vector<std::string> names{};  // DNS names of the certificate that was checked; empty: none was shown
};

class TlsSession;

class TlsContext : public std::enable_shared_from_this<TlsContext> {
  class Key {};

 public:
  /// `malformed`: what the PEM holds is no certificate, or no key, or they do not belong together.
  static Result<std::shared_ptr<const TlsContext>> make_server(const TlsServerSettings& settings);
  static Result<std::shared_ptr<const TlsContext>> make_client(const TlsClientSettings& settings);
  TlsContext(Key, TlsContextHandle handle) : handle_(std::move(handle)) {}  // through make…

  /// A new session; of a client, with its first words in outgoing().
  std::unique_ptr<TlsSession> start() const;
  /// When our own certificate ends; absent if there is none.
  std::optional<WallTime> certificate_ends() const;

 private:
  friend class TlsSession;
  friend struct TlsCallbacks;
  TlsContextHandle handle_;
  bool server_ = false, require_alpn_ = true;
  std::string name_;
  std::optional<TlsPin> pin_;
  bool has_authorities_ = false;
};
using TlsContextPtr = std::shared_ptr<const TlsContext>;

class TlsSession {
 public:
  enum class Status : std::uint8_t {
    handshake,  // octets must come before anything can be said
    open,
    ended,   // the other side has said its last word (close_notify)
    failed,  // see error(); what is in outgoing() may still tell the other side why
  };

  explicit TlsSession(std::shared_ptr<const TlsContext> context);  // see TlsContext::start
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Takes what came in, in pieces of any size, and gives the size of what it says, in `plain`, which is to
  /// hold kRecordOctets more than `octets`.
  std::size_t receive(Bytes octets, MutableBytes plain);
  /// Says `plain`, all of it; only while `open` or `ended`.
  void send(Bytes plain);
  /// Says that nothing more comes (close_notify), if there is a session to end.
  void end();

  /// Octets for the other side, to be sent in this order, and how many of them were.
  Bytes outgoing() const { return Bytes(outgoing_).subspan(gone_); }
  void sent(std::size_t count);
  /// Gives back memory that only a session in midst of talk needs. Nothing may be in outgoing().
  void rest();

  Status status() const { return status_; }
  const TlsPeer& peer() const { return peer_; }  // once open
  /// `refused`: the other side is not who it should be, or says no; `unsupported`: no version or ALPN in
  /// common; `malformed`: what came is no TLS; `limit`: too long a handshake. Without the address.
  const Error& error() const { return error_; }

  /// The most that one record holds of what is said (RFC 8446 §5.1).
  static constexpr std::size_t kRecordOctets = 16384;
  /// A handshake that takes more octets than this fails.
  static constexpr std::size_t kMostHandshake = 64 << 10;

 private:
  friend struct TlsCallbacks;
  std::size_t read_all(MutableBytes plain);
  void shake_hands();
  void opened();
  void failed(int result);
  void fail_with(Error error);

  std::shared_ptr<const TlsContext> context_;
  TlsHandle handle_;
  Status status_ = Status::handshake;
  Bytes incoming_;  // what is not read yet, during a call
  Buffer outgoing_;
  std::size_t gone_ = 0;       // of outgoing_
  std::size_t handshake_ = 0;  // octets that came before it was over
  bool without_alpn_ = false, ended_ = false;
  TlsPeer peer_;
  std::string other_names_;  // of a certificate that is somebody else's
  Error error_{ErrorKind::io, ""};
};

}  // namespace zw
