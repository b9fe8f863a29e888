// The outbox (store/outbox.h) emptied into a mail server, on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "store/outbox.h"
#include "web/mail/smtp_client.h"

namespace zw {

/// A mail of the outbox as a message, with its own id. Fails with `refused` for what can never be one.
Result<MailMessage> message_of(const Mail& mail, WallTime when);

class MailDelivery {
 public:
  /// Called on the thread of the delivery with what became of each mail.
  using OnEnd = std::function<void(const Mail& mail, const MailOutcome& outcome)>;

  /// Begins at once. `database` and `outbox` outlive it.
  MailDelivery(Database& database, Outbox& outbox, SmtpClient client, OnEnd on_end);
  /// Waits for the mail that is under way.
  ~MailDelivery();
  MailDelivery(const MailDelivery&) = delete;
  MailDelivery& operator=(const MailDelivery&) = delete;

 private:
  void run();
  Result<void> send(const Mail& mail);

  Database& database_;
  Outbox& outbox_;
  const SmtpClient client_;
  const OnEnd on_end_;
  std::mutex mutex_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace zw
