#include "dnssec/bind_anchors.h"

#include <algorithm>

#include "dns/rdata.h"

namespace zw {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_statement(std::string_view word) {
  return word == "trust-anchors" || word == "managed-keys" || word == "trusted-keys";
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : rest_(text), all_(text), file_(file) {}

  /// The next word, `{`, `}` or `;`; a string without its quotes; empty at the end.
  std::string_view next();
  Result<std::vector<TrustAnchor>> parse();

 private:
  void skip_space();
  Result<void> parse_statement();
  Result<void> parse_entry(std::string_view owner);
  Result<void> expect(std::string_view wanted);
  std::unexpected<Error> bad(std::string_view what) const {
    auto lines = std::count(all_.begin(), all_.end() - static_cast<std::ptrdiff_t>(rest_.size()), '\n');
    return fail(ErrorKind::malformed, "{}:{}: {}", file_, lines + 1, what);
  }

  std::string_view rest_, all_, file_;
  std::vector<TrustAnchor> anchors_;
};

void Parser::skip_space() {
  auto skip_past = [&](std::string_view end) {
    std::size_t at = rest_.find(end);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  };
  for (;;) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
    if (rest_.starts_with("#") || rest_.starts_with("//"))
      skip_past("\n");
    else if (rest_.starts_with("/*"))
      skip_past("*/");
    else
      return;
  }
}

std::string_view Parser::next() {
  skip_space();
  if (rest_.empty()) return {};
  std::size_t size = 1;
  if (rest_[0] == '"') {
    std::size_t end = std::min(rest_.find('"', 1), rest_.size());
    std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return inside;
  }
  if (rest_.find_first_of("{};") != 0) size = std::min(rest_.find_first_of(" \t\r\n{};\""), rest_.size());
  std::string_view word = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return word;
}

Result<void> Parser::expect(std::string_view wanted) {
  std::string_view word = next();
  if (word != wanted) return bad(fmt::format("expected \"{}\", found \"{}\"", wanted, word));
  return {};
}

Result<void> Parser::parse_entry(std::string_view owner) {
  auto name = Name::parse(owner);
  if (!name) return bad(name.error().what);
  std::string_view word = next();
  RrType type = word == "initial-ds" || word == "static-ds" ? RrType::DS : RrType::DNSKEY;
  if (type == RrType::DS || word == "initial-key" || word == "static-key") word = next();
  std::string rdata(word);
  for (int i = 0; i < 3; ++i) rdata.append(" ").append(next());
  std::replace(rdata.begin(), rdata.end(), '\n', ' ');
  auto parsed = parse_rdata(type, rdata);
  if (!parsed) return bad(fmt::format("the {} of {}: {}", print(type), owner, parsed.error().what));
  anchors_.push_back({*name, type, std::move(*parsed)});
  return expect(";");
}

Result<void> Parser::parse_statement() {
  ZW_CHECK(expect("{"));
  for (;;) {
    std::string_view word = next();
    if (word == "}") return expect(";");
    if (word.empty()) return bad("the statement has no end");
    ZW_CHECK(parse_entry(word));
  }
}

Result<std::vector<TrustAnchor>> Parser::parse() {
  for (std::string_view word = next(); !word.empty(); word = next()) {
    if (!is_statement(word)) return bad(fmt::format("\"{}\" is no statement with trust anchors", word));
    ZW_CHECK(parse_statement());
  }
  return std::move(anchors_);
}

}  // namespace

bool has_bind_anchors(std::string_view text) { return is_statement(Parser(text, "").next()); }

Result<std::vector<TrustAnchor>> parse_bind_anchors(std::string_view text, std::string_view file) {
  return Parser(text, file).parse();
}

}  // namespace zw
