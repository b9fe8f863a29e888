#include "web/site/router.h"

#include <algorithm>

namespace zw {
namespace {

constexpr std::string_view kOpen = "{";

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty() && out.size() <= WebRouter::kMostSegments) {
    path.remove_prefix(1);  // the slash
    auto end = std::min(path.find('/'), path.size());
    out.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

/// How well a path fits: the number of fixed segments, or nothing.
std::optional<std::size_t> match(const std::vector<std::string>& pattern,
                                 const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::size_t fixed = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (pattern[i] == path[i])
      ++fixed;
    else if (pattern[i] != kOpen || path[i].empty())
      return std::nullopt;
  }
  return fixed;
}

}  // namespace

void WebRouter::add(WebMethod method, std::string_view pattern, WebHandler handler, std::size_t most_body) {
  Entry entry{method, {}, {std::move(handler), method == WebMethod::get ? 0 : most_body}};
  for (std::string_view segment : split(pattern))
    entry.segments.emplace_back(segment.starts_with(kOpen) ? kOpen : segment);
  entries_.push_back(std::move(entry));
}

const WebExplain* WebRouter::explain(std::string_view path) const {
  for (const auto& [prefix, explain] : explains_)
    if (path.starts_with(prefix)) return &explain;
  return nullptr;
}

WebRouter::Found WebRouter::find(WebMethod method, std::string_view path) const {
  Found found;
  if (!path.starts_with('/')) return found;
  auto segments = split(path);
  std::optional<std::size_t> best;
  const Entry* entry = nullptr;
  for (const Entry& candidate : entries_) {
    auto fixed = match(candidate.segments, segments);
    if (!fixed) continue;
    if (candidate.method != method) {
      if (std::ranges::find(found.methods, candidate.method) == found.methods.end())
        found.methods.push_back(candidate.method);
    } else if (!best || *fixed > *best) {
      best = fixed;
      entry = &candidate;
    }
  }
  if (!entry) return found;
  found.route = &entry->route;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (entry->segments[i] != kOpen) continue;
    auto decoded = percent_decode(segments[i]);
    if (!decoded) return {};
    found.places.push_back(std::move(*decoded));
  }
  return found;
}

std::vector<std::pair<WebMethod, std::string>> WebRouter::routes() const {
  std::vector<std::pair<WebMethod, std::string>> out;
  for (const Entry& entry : entries_) {
    std::string pattern;
    for (const std::string& segment : entry.segments) pattern += "/" + (segment == kOpen ? "{}" : segment);
    out.emplace_back(entry.method, std::move(pattern));
  }
  return out;
}

}  // namespace zw
