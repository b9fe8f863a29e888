// Messages of a program to a person (RFC 5322): one recipient, plain text in UTF-8. What could break out of
// its place cannot be made: addresses, lines of headers and bodies are values that were checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "web/mail/email_address.h"

namespace zw {

/// Text for one line of a header: a subject, a name.
class HeaderText {
 public:
  static constexpr std::size_t kMostOctets = 200;
  /// Fails with `malformed` if `text` is empty, too long, no UTF-8, or has characters that nobody sees:
  /// controls, ends of lines, marks that turn its direction.
  static Result<HeaderText> make(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit HeaderText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Lines of text that end in \n.
class BodyText {
 public:
  static constexpr std::size_t kMostOctets = 64 << 10;
  /// Fails with `malformed` if `text` is too long, no UTF-8, or has controls other than \n and the tabulator.
  static Result<BodyText> make(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit BodyText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct Mailbox {
  EmailAddress address;
  std::optional<HeaderText> name;
};

/// Made once and kept in the queue, so that a second try is the same message with the same id.
class MailMessage {
 public:
  /// `from.address` is also where the network sends what cannot be delivered. The id (RFC 5322 §3.6.4) is
  /// drawn, in the domain of `from`.
  static MailMessage make(const Mailbox& from, EmailAddress to, const HeaderText& subject,
                          const BodyText& body, WallTime when, Random& random);
  /// The same with the local part of its id, which is made of letters, digits and single dots, and is the
  /// same for each try.
  static MailMessage make(const Mailbox& from, EmailAddress to, const HeaderText& subject,
                          const BodyText& body, WallTime when, std::string_view id);

  const EmailAddress& from() const { return from_; }
  const EmailAddress& to() const { return to_; }
  /// Without its angle brackets.
  const std::string& id() const { return id_; }
  /// As it goes out: lines of ASCII of at most 78 characters (998 in an address) that end in CR LF. It is
  /// marked as written by a program (RFC 3834 §5), so that no program answers it.
  const std::string& text() const { return text_; }

 private:
  MailMessage(EmailAddress from, EmailAddress to) : from_(std::move(from)), to_(std::move(to)) {}
  EmailAddress from_, to_;
  std::string id_, text_;
};

}  // namespace zw
