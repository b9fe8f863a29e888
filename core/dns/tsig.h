// TSIG (RFC 8945): messages signed with a shared secret, both directions, one message or a stream of them.
//
// A server calls verify_request(), and answers with a TsigStreamSigner. A client signs its request with
// TsigStreamVerifier::sign_request() and hands each response to the verifier. Time is always handed in. The
// key, and the ring it came from, must outlive what was made with it. Signers and verifiers belong to one
// thread at a time; they allocate when they are made, not for each message.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "dns/message.h"
#include "dns/tsig_chain.h"
#include "dns/tsig_key.h"
#include "dns/tsig_record.h"

namespace zw {

constexpr Seconds kTsigFudge{300};  // RFC 8945 §10
/// Most messages of a stream that may go unsigned one after another (RFC 8945 §5.3.1).
constexpr int kMostUnsigned = 99;

/// What a server found in a request, and all it needs to answer.
struct TsigRequest {
  TsigStatus status = TsigStatus::absent;
  const TsigKey* key = nullptr;  // the key that verified or failed; null if absent, formerr or badkey
  Name key_name;                 // as it came
  Name algorithm;                // as it came
  std::uint64_t time_signed = 0;
  std::uint16_t fudge = 0;
  TsigMac mac;
  MessageFault fault;  // of formerr

  /// For the header of the answer: NOERROR, FORMERR, or NOTAUTH with the reason in TSIG (RFC 8945 §5.2).
  Rcode rcode() const;
  /// With `formerr` the answer has no TSIG at all; with `absent` neither.
  bool wants_signer() const { return status != TsigStatus::absent && status != TsigStatus::formerr; }
};

/// Checks key, MAC, time and truncation, in this order (RFC 8945 §5.2).
TsigRequest verify_request(const MessageView& request, const TsigKeyring& keys, WallTime now);

class TsigStreamSigner {
 public:
  /// For the answers to `request`, which wants_signer(). What is wrong with the request goes into the TSIG of
  /// the first answer: unsigned for badkey and badsig, signed for badtime (with our time) and badtrunc
  /// (§5.3.2). Copies what it needs, except the key.
  static Result<TsigStreamSigner> make(const TsigRequest& request);

  /// Octets that sign() adds at most, for MessageWriter::reserve.
  std::size_t space() const;
  /// Appends TSIG to the finished message in the first `size` octets of `room` and counts it in ARCOUNT.
  /// Gives back the new size, or 0 (and nothing changed) if `room` or the 65,535 octets do not hold it.
  std::size_t sign(MutableBytes room, std::size_t size, WallTime now);
  /// The same for a message in parts, sent one after another: `head` begins with the header, TSIG goes to the
  /// end of `tail`. False (and nothing changed) if the 65,535 octets do not hold it.
  [[nodiscard]] bool sign(MutableBytes head, Bytes body, Buffer& tail, WallTime now);
  /// Counts a message that goes out unsigned into the MAC of the next. Never the first, nor more than 99 in a
  /// row; the last message of a stream must be signed.
  void pass(Bytes message);

 private:
  TsigStreamSigner(const TsigRequest& request, std::optional<TsigChain> chain);
  struct Draft;
  Draft begin(Bytes head, WallTime now);
  void close(Draft& draft);

  std::optional<TsigChain> chain_;  // absent if answers go unsigned
  Name key_name_, algorithm_;
  std::uint64_t request_time_;
  std::uint16_t request_fudge_;
  TsigStatus status_;
  std::uint8_t mac_octets_;
  bool first_ = true;
  int unsigned_ = 0;
};

class TsigStreamVerifier {
 public:
  /// Signs the request in the first `size` octets of `room` and moves `size` behind its TSIG. Fails with
  /// `limit` if there is no room, with `unsupported` if the digest is not to be had. Keeps no pointer to
  /// `room`.
  static Result<TsigStreamVerifier> sign_request(const TsigKey& key, MutableBytes room, std::size_t& size,
                                                 WallTime now, Seconds fudge = kTsigFudge);
  /// The same, appended to `message`.
  static Result<TsigStreamVerifier> sign_request(const TsigKey& key, Buffer& message, WallTime now,
                                                 Seconds fudge = kTsigFudge);

  /// Checks the next response. `good`: it, and all before it, is what the server sent. `absent`: unsigned in
  /// the midst of a stream, not to be trusted until a later one is good. Anything else: not to be trusted; if
  /// it was the first response, another one may still be checked (it may have been forged), else the stream
  /// is lost.
  TsigStatus check(const MessageView& response, WallTime now);
  /// True if the last response was signed and good. A stream that ends otherwise is not whole.
  bool is_whole() const { return whole_; }

  /// What the server said in the TSIG of the last response. Authentic only if check() gave `good`; with an
  /// unsigned BADKEY or BADSIG it is but a hint.
  Rcode server_error() const { return server_error_; }
  /// The server's clock, if it said BADTIME.
  std::optional<WallTime> server_time() const { return server_time_; }

 private:
  explicit TsigStreamVerifier(TsigChain chain) : chain_(std::move(chain)) {}
  TsigStatus judge(const MessageView& response, const TsigRecord& record, WallTime now);
  TsigStatus pass_unsigned(const MessageView& response);

  TsigChain chain_;
  Rcode server_error_ = Rcode::NOERROR;
  std::optional<WallTime> server_time_;
  int unsigned_ = 0;
  bool first_ = true;
  bool lost_ = false;
  bool whole_ = false;
};

}  // namespace zw
