// Pages from templates (Mustache, mustache(5)) and values: a value is text and is escaped, or it is HTML that
// this room has made itself. There is no way from the one to the other, whatever a template says.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

/// HTML that may stand in a page as it is. Only this room makes it.
class Html {
 public:
  const std::string& text() const& { return text_; }
  std::string&& text() && { return std::move(text_); }

 private:
  friend class Pages;
  friend Result<Html> qr_html(Bytes text);
  explicit Html(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// The values of one page or part of it. A later value with the same name replaces the one before.
class PageData {
 public:
  using List = std::vector<PageData>;

  PageData& text(std::string name, std::string value) { return set(std::move(name), std::move(value)); }
  PageData& number(std::string name, std::int64_t value) {
    return set(std::move(name), std::to_string(value));
  }
  PageData& flag(std::string name, bool value) { return set(std::move(name), value); }
  PageData& html(std::string name, Html value) { return set(std::move(name), std::move(value)); }
  /// A section that is shown once for each.
  PageData& list(std::string name, List values) { return set(std::move(name), std::move(values)); }
  /// A section that is shown once, with these values inside.
  PageData& part(std::string name, PageData value) {
    List one;
    one.push_back(std::move(value));
    return list(std::move(name), std::move(one));
  }

 private:
  friend class Pages;
  using Value = std::variant<std::string, bool, Html, List>;
  PageData& set(std::string name, Value value) {
    values_.insert_or_assign(std::move(name), std::move(value));
    return *this;
  }
  std::map<std::string, Value> values_;
};

/// Safe for many threads once made.
class Pages {
 public:
  using Templates = std::map<std::string, std::string, std::less<>>;

  /// Names that begin with `_` are parts of others ({{> _name}}). Fails with `malformed` if one is no
  /// template, or shows a part that is not there.
  static Result<Pages> make(Templates templates);

  /// The template must be there. What a template names and `data` has not is empty.
  Html render(std::string_view name, const PageData& data) const;

 private:
  explicit Pages(Templates templates) : templates_(std::move(templates)) {}
  Templates templates_;
};

/// A QR code (web/factors/qr_code.h).
Result<Html> qr_html(Bytes text);

/// As it may stand in text and in quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace zw
