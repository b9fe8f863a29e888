#include "web/mail/delivery.h"

namespace zw {
namespace {

constexpr std::int64_t kMostAtOnce = 10;
constexpr std::chrono::minutes kLease{5};           // of each, longer than a send may take
constexpr std::chrono::milliseconds kPause{200};    // how long an end has to wait
constexpr std::chrono::milliseconds kFault{2'000};  // after a fault of the database

}  // namespace

Result<MailMessage> message_of(const Mail& mail, WallTime when) {
  auto refuse = [](const Error& error) { return fail(ErrorKind::refused, "{}", error.what); };
  auto from = EmailAddress::parse(mail.sender), to = EmailAddress::parse(mail.recipient);
  if (!from) return refuse(from.error());
  if (!to) return refuse(to.error());
  auto subject = HeaderText::make(mail.subject);
  auto body = BodyText::make(mail.text);
  if (!subject) return refuse(subject.error());
  if (!body) return refuse(body.error());
  return MailMessage::make({*from, {}}, std::move(*to), *subject, *body, when, mail.id);
}

MailDelivery::MailDelivery(Database& database, Outbox& outbox, SmtpClient client, OnEnd on_end)
    : database_(database),
      outbox_(outbox),
      client_(std::move(client)),
      on_end_(std::move(on_end)),
      thread_([this] { run(); }) {}

MailDelivery::~MailDelivery() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

Result<void> MailDelivery::send(const Mail& mail) {
  MailOutcome outcome;
  auto message = message_of(mail, std::chrono::floor<Seconds>(database_.now()));
  if (message)
    outcome = client_.send(*message);
  else
    outcome = {MailOutcome::Kind::refused, 0, message.error().what};
  if (on_end_) on_end_(mail, outcome);
  switch (outcome.kind) {
    case MailOutcome::Kind::accepted: return {};
    case MailOutcome::Kind::refused: return fail(ErrorKind::refused, "{}", outcome.what);
    case MailOutcome::Kind::later: break;
  }
  return fail(ErrorKind::timeout, "{}", outcome.what);
}

void MailDelivery::run() {
  auto watch = database_.watch();
  auto is_stopping = [this] {
    std::lock_guard lock(mutex_);
    return stopping_;
  };
  while (!is_stopping()) {
    auto done = outbox_.deliver(kMostAtOnce, kLease, [this](const Mail& mail) { return send(mail); });
    if (done && *done > 0) continue;
    // One that was tried before comes due without a word: so the wait is short in any case.
    if (!done || !watch->wait(kPause)) std::this_thread::sleep_for(kPause);
    for (auto waited = kPause; !done && waited < kFault && !is_stopping(); waited += kPause)
      std::this_thread::sleep_for(kPause);
  }
}

}  // namespace zw
