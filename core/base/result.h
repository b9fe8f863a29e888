// How a function says that it cannot go on. `kind` tells the caller what it can do; `what` is a sentence for
// a person with the subject, what was expected and what was found. What the world may rightly answer (a
// verdict, findings, "absent") is a value and no Error; a mistake of ours is ZW_ASSERT.
#pragma once

#include <fmt/core.h>

#include <expected>
#include <string>
#include <utility>

namespace zw {

enum class ErrorKind {
  malformed,    // the input breaks its format; the same input fails again
  unsupported,  // well formed, but nothing here can handle it
  limit,        // larger than a bound that is set on purpose
  not_found,    // what was named is not there
  conflict,     // the state does not allow it now
  refused,      // the other side, or a policy, said no
  timeout,      // nothing came in time; worth another try
  io,           // the operating system or the network failed
};

struct Error {
  ErrorKind kind;
  std::string what;
};

template <typename T>
using Result = std::expected<T, Error>;

template <typename... Args>
std::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{kind, fmt::format(format, std::forward<Args>(args)...)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace zw

// A broken promise between two pieces of our own code: stop at once, in every build.
#define ZW_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::zw::assertion_failed(#expression, __FILE__, __LINE__))

// Unwraps a Result into `declaration`, or returns its error to our caller.
#define ZW_CONCAT_(a, b) a##b
#define ZW_CONCAT(a, b) ZW_CONCAT_(a, b)
#define ZW_TRY_(temporary, declaration, expression)                     \
  auto temporary = (expression);                                        \
  if (!temporary) return std::unexpected(std::move(temporary).error()); \
  declaration = std::move(*temporary)
#define ZW_TRY(declaration, expression) ZW_TRY_(ZW_CONCAT(zw_try_, __LINE__), declaration, expression)
#define ZW_CHECK(expression) \
  if (auto zw_check = (expression); !zw_check) return std::unexpected(std::move(zw_check).error())
