// What is wrong with a configuration: all of it, each with its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/toml.h"

namespace zw {

class Complaints {
 public:
  static constexpr std::size_t kMost = 100;  // what comes after them is not kept

  void add(TextPosition at, std::string what);
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }
  /// In the order of the text.
  std::vector<TextError> sorted() const;

 private:
  std::vector<TextError> all_;
};

/// `file:line:column: what`, one a line; without the numbers where something has no place.
std::string print_errors(std::string_view file, const std::vector<TextError>& errors);

/// The one of `known` that is most like `name`, if one is like enough to be what was meant; else empty.
std::string_view nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace zw
