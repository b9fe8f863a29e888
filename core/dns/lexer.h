// Words of the presentation format (RFC 1035 §5.1): blanks, comments, parentheses, quotes and escapes, as
// zone files and single records in text have them. It looks at text that someone else owns and copies
// nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zw {

enum class TokenKind : std::uint8_t {
  word,
  quoted,    // text without its quotes
  line_end,  // a newline outside parentheses
  file_end,
  error,  // text of the token is the place, Lexer::error() the reason
};

struct Token {
  TokenKind kind;
  bool escaped;       // a backslash stands in it
  bool inner_quotes;  // a word such as key="a b": quotes stand inside and are kept
  std::string_view text;
  bool is_text() const { return kind <= TokenKind::quoted; }
};

/// Where something stands, both from 1.
struct TextPlace {
  std::size_t line, column;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  /// Behind the last line it is file_end for ever; an unclosed parenthesis or quote is an error.
  Token next() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
    // Letters, digits and most other signs start a word; the rest is told apart out of line.
    if (at_ < end_ && static_cast<unsigned char>(*at_) > '@' && *at_ != '\\') return word();
    return next_slowly();
  }
  /// True at the start of a line that begins with a blank: its record has the owner of the one before.
  bool at_blank() const { return at_ < end_ && (*at_ == ' ' || *at_ == '\t'); }
  /// True where no token of the line was taken yet.
  bool at_line_start() const { return depth_ == 0 && (at_ == begin_ || at_[-1] == '\n'); }
  /// Goes on behind the next newline and forgets open parentheses: to read on after an error.
  void skip_line();
  /// How far reading got; for places of errors.
  const char* position() const { return at_; }
  const char* error() const { return error_; }
  TextPlace place_of(const char* position) const;

 private:
  Token next_slowly();
  Token word();
  Token quoted();
  Token fault(const char* at, const char* why);

  const char* begin_;
  const char* at_;
  const char* end_;
  unsigned depth_ = 0;
  const char* opened_at_ = nullptr;  // the outermost open parenthesis
  const char* error_ = "";
};

/// The octets that escaped text stands for (`\X`, `\DDD`), appended to `out`; false for a broken escape.
bool append_unescaped(std::string& out, std::string_view text);

}  // namespace zw
