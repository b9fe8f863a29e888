#include <doctest/doctest.h>

#include <algorithm>

#include "base/encoding.h"
#include "web/mail/message.h"
#include "web/mail/smtp_client.h"

using namespace zw;

namespace {

constexpr WallTime kNow{Seconds(1'785'542'400)};

EmailAddress address(std::string_view text) { return EmailAddress::parse(text).value(); }

MailMessage message(std::string_view subject, std::string_view body,
                    std::optional<std::string_view> name = {}) {
  Splitmix random(1);
  Mailbox from{address("portal@zonewright.example"), {}};
  if (name) from.name = HeaderText::make(*name).value();
  return MailMessage::make(from, address("alice@mail.example"), HeaderText::make(subject).value(),
                           BodyText::make(body).value(), kNow, random);
}

/// The value of a field, unfolded.
std::string field(const MailMessage& mail, std::string_view name) {
  std::string text = mail.text().substr(0, mail.text().find("\r\n\r\n") + 2);
  std::size_t begin = ("\r\n" + text).find("\r\n" + std::string(name) + ": ");
  REQUIRE(begin != text.npos);
  begin += name.size() + 2;
  std::size_t end = begin;
  do end = text.find("\r\n", end + 1);
  while (text[end + 2] == ' ');
  std::string value = text.substr(begin, end - begin);
  for (std::size_t fold; (fold = value.find("\r\n")) != value.npos;) value.erase(fold, 2);
  return value;
}

std::string body(const MailMessage& mail) { return mail.text().substr(mail.text().find("\r\n\r\n") + 4); }

/// What encoded words say (RFC 2047 §6.2).
std::string decoded(std::string_view words) {
  std::string out;
  while (!words.empty()) {
    REQUIRE(words.starts_with("=?utf-8?B?"));
    std::size_t end = words.find("?=");
    CHECK(end + 2 <= 75);
    Buffer octets;
    REQUIRE(decode_base64(words.substr(10, end - 10), octets));
    out += as_text(octets);
    words.remove_prefix(end + 2);
    if (words.starts_with(' ')) words.remove_prefix(1);
  }
  return out;
}

}  // namespace

TEST_CASE("e-mail addresses keep the case of their name and lose that of their domain") {
  CHECK(address(" Alice.O'Neil+dns@Mail.Example ").text() == "Alice.O'Neil+dns@mail.example");
  CHECK(address("a@b\u00fccher.example").text() == "a@xn--bcher-kva.example");
  CHECK(address("root@localhost").domain() == "localhost");
  CHECK(address("a@b.example").local_part() == "a");
}

TEST_CASE("what is no e-mail address is refused") {
  for (const std::string& text : {std::string(),
                                  std::string("@"),
                                  std::string("a"),
                                  std::string("a@"),
                                  std::string("@b.example"),
                                  std::string("a b@c.example"),
                                  std::string("a@b@c.example"),
                                  std::string(".a@b.example"),
                                  std::string("a.@b.example"),
                                  std::string("a..b@c.example"),
                                  std::string("\"a\"@b.example"),
                                  std::string("a@[192.0.2.1]"),
                                  std::string("a@b_c.example"),
                                  std::string("a\r\nRCPT TO:<x>@b.example"),
                                  std::string("a@b.example\r\nBcc: c@d.example"),
                                  std::string("a>@b.example"),
                                  std::string("<a@b.example>"),
                                  std::string("\u00e9@b.example"),
                                  std::string("a\0@b.example", 12),
                                  std::string(65, 'a') + "@b.example",
                                  std::string("a@b.example,c@d.example")})
    CHECK_MESSAGE(EmailAddress::parse(text).error().kind == ErrorKind::malformed, text);
  std::string domain;
  for (int i = 0; i < 62; ++i) domain += "aaa.";
  CHECK(EmailAddress::parse(std::string(4, 'a') + "@" + domain + "a").value().text().size() == 254);
  CHECK_FALSE(EmailAddress::parse(std::string(5, 'a') + "@" + domain + "a"));
}

TEST_CASE("a plain message goes as it is") {
  MailMessage mail = message("Confirm your address", "Hello,\n\nplease confirm.\n");
  CHECK(mail.text() ==
        "Date: Sat, 01 Aug 2026 00:00:00 +0000\r\n"
        "From: portal@zonewright.example\r\n"
        "To: alice@mail.example\r\n"
        "Subject: Confirm your address\r\n"
        "Message-ID: <" +
            mail.id() +
            ">\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "Hello,\r\n\r\nplease confirm.\r\n");
  CHECK(mail.id().ends_with("@zonewright.example"));
  CHECK(mail.id().size() == 24 + 19);
}

TEST_CASE("subjects in any script are encoded words that end between characters") {
  std::string subject;
  while (subject.size() + 3 <= HeaderText::kMostOctets) subject += "\u5bc6";
  CHECK(decoded(field(message(subject, ""), "Subject")) == subject);
  CHECK(decoded(field(message("Gr\u00fc\u00dfe", ""), "Subject")) == "Gr\u00fc\u00dfe");
}

TEST_CASE("subjects that are long, or look encoded, or begin or end blank, are encoded too") {
  for (const std::string& subject :
       {std::string(68, 'x'), std::string("=?utf-8?B?AAAA?="), std::string(" x"), std::string("x ")})
    CHECK(decoded(field(message(subject, ""), "Subject")) == subject);
  CHECK(field(message(std::string(67, 'x'), ""), "Subject") == std::string(67, 'x'));
}

TEST_CASE("no line with encoded words is longer than 76") {
  for (std::size_t size = 0; size + 2 <= HeaderText::kMostOctets; ++size) {
    std::string words = std::string(size, '"') + "=?", text = message(words, "", words).text();
    text += message(words.substr(0, size + 1), "", words.substr(0, size + 1)).text();
    for (std::size_t at = 0, end; (end = text.find("\r\n", at)) != text.npos; at = end + 2)
      CHECK(end - at <= 76);
  }
}

TEST_CASE("names of senders are quoted") {
  CHECK(field(message("s", "", "The \"Portal\" \\ team, <x>"), "From") ==
        R"("The \"Portal\" \\ team, <x>" <portal@zonewright.example>)");
  std::string from = field(message("s", "", "P\u00f6rtal"), "From");
  CHECK(decoded(from.substr(0, from.find(" <"))) == "P\u00f6rtal");
}

TEST_CASE("nothing in a header can begin another") {
  for (const std::string& text : {std::string("a\r\nBcc: b@c.example"), std::string("a\nb"),
                                  std::string("a\rb"), std::string("a\0b", 3), std::string("a\u2028b"),
                                  "a\xe2\x80" + std::string("\xae"
                                                            "b"),
                                  std::string("\xff"), std::string(), std::string(201, 'a')})
    CHECK(HeaderText::make(text).error().kind == ErrorKind::malformed);
}

TEST_CASE("bodies that are not plain go as quoted-printable in short lines of ASCII") {
  MailMessage mail = message("s", "Gr\u00fc\u00dfe=1 \n\t\nend" + std::string(200, 'x'));
  CHECK(field(mail, "Content-Transfer-Encoding") == "quoted-printable");
  std::string text = body(mail);
  CHECK(text.starts_with("Gr=C3=BC=C3=9Fe=3D1=20\r\n=09\r\nendxxx"));
  CHECK(text.ends_with("x\r\n"));
  std::size_t longest = 0;
  for (std::size_t at = 0, end; (end = text.find("\r\n", at)) != text.npos; at = end + 2)
    longest = std::max(longest, end - at);
  CHECK(longest == 76);
}

TEST_CASE("bodies have no controls and an end") {
  for (const std::string& text : {std::string("a\rb"), std::string("a\0b", 3), std::string("\x1b[31m"),
                                  std::string("\xff"), std::string((64 << 10) + 1, 'a')})
    CHECK(BodyText::make(text).error().kind == ErrorKind::malformed);
  CHECK(body(message("s", "")).empty());
  CHECK(body(message("s", "no end")) == "no end\r\n");
  CHECK(body(message("s", ".\n..\n")) == ".\r\n..\r\n");  // the dots are the transport's business
}

TEST_CASE("settings that would show mail or passwords to whoever listens are refused") {
  auto kind = [](SmtpSettings settings) {
    auto client = SmtpClient::make(std::move(settings));
    return client ? std::nullopt : std::optional(client.error().kind);
  };
  CHECK_FALSE(kind({.host = "127.0.0.1", .security = SmtpSecurity::none}));
  CHECK_FALSE(kind({.host = "::1", .security = SmtpSecurity::none, .user = "u"}));
  CHECK_FALSE(kind({.host = "mail.example", .user = "u"}));
  CHECK_FALSE(kind({.host = "mail.example", .security = SmtpSecurity::starttls_if_offered}));
  CHECK(kind({.host = "mail.example", .security = SmtpSecurity::none}) == ErrorKind::refused);
  CHECK(kind({.host = "192.0.2.1", .security = SmtpSecurity::none}) == ErrorKind::refused);
  CHECK(kind({.host = "mail.example", .security = SmtpSecurity::starttls_if_offered, .user = "u"}) ==
        ErrorKind::refused);
  CHECK(kind({.host = "mail.example/x"}) == ErrorKind::malformed);
  CHECK(kind({.host = "mail.example", .hello = "a b"}) == ErrorKind::malformed);
}

TEST_CASE("where nobody listens, mail is to be tried later") {
  auto client = SmtpClient::make({.host = "127.0.0.1", .port = 1, .security = SmtpSecurity::none});
  REQUIRE(client);
  MailOutcome outcome = client->send(message("s", "b"));
  CHECK(outcome.kind == MailOutcome::Kind::later);
  CHECK(outcome.code == 0);
  CHECK(outcome.what.find("smtp://127.0.0.1:1") != std::string::npos);
}
