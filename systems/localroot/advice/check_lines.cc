#include "localroot/advice/check_lines.h"

#include <algorithm>
#include <utility>

namespace zw::localroot {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view(".:-_@#/").find(c) != std::string_view::npos;
}

std::string lower_text(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// Reads one line after another; a comment of BIND may go over many.
class Reader {
 public:
  explicit Reader(Dialect dialect) : dialect_(dialect) {}

  ConfigLine read(std::size_t number, std::string_view raw) {
    ConfigLine out{number, "", top().sources, top().root_zone};
    char quote = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      std::string_view rest = raw.substr(i);
      if (in_comment_) {
        if (rest.starts_with("*/")) in_comment_ = false, ++i;
      } else if (quote) {
        out.text += raw[i];
        note_word(raw[i]);
        if (raw[i] == quote) quote = 0;
      } else if (dialect_ == Dialect::bind && rest.starts_with("/*")) {
        in_comment_ = true;
        ++i;
      } else if (begins_comment(rest, i > 0 ? raw[i - 1] : ' ')) {
        break;
      } else {
        if (raw[i] == '"' || raw[i] == '\'') quote = raw[i];
        note_brace(raw[i]);
        out.in_sources |= top().sources;
        out.in_root_zone |= top().root_zone;
        out.text += raw[i];
      }
    }
    out.text = lower_text(out.text);
    return out;
  }

 private:
  // What a brace that is open is about, or one around it.
  struct Open {
    bool sources = false, root_zone = false;
  };

  bool begins_comment(std::string_view rest, char before) const {
    bool stands_apart = is_space(before) || before == ';' || before == '{' || before == '}';
    switch (dialect_) {
      case Dialect::bind: return rest.starts_with("//") || (rest[0] == '#' && stands_apart);
      case Dialect::knot_resolver:
      case Dialect::pdns_recursor: return rest.starts_with("--") || (rest[0] == '#' && stands_apart);
      case Dialect::hints: return rest[0] == ';';
      default: return rest[0] == '#' && stands_apart;
    }
  }

  void note_brace(char c) {
    if (dialect_ != Dialect::bind) return;
    if (c == '{') {
      std::string words = lower_text(std::exchange(statement_, {}));
      auto says = [&](std::string_view word) { return words.find(word) != std::string::npos; };
      open_.push_back(
          {top().sources || says("primaries") || says("masters"), top().root_zone || says("zone \".\"")});
    } else if (c == '}') {
      if (!open_.empty()) open_.pop_back();
      statement_.clear();
    } else if (c == ';') {
      statement_.clear();
    } else {
      note_word(c);
    }
  }
  void note_word(char c) {
    if (dialect_ == Dialect::bind && statement_.size() < 256) statement_ += c;
  }

  Open top() const { return open_.empty() ? Open() : open_.back(); }

  Dialect dialect_;
  bool in_comment_ = false;
  std::vector<Open> open_;
  std::string statement_;
};

}  // namespace

std::vector<std::string_view> ConfigLine::words() const {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < text.size();) {
    if (!is_word(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    out.push_back(std::string_view(text).substr(begin, end - begin));
    begin = end;
  }
  return out;
}

Dialect find_dialect(std::string_view text) {
  std::string low = lower_text(text);
  auto has = [&](std::string_view word) { return low.find(word) != std::string::npos; };
  if (has("auth-zone:") || has("zonemd-check:") || has("root-hints:")) return Dialect::unbound;
  if (has("request-xfr:") || has("provide-xfr:")) return Dialect::nsd;
  if (has("zonetocache")) return Dialect::pdns_recursor;
  if (has("prefill")) return Dialect::knot_resolver;
  if (has("[[zone.primary]]")) return Dialect::zonewright;
  if (has("remote:") || has("- domain:")) return Dialect::knot;
  if (has("{") && (has("type ") || has("primaries") || has("masters"))) return Dialect::bind;
  if (has("root-servers.net")) return Dialect::hints;
  return Dialect::unknown;
}

std::vector<ConfigLine> read_lines(std::string_view text, Dialect dialect) {
  std::vector<ConfigLine> out;
  Reader reader(dialect);
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(reader.read(number, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace zw::localroot
