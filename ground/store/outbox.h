// Mail that is to be sent: a queue of jobs (store/job_queue.h) that a transaction posts to together with the
// change that it tells of. So a mail goes out if and only if its change was committed; once, and for each
// time that we were killed between sending it and noting that, once more, under the same Message-ID.
#pragma once

#include <functional>
#include <string>

#include "store/job_queue.h"

namespace zw {

struct Mail {
  std::string sender, recipient;  // addresses of the envelope: `name@domain`, UTF-8 (RFC 6531)
  std::string subject;            // one line of UTF-8
  std::string text;               // lines of UTF-8, each ends in a line feed
  std::string id = {};            // local part of the Message-ID (RFC 5322 §3.6.4); post() makes it

  static constexpr std::size_t kMostAddressOctets = 254;  // RFC 5321 §4.5.3.1.3, without the angle brackets
  static constexpr std::size_t kMostSubjectOctets = 500;
  static constexpr std::size_t kMostTextOctets = 100'000;
};

/// Safe for many threads.
class Outbox {
 public:
  /// `holder`: as for JobQueue. The policy tries for some three days.
  Outbox(Database& database, std::string holder,
         RetryPolicy policy = {
             .first = std::chrono::seconds(30), .most = std::chrono::hours(3), .attempts = 36});

  /// Gives the mail's number. `refused` where an address is none or a line is several: what strangers write
  /// into a field must not become another one. `limit` if a part is too long.
  Result<std::int64_t> post(Transaction& tx, Mail mail);

  /// Sends at most `most` that are due by `send`, one after another; how many there were. Where `send` says
  /// `refused`, as the other side does for good (RFC 5321 §4.2.1, 5yz), a mail is not tried again. `send` has
  /// to come to an end within `lease`.
  Result<std::size_t> deliver(std::size_t most, std::chrono::milliseconds lease,
                              const std::function<Result<void>(const Mail&)>& send);

  /// For counts, and for what was given up.
  JobQueue& queue() { return queue_; }

 private:
  Database& database_;
  JobQueue queue_;
};

/// As a job's payload: a JSON object.
std::string print_mail(const Mail& mail);
Result<Mail> parse_mail(std::string_view payload);

}  // namespace zw
