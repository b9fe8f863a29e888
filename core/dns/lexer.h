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
  TokenKind kind = TokenKind::file_end;
  bool escaped = false;       // a backslash stands in it
  bool inner_quotes = false;  // a word such as key="a b": quotes stand inside and are kept
  std::string_view text;
  bool is_text() const { return kind <= TokenKind::quoted; }
  void set(TokenKind is, std::string_view of, bool has_escapes = false, bool has_quotes = false) {
    kind = is;
    escaped = has_escapes;
    inner_quotes = has_quotes;
    text = of;
  }
};

/// Where something stands, both from 1.
struct TextPlace {
  std::size_t line, column;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  /// Behind the last line it is file_end for ever; an unclosed parenthesis or quote is an error. Filled in
  /// place: copies of tokens are what a scan would spend its time with.
  void next(Token& token) {
    while (at_blank()) ++at_;
    if (at_ < end_ && starts_word(*at_)) return word(token);
    if (at_ < end_ && *at_ == '\n' && depth_ == 0) {
      token.set(TokenKind::line_end, {at_++, 1});
      return;
    }
    next_slowly(token);
  }
  Token next() {
    Token token;
    next(token);
    return token;
  }
  /// The call to next() that comes gives this token, the one taken last and no error, again.
  void give_back(const Token& token) { at_ = token.text.data() - (token.kind == TokenKind::quoted ? 1 : 0); }
  /// True if the next token is a word that begins with a letter, a digit or another ordinary sign. Not all
  /// words do.
  bool at_plain_word() const {
    const char* at = at_;
    while (at < end_ && (*at == ' ' || *at == '\t')) ++at;
    return at < end_ && starts_word(*at);
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
  // Letters, digits and most other signs; the rest is told apart out of line.
  static bool starts_word(char c) { return static_cast<unsigned char>(c) >= '-' && c != ';' && c != '\\'; }
  void next_slowly(Token& token);
  void word(Token& token);
  void quoted(Token& token);
  void fault(Token& token, const char* at, const char* why);

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
