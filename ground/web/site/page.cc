#include "web/site/page.h"

#include <fmt/format.h>

#ifndef __clang__
// g++ 12 sees a null pointer inside the templates of this header that is not there.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#endif

#include <kainjow/mustache.hpp>

#include "web/factors/qr_code.h"

namespace zw {
namespace {

using Mustache = kainjow::mustache::mustache;
using Data = kainjow::mustache::data;

// In front of what is HTML, and of no text: so an unescaped tag shows nothing but HTML. A text may not hold
// it.
constexpr char kMark = '\x01';

std::string without_mark(std::string text) {
  std::erase(text, kMark);
  return text;
}

// Every value comes here, whichever way a template names it: text is escaped, HTML goes as it is.
std::string put(const std::string& value) {
  return value.starts_with(kMark) ? value.substr(1) : escape_html(value);
}

// `{{{name}}}` and `{{& name}}` would go around put(). They mean no more than `{{name}}` here.
std::string without_raw_tags(std::string text) {
  auto replace = [&](std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  replace("{{{", "{{");
  replace("}}}", "}}");
  replace("{{&", "{{");
  return text;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

Result<Html> qr_html(Bytes text) {
  ZW_TRY(std::string svg, qr_svg(text));
  return Html(std::move(svg));
}

Result<Pages> Pages::make(Templates templates) {
  for (auto& [name, text] : templates) {
    text = without_raw_tags(std::move(text));
    Mustache parsed(text);
    if (!parsed.is_valid())
      return fail(ErrorKind::malformed, "template {}: {}", name, parsed.error_message());
    for (auto at = text.find("{{>"); at != text.npos; at = text.find("{{>", at + 1)) {
      auto begin = text.find_first_not_of(' ', at + 3), end = text.find_first_of(" }", begin);
      if (std::string part = text.substr(begin, end - begin);
          !part.starts_with('_') || !templates.contains(part))
        return fail(ErrorKind::malformed, "template {}: there is no part {}", name, part);
    }
  }
  return Pages(std::move(templates));
}

namespace {

template <typename Values, typename Convert>
Data make_object(const Values& values, Convert convert) {
  Data out(Data::type::object);
  for (const auto& [name, value] : values) out.set(name, std::visit(convert, value));
  return out;
}

}  // namespace

Html Pages::render(std::string_view name, const PageData& data) const {
  auto found = templates_.find(name);
  ZW_ASSERT(found != templates_.end());
  struct Convert {
    Data operator()(const std::string& text) const { return Data(without_mark(text)); }
    Data operator()(bool flag) const { return Data(flag); }
    Data operator()(const Html& html) const { return Data(kMark + html.text()); }
    Data operator()(const PageData::List& list) const {
      Data out(Data::type::list);
      for (const PageData& one : list) out << make_object(one.values_, *this);
      return out;
    }
  };
  Data object = make_object(data.values_, Convert());
  for (const auto& [part, text] : templates_)
    if (part.starts_with('_')) object.set(part, Data(kainjow::mustache::partial([&text] { return text; })));
  // Parsed anew each time, as the library's templates change while they are shown.
  Mustache page(found->second);
  page.set_custom_escape(put);
  return Html(page.render(object));
}

}  // namespace zw
