#include "web/site/problem.h"

#include <fmt/format.h>

#include "format/json.h"

namespace zw {
namespace {

constexpr Seconds kBusyPause{1};

}  // namespace

std::string_view status_phrase(unsigned status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

Problem::Problem(const Error& error) : detail(error.what) {
  switch (error.kind) {
    case ErrorKind::not_found: status = 404; return;
    case ErrorKind::conflict: status = 409; return;
    case ErrorKind::malformed:
    case ErrorKind::unsupported:
    case ErrorKind::limit:
    case ErrorKind::refused: status = 422; return;
    case ErrorKind::timeout:
    case ErrorKind::io: break;
  }
  status = 503;
  detail = "something is busy, or under repair: try again in a moment";
  retry_after = kBusyPause;
}

WebResponse Problem::response() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("title", status_phrase(status))
      .member("status", status)
      .member("detail", detail);
  if (!pointer.empty() || !parameter.empty()) {
    json.key("errors").begin_array().begin_object();
    if (!pointer.empty()) json.member("pointer", pointer);
    if (!parameter.empty()) json.member("parameter", parameter);
    json.member("detail", detail).end_object().end_array();
  }
  json.end_object();
  WebResponse out(status, std::move(text), "application/problem+json");
  if (retry_after) out.field("Retry-After", fmt::format("{}", retry_after->count()));
  return out;
}

std::unexpected<Problem> bad_field(std::string pointer, std::string what) {
  Problem out(422, std::move(what));
  out.pointer = std::move(pointer);
  return std::unexpected(std::move(out));
}

std::unexpected<Problem> bad_parameter(std::string_view name, std::string what) {
  Problem out(422, std::move(what));
  out.parameter = name;
  return std::unexpected(std::move(out));
}

}  // namespace zw
