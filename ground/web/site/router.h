// Which handler a request is for.
#pragma once

#include <functional>
#include <optional>

#include "web/site/message.h"

namespace zw {

/// Gives the answer, once, from any thread and at any time. Copies stand for the same request; when the last
/// one goes without an answer, the client gets a 500.
using WebAnswer = std::function<void(WebResponse)>;

/// On a thread of the server, several at a time. May wait for a database, not for strangers. The request is
/// good for the call; who answers later keeps what it needs.
using WebHandler = std::function<void(const WebRequest&, const WebAnswer&)>;

/// The answer to what goes wrong before a handler is asked: its status, and a sentence for people.
using WebExplain = std::function<WebResponse(unsigned status, std::string_view what)>;

struct WebRoute {
  WebHandler handler;
  std::size_t most_body = 0;  // octets; 0: none is taken
};

/// Routes by method and pattern: `/servers/{id}/edit`, where `{…}` stands for one segment that is not empty.
/// A fixed segment goes before one that is open. Fixed once the server runs.
class WebRouter {
 public:
  static constexpr std::size_t kMostSegments = 12;

  void add(WebMethod method, std::string_view pattern, WebHandler handler, std::size_t most_body = 64 << 10);
  /// The same for who answers at once.
  void add(WebMethod method, std::string_view pattern, std::function<WebResponse(const WebRequest&)> handler,
           std::size_t most_body = 64 << 10) {
    add(method, pattern,
        WebHandler([handler = std::move(handler)](const WebRequest& request, const WebAnswer& answer) {
          answer(handler(request));
        }),
        most_body);
  }

  /// Answers for paths that begin with `prefix` instead of the server's own explanations: programs do not
  /// want pages.
  void explain_below(std::string_view prefix, WebExplain explain) {
    explains_.emplace_back(prefix, std::move(explain));
  }
  /// Null: the server's own. `path` as for find().
  const WebExplain* explain(std::string_view path) const;

  struct Found {
    const WebRoute* route = nullptr;  // null: not found
    std::vector<std::string> places;
    std::vector<WebMethod> methods;  // that the path has, if not this one
  };
  /// `path`: not decoded yet, so that %2F ends no segment.
  Found find(WebMethod method, std::string_view path) const;

  /// All patterns as `/servers/{}/edit`, for tests that go through them.
  std::vector<std::pair<WebMethod, std::string>> routes() const;

 private:
  struct Entry {
    WebMethod method;
    std::vector<std::string> segments;  // `{` for an open one
    WebRoute route;
  };
  std::vector<Entry> entries_;
  std::vector<std::pair<std::string, WebExplain>> explains_;
};

}  // namespace zw
