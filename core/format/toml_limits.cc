#include "format/toml_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace zw {
namespace {

/// Walks over TOML text, stepping over comments and all four kinds of strings, and counts what nests.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  std::size_t at() const { return at_; }
  std::size_t brackets() const { return open_.size(); }
  std::size_t dots() const { return dots_; }
  /// What opens a string, a bracket or a value where none may begin. The parser would read it as the rest of
  /// the word before, while we would step over it.
  bool astray() const {
    char c = text_[at_];
    bool quote = c == '"' || c == '\'';
    if (c == '=') return in_value_;
    if (!quote && c != '[' && c != '{') return false;
    if (in_value_) return !fresh_;
    return c == '{' || std::string_view(quote ? "[{,.\n" : "[\n").find(before_) == std::string_view::npos;
  }

  void step() {
    char c = text_[at_];
    if (c != ' ' && c != '\t')
      before_ = c, fresh_ = std::string_view("[,=\n").find(c) != std::string_view::npos;
    dots_ = std::string_view("[]{},=\n").find(c) != std::string_view::npos ? 0 : dots_ + (c == '.');
    switch (c) {
      case '#': at_ = std::min(text_.find('\n', at_), text_.size()); return;
      case '"':
      case '\'': skip_string(c); return;
      case '[':
      case '{': open(c); break;
      case ']':
      case '}': shut(); break;
      case '=': in_value_ = true; break;
      case ',': in_value_ = open_.empty() || open_.back().bracket == '[' ? in_value_ : false; break;
      case '\n': in_value_ = in_value_ && !open_.empty(); break;
      default: break;
    }
    ++at_;
  }

 private:
  struct Bracket {
    char bracket;
    bool in_value;  // what it interrupts
  };
  void open(char bracket) {
    open_.push_back({bracket, in_value_});
    if (bracket == '{') in_value_ = false;  // keys come next
  }
  void shut() {
    if (open_.empty()) return;
    in_value_ = open_.back().in_value;
    open_.pop_back();
  }
  void skip_string(char quote) {
    char three[] = {quote, quote, quote};
    bool lines = text_.substr(at_).starts_with(std::string_view(three, 3));
    std::string_view end(three, lines ? 3 : 1);
    at_ += end.size();
    while (!done() && !text_.substr(at_).starts_with(end)) {
      if (!lines && text_[at_] == '\n') return;  // a broken string ends with its line
      at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
    }
    at_ += end.size();
    for (int more = 0; lines && more < 2 && !done() && text_[at_] == quote; ++more) ++at_;  // """a"""""
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Bracket> open_;
  bool in_value_ = false;
  bool fresh_ = false;    // a value may begin here
  char before_ = '\n';    // the last character stepped over that is no blank
  std::size_t dots_ = 0;  // in the key we may be in
};

TextPosition position(std::string_view text, std::size_t at) {
  std::string_view before = text.substr(0, at);
  auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1;
  std::size_t last = before.rfind('\n');
  return {line, static_cast<std::uint32_t>(last == std::string_view::npos ? at + 1 : at - last)};
}

}  // namespace

std::optional<TextError> find_toml_excess(std::string_view text, TomlLimits limits) {
  if (text.size() > limits.octets)
    return TextError{{}, fmt::format("{} octets, more than the limit of {}", text.size(), limits.octets)};
  for (Walker walker(text); !walker.done();) {
    std::size_t at = walker.at();
    if (walker.astray())
      return TextError{position(text, at), "a quote, bracket or equals sign where none may stand"};
    walker.step();
    if (walker.brackets() > limits.depth)
      return TextError{position(text, at), fmt::format("nested deeper than the limit of {}", limits.depth)};
    if (walker.dots() >= limits.depth)
      return TextError{position(text, at), fmt::format("a key of more than {} parts", limits.depth)};
  }
  return std::nullopt;
}

}  // namespace zw
