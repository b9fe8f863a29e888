// The JSON body of a request (RFC 8259), taken apart with words for who sent it: each complaint names the
// member by its JSON pointer (RFC 6901 §6).
//
// Members that are not known are refused, so that a slip changes nothing unseen, and so are names that stand
// twice. Depth and size are bounded.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/json.h"
#include "web/site/problem.h"

namespace zw {

template <typename T>
using WebTry = std::expected<T, Problem>;

/// An object at some place of a body, which it looks at.
class JsonFields {
 public:
  JsonFields(const Json& object, std::string pointer) : object_(&object), pointer_(std::move(pointer)) {}
  /// Fails where it is no object, or has other members than these.
  static WebTry<JsonFields> open(const Json& value, std::string pointer,
                                 std::initializer_list<std::string_view> known);

  std::string pointer(std::string_view name) const { return pointer_ + "/" + std::string(name); }
  bool has(std::string_view name) const { return object_->find(name) != nullptr; }

  /// Absent where the member is not there, or null. Else it has to be of that kind.
  WebTry<std::optional<std::string>> text(std::string_view name) const;
  WebTry<std::optional<std::int64_t>> whole(std::string_view name, std::int64_t least,
                                            std::int64_t most) const;
  WebTry<std::optional<bool>> boolean(std::string_view name) const;
  /// The items of a list, none where it is not there. At most `most`.
  WebTry<std::span<const Json>> list(std::string_view name, std::size_t most) const;

  /// The same for what has to be there.
  WebTry<std::string> need_text(std::string_view name) const;
  WebTry<bool> need_boolean(std::string_view name) const;

 private:
  const Json* find(std::string_view name) const;
  const Json* object_;
  std::string pointer_;
};

/// The body of a request. 415 unless it says that it is `application/json`, 400 if it is none, with the
/// bounds of `limits`.
WebTry<Json> json_body(const WebRequest& request, JsonLimits limits = {.octets = 64 << 10, .depth = 8});

}  // namespace zw
