// Problem details (RFC 9457): what went wrong, for programs and for whoever reads their logs.
//
//   {"title": "Unprocessable Content", "status": 422, "detail": "label: expected 1 to 64 characters",
//    "errors": [{"pointer": "#/label", "detail": "label: expected 1 to 64 characters"}]}
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "web/site/message.h"

namespace zw {

struct Problem {
  unsigned status = 500;
  std::string detail;       // a sentence that says how to mend it
  std::string pointer{};    // of the part of the request's body that is meant (RFC 6901 §6): `#/zones/0/zone`
  std::string parameter{};  // or of its query
  std::optional<Seconds> retry_after{};

  Problem(unsigned code, std::string what) : status(code), detail(std::move(what)) {}
  /// By what its caller can do: 404 `not_found`, 409 `conflict`, 422 `refused`, `malformed`, `limit` and
  /// `unsupported`, and 503 for a busy or broken database, of which nothing is said.
  Problem(const Error&
              error);  // NOLINT(google-explicit-constructor): so that ZW_TRY turns the one into the other

  WebResponse response() const;
};

/// Of a handler: its answer, or why there is none.
using WebResult = std::expected<WebResponse, Problem>;

/// Of a field of the body.
std::unexpected<Problem> bad_field(std::string pointer, std::string what);
/// Of a field of the query.
std::unexpected<Problem> bad_parameter(std::string_view name, std::string what);

/// `Not Found` (RFC 9110 §15).
std::string_view status_phrase(unsigned status);

}  // namespace zw
