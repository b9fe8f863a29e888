#include "web/mail/message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "format/utf8.h"
#include "web/http_fields.h"

namespace zw {
namespace {

constexpr std::size_t kLine = 76;        // RFC 2045 §6.7, RFC 2047 §2
constexpr std::size_t kWordOctets = 39;  // of text in an encoded word: 64 characters, behind `Subject: ` 73
constexpr std::string_view kWordStart = "=?utf-8?B?", kWordEnd = "?=", kFold = "\r\n ";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether `allowed` holds for each code point of what is UTF-8.
template <typename Allowed>
bool all_points(std::string_view text, Allowed allowed) {
  while (!text.empty()) {
    Utf8Step step = first_point(text);
    if (!step.point || !allowed(*step.point)) return false;
    text.remove_prefix(step.octets);
  }
  return true;
}

/// Encoded words (RFC 2047 §2), which end between code points.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      std::size_t next = first_point(text.substr(size)).octets;
      if (size + next > kWordOctets) break;
      size += next;
    }
    if (!out.empty()) out += kFold;
    out += kWordStart;
    append_base64(out, as_bytes(text.substr(0, size)));
    out += kWordEnd;
    text.remove_prefix(size);
  }
  return out;
}

bool fits_plainly(std::string_view name, std::string_view text) {
  return is_ascii(text) && name.size() + 2 + text.size() <= kLine && text.find("=?") == text.npos &&
         text.front() != ' ' && text.back() != ' ';
}

std::string subject_field(const HeaderText& subject) {
  return fits_plainly("Subject", subject.text()) ? subject.text() : encoded_words(subject.text());
}

// A quoted string (RFC 5322 §3.2.4) where it fits on its line.
std::string display_name(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return fits_plainly("From", out) ? out : encoded_words(text);
}

std::string from_field(const Mailbox& from) {
  if (!from.name) return from.address.text();
  return fmt::format("{}{}<{}>", display_name(from.name->text()), kFold, from.address.text());
}

/// `Mon, 01 Jan 2026 00:00:00 +0000` (RFC 5322 §3.3), whose zone GMT is obsolete.
std::string print_date(WallTime when) {
  std::string date = print_http_date(when);
  return date.replace(date.size() - 3, 3, "+0000");
}

template <typename Use>
void each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool ends_blank(std::string_view line) { return line.ends_with(' ') || line.ends_with('\t'); }

bool goes_as_it_is(std::string_view text) {
  bool good = is_ascii(text);
  each_line(text, [&](std::string_view line) { good = good && line.size() <= kLine && !ends_blank(line); });
  return good;
}

/// One line in quoted-printable (RFC 2045 §6.7).
void append_quoted_printable(std::string& out, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto octet = static_cast<unsigned char>(line[i]);
    bool blank_at_end = i + 1 == line.size() && ends_blank(line);
    bool plain = (octet == '\t' || (octet >= ' ' && octet < 0x7f)) && octet != '=' && !blank_at_end;
    std::size_t width = plain ? 1 : 3;
    if (column + width >= kLine) {  // room for the soft break
      out += "=\r\n";
      column = 0;
    }
    if (plain)
      out += line[i];
    else
      out += fmt::format("={:02X}", octet);
    column += width;
  }
}

}  // namespace

Result<HeaderText> HeaderText::make(std::string_view text) {
  if (text.empty() || text.size() > kMostOctets)
    return fail(ErrorKind::malformed, "text for a header of {} octets, expected 1 to {}", text.size(),
                kMostOctets);
  if (!all_points(text, [](char32_t point) { return !is_deceptive(point); }))
    return fail(ErrorKind::malformed,
                "text for a header {}: expected UTF-8 on one line, without hidden characters",
                quote_foreign(text));
  return HeaderText(std::string(text));
}

Result<BodyText> BodyText::make(std::string_view text) {
  if (text.size() > kMostOctets)
    return fail(ErrorKind::malformed, "text of an e-mail of {} octets, expected at most {}", text.size(),
                kMostOctets);
  auto allowed = [](char32_t p) {
    return p == '\n' || p == '\t' || (p >= 0x20 && !(p >= 0x7f && p <= 0x9f));
  };
  if (!all_points(text, allowed))
    return fail(ErrorKind::malformed,
                "text of an e-mail: expected UTF-8 without controls other than line feeds and tabs");
  return BodyText(std::string(text));
}

MailMessage MailMessage::make(const Mailbox& from, EmailAddress to, const HeaderText& subject,
                              const BodyText& body, WallTime when, Random& random) {
  std::array<std::uint8_t, 15> drawn{};
  random.fill(drawn);
  return make(from, std::move(to), subject, body, when, base32hex(drawn));
}

MailMessage MailMessage::make(const Mailbox& from, EmailAddress to, const HeaderText& subject,
                              const BodyText& body, WallTime when, std::string_view id) {
  MailMessage out(from.address, std::move(to));
  out.id_ = fmt::format("{}@{}", id, from.address.domain());
  bool plain = goes_as_it_is(body.text());
  out.text_ = fmt::format(
      "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}>\r\nAuto-Submitted: "
      "auto-generated\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n",
      print_date(when), from_field(from), out.to_.text(), subject_field(subject), out.id_,
      plain ? "7bit" : "quoted-printable");
  each_line(body.text(), [&](std::string_view line) {
    if (plain)
      out.text_ += line;
    else
      append_quoted_printable(out.text_, line);
    out.text_ += "\r\n";
  });
  return out;
}

}  // namespace zw
