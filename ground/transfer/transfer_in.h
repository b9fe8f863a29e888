// A zone that comes from a primary: AXFR (RFC 5936) and IXFR (RFC 1995), without the connection.
//
// Each message is handed in as it comes, and is checked at once: whose answer it is, its signature, its form,
// each record. Records go straight into the builder of the new zone, so that when the last one is in, little
// is left to do. Everything that a primary can send is bounded, and nothing of it is believed: what comes out
// is a candidate, which somebody verifies before it is published. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/serial.h"
#include "dns/message.h"
#include "dns/tsig.h"
#include "transfer/difference_reader.h"
#include "transfer/transfer_failure.h"
#include "zone/builder.h"

namespace zw {

enum class TransferMethod : std::uint8_t { axfr, ixfr };
std::string_view print(TransferMethod method);

/// How much of an answer is looked at. Messages, signatures and the SOAs that frame it always are.
enum class TransferDepth : std::uint8_t {
  zone,     // every record is checked and kept: a new version comes out
  records,  // every record is checked and told, none is kept: for who only judges an answer
  frame,    // the other records are stepped over
};
/// `rdata`: uncompressed. Views good for the call.
using OnTransferRecord = std::function<void(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata)>;

/// What a primary was asked.
struct TransferQuestion {
  Name zone;
  RrClass rr_class = RrClass::IN;
  std::uint16_t id = 0;
  TransferMethod method = TransferMethod::axfr;
  ZonePtr current{};                   // what we have; for IXFR it must be there
  std::optional<Serial> newer_than{};  // the answer must be newer, also when there is no copy any more
  std::optional<Serial> promised{};    // what the SOA probe told: the answer must be at least as new
  bool over_udp = false;               // IXFR only: one message is all there will be
  TransferDepth depth = TransferDepth::zone;
  OnTransferRecord on_record{};  // told of each record of the zone or the differences that is read
};

/// The most that one transfer may bring.
struct TransferLimits {
  std::uint64_t octets = 1ull << 30;  // of messages
  std::uint64_t memory = 4ull << 30;  // of records, with their names expanded
  std::uint64_t records = 100'000'000;
  std::uint64_t messages = 10'000'000;
};

enum class TransferState : std::uint8_t {
  need_more,
  complete,        // take() the records
  up_to_date,      // the primary has the version that we have
  retry_over_tcp,  // the answer to an IXFR over UDP does not fit there (RFC 1995 §2)
  failed,          // see failure()
};

struct TransferCounts {
  std::uint64_t octets = 0, messages = 0, records = 0;
};

/// A new version as it came: not yet a zone, and not yet believed.
struct TransferredRecords {
  TransferMethod method = TransferMethod::axfr;  // how they came, whatever was asked
  Serial serial;
  std::unique_ptr<ZoneBuilder> builder;  // of AXFR
  ZonePtr base;                          // of IXFR: `changes` lead on from it
  std::vector<Changeset> changes;

  /// Makes the zone, once. Worth a thread of its own for a large one. `findings`: see ZoneBuilder::build.
  /// Fails with `conflict` if the changes do not fit the base (RFC 1995 §4: then ask for the whole zone), and
  /// with `malformed` if it would not be a zone.
  Result<ZonePtr> build(Findings& findings);
};

class IncomingTransfer {
 public:
  /// `tsig`: made when the query was signed; absent if it was not.
  explicit IncomingTransfer(TransferQuestion question, TransferLimits limits = {},
                            std::optional<TsigStreamVerifier> tsig = {});

  /// `octets`: the next message of the answer. Once the state is not `need_more`, nothing changes any more.
  TransferState feed(Bytes octets, WallTime now);
  /// Nothing more will come.
  TransferState end();
  /// Nothing more will come, because the connection failed in this way.
  TransferState broke(TransferFault fault, std::string_view what);

  TransferState state() const { return state_; }
  const TransferFailure& failure() const { return failure_; }
  const TransferQuestion& question() const { return question_; }
  const TransferCounts& counts() const { return counts_; }
  /// How the records come; once some are there, whatever was asked.
  TransferMethod came_by() const { return part_ == Part::zone ? TransferMethod::axfr : question_.method; }
  /// Of the first SOA; absent before it came.
  std::optional<Serial> serial() const { return serial_; }
  /// The EXPIRE option of the answer (RFC 7314).
  std::optional<Seconds> expire() const { return expire_; }
  /// Of a transfer of the depth `zone` that is complete, once.
  TransferredRecords take();

 private:
  enum class Part : std::uint8_t { first_soa, second_record, zone, differences };

  // These end the transfer and say so by returning false (or its state) if something is wrong.
  template <typename... Args>
  TransferState fail(TransferFault fault, fmt::format_string<Args...> format, Args&&... args);
  TransferState finish(TransferState state) { return state_ = state; }
  bool within_limits(Bytes octets);
  TransferState judge(const MessageView& message, WallTime now);
  bool is_ours(const MessageView& message);
  bool is_signed_well(const MessageView& message, WallTime now);
  bool read_edns(const MessageView& message);
  bool has_good_frame(const MessageView& message);
  void take_records(const MessageView& message);
  bool take_record(const RecordView& record);
  bool steps_over(const RecordView& record) const;
  bool within_memory();
  bool is_new_enough();

  // Of the record at hand: owner_, rdata_, and what is passed. `soa`: it is an SOA of the apex.
  bool take(RrType type, std::uint32_t ttl);
  bool take_first_soa(bool soa, std::uint32_t ttl);
  bool take_second_record(bool soa, RrType type, std::uint32_t ttl);
  bool take_last_soa();
  bool take_difference(bool soa, RrType type, std::uint32_t ttl);
  bool begin_zone();
  bool add(RrType type, std::uint32_t ttl);

  TransferQuestion question_;
  TransferLimits limits_;
  std::optional<TsigStreamVerifier> tsig_;
  TransferState state_ = TransferState::need_more;
  Part part_ = Part::first_soa;
  TransferFailure failure_;
  TransferCounts counts_;
  std::uint64_t memory_ = 0;
  std::optional<Serial> serial_;
  std::optional<Seconds> expire_;
  Buffer first_soa_;
  std::uint32_t first_soa_ttl_ = 0;
  std::unique_ptr<ZoneBuilder> builder_;
  std::optional<DifferenceReader> differences_;
  Name owner_;
  Buffer rdata_;
};

}  // namespace zw
