#include "dns/lexer.h"

#include <algorithm>
#include <array>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace zw {
namespace {

enum Class : std::uint8_t { kOrdinary, kBlank, kNewline, kComment, kOpen, kClose, kQuote, kBackslash };

constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  table[' '] = table['\t'] = table['\r'] = kBlank;
  table['\n'] = kNewline;
  table[';'] = kComment;
  table['('] = kOpen;
  table[')'] = kClose;
  table['"'] = kQuote;
  table['\\'] = kBackslash;
  return table;
}();

std::uint8_t class_of(char c) { return kClass[static_cast<std::uint8_t>(c)]; }

// The first octet in [at, end) that is not ordinary. Long words (keys, signatures) go 16 octets at a time:
// every special octet is at most 0x22, or one of ( ) ; and the backslash.
const char* skip_ordinary(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= 16) {
    __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(octets, _mm_set1_epi8(0x22)), octets);
    __m128i parens =
        _mm_cmpeq_epi8(_mm_and_si128(octets, _mm_set1_epi8(static_cast<char>(0xfe))), _mm_set1_epi8('('));
    __m128i other =
        _mm_or_si128(_mm_cmpeq_epi8(octets, _mm_set1_epi8(';')), _mm_cmpeq_epi8(octets, _mm_set1_epi8('\\')));
    int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, parens), other));
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += __builtin_ctz(static_cast<unsigned>(mask));
    if (class_of(*at) != kOrdinary) return at;
    ++at;  // a low octet that is ordinary, such as '!'
  }
#endif
  while (at < end && class_of(*at) == kOrdinary) ++at;
  return at;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void Lexer::fault(Token& token, const char* at, const char* why) {
  error_ = why;
  token.set(TokenKind::error, {at, at < end_ ? 1u : 0u});
}

void Lexer::next_slowly(Token& token) {
  for (;;) {
    if (at_ >= end_) {
      if (depth_ == 0) return token.set(TokenKind::file_end, {end_, 0});
      depth_ = 0;
      return fault(token, opened_at_, "a parenthesis is not closed");
    }
    switch (class_of(*at_)) {
      case kOrdinary:
      case kBackslash: return word(token);
      case kQuote: return quoted(token);
      case kBlank: ++at_; break;
      case kComment: at_ = std::find(at_, end_, '\n'); break;
      case kNewline:
        ++at_;
        if (depth_ == 0) return token.set(TokenKind::line_end, {at_ - 1, 1});
        break;
      case kOpen:
        if (depth_ == 0) opened_at_ = at_;
        ++at_;
        if (++depth_ > 1000) return fault(token, at_ - 1, "parentheses are nested too deeply");
        break;
      default:  // kClose
        if (depth_ == 0) return fault(token, at_++, "a parenthesis is closed that was not opened");
        --depth_;
        ++at_;
    }
  }
}

void Lexer::word(Token& token) {
  const char* start = at_;
  bool escaped = false, quotes = false;
  for (;;) {
    at_ = skip_ordinary(at_, end_);
    if (at_ >= end_) break;
    if (class_of(*at_) == kBackslash) {
      escaped = true;
      if (at_ + 1 >= end_ || at_[1] == '\n') return fault(token, at_++, "a backslash at the end of a line");
      at_ += 2;
    } else if (class_of(*at_) == kQuote) {
      quotes = true;
      quoted(token);
      if (token.kind == TokenKind::error) return;
      escaped |= token.escaped;
    } else {
      break;
    }
  }
  token.set(TokenKind::word, {start, static_cast<std::size_t>(at_ - start)}, escaped, quotes);
}

// At the opening quote.
void Lexer::quoted(Token& token) {
  const char* start = ++at_;
  bool escaped = false;
  for (; at_ < end_ && *at_ != '\n'; ++at_) {
    if (*at_ == '"') {
      std::string_view text(start, static_cast<std::size_t>(at_ - start));
      ++at_;
      return token.set(TokenKind::quoted, text, escaped);
    }
    if (*at_ == '\\') {
      escaped = true;
      if (at_ + 1 >= end_ || at_[1] == '\n') break;
      ++at_;
    }
  }
  fault(token, start, "a quoted string is not closed on its line");
}

void Lexer::skip_line() {
  depth_ = 0;
  at_ = std::find(at_, end_, '\n');
  if (at_ < end_) ++at_;
}

TextPlace Lexer::place_of(const char* position) const {
  auto lines = static_cast<std::size_t>(std::count(begin_, position, '\n'));
  const char* line = position;
  while (line > begin_ && line[-1] != '\n') --line;
  return {lines + 1, static_cast<std::size_t>(position - line) + 1};
}

bool append_unescaped(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    if (++i == text.size()) return false;
    if (!is_digit(text[i])) {
      out.push_back(text[i]);
      continue;
    }
    if (i + 3 > text.size() || !is_digit(text[i + 1]) || !is_digit(text[i + 2])) return false;
    int value = (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
    if (value > 255) return false;
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return true;
}

}  // namespace zw
