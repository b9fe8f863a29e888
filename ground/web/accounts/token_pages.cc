#include "web/accounts/token_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dns/address_text.h"
#include "os/clock.h"

namespace zw {
namespace {

constexpr std::string_view kPath = "/account/tokens";
constexpr std::size_t kFormOctets = 16 << 10;
constexpr int kLives[] = {7, 30, 90, 365};  // days
constexpr int kUsualLife = 90;

std::string print_day(Timestamp when) { return print_time(std::chrono::floor<Seconds>(when)).substr(0, 10); }

/// A number that a form or a path holds; 0 for anything else, which nothing has.
std::int64_t number_of(std::string_view text) {
  return static_cast<std::int64_t>(parse_number(text, std::numeric_limits<std::int64_t>::max()).value_or(0));
}

class TokenPages {
 public:
  TokenPages(const SiteFrame& frame, AccountTokens& tokens) : frame_(frame), tokens_(tokens) {}

  /// With the form as it was typed, if it was refused: `bad` says why.
  WebResponse list(const WebRequest& request, const Session& session, std::string_view bad = {}) {
    auto rows = tokens_.list(session.account);
    if (!rows) return frame_.problem(request, session, rows.error());
    PageData data;
    data.text("token", frame_.token(request, kPath)).flag("has_any", !rows->empty());
    data.text("label", std::string(request.form.get("label")));
    PageData::List list;
    for (const TokenRow& row : *rows) list.push_back(shown(request, row));
    data.list("tokens", std::move(list));
    data.list("scopes", scope_boxes(request, session)).list("lives", life_choices(request));
    if (!bad.empty()) data.text("bad", std::string(bad));
    return frame_.page(request, session, "tokens", data,
                       {.title = "Tokens for programs", .status = bad.empty() ? 200u : 422u});
  }

  WebResponse make(const WebRequest& request, const Session& session) {
    std::string names;
    for (std::string_view name : request.form.all("scope"))
      names.append(names.empty() ? "" : " ").append(name);
    auto scopes = Scopes::parse(names);
    if (!scopes) return frame_.problem(request, session, 400, "This form was not the one that we sent.");
    NewToken wanted{std::string(request.form.get("label")), *scopes,
                    std::chrono::days(number_of(request.form.get("life")))};
    auto made = tokens_.make(session, wanted, SiteFrame::client(request));
    if (!made)
      return made.error().kind == ErrorKind::refused ? list(request, session, made.error().what)
                                                     : frame_.problem(request, session, made.error());
    PageData data;
    data.text("label", made->row.label).text("value", std::string(as_text(made->text)));
    data.text("until", print_day(made->row.good_until)).text("scopes", made->row.scopes.print());
    return frame_.page(request, session, "token", data, {.title = "A new token"});
  }

  WebResponse end(const WebRequest& request, const Session& session) {
    auto ended = tokens_.end(session.account, number_of(request.place(0)), SiteFrame::client(request));
    return ended ? WebResponse::redirect(kPath) : frame_.problem(request, session, ended.error());
  }

 private:
  PageData shown(const WebRequest& request, const TokenRow& row) const {
    PageData out;
    out.text("label", row.label).text("scopes", row.scopes.print()).number("number", row.number);
    out.text("until", print_day(row.good_until));
    out.text("used",
             row.used_at ? fmt::format("{}, from {}", print_day(*row.used_at), row.used_from) : "never");
    out.text("token", frame_.token(request, fmt::format("{}/{}/end", kPath, row.number)));
    return out;
  }

  PageData::List scope_boxes(const WebRequest& request, const Session& session) const {
    auto ticked = request.form.all("scope");
    PageData::List out;
    for (const TokenScope& scope : tokens_.offered(session.role)) {
      PageData& box = out.emplace_back();
      box.text("name", scope.name).text("words", scope.words);
      box.flag("is_ticked", std::ranges::find(ticked, scope.name) != ticked.end());
    }
    return out;
  }

  static PageData::List life_choices(const WebRequest& request) {
    std::string_view said = request.form.get("life");
    std::int64_t chosen = said.empty() ? kUsualLife : number_of(said);
    PageData::List out;
    for (int days : kLives) {
      PageData& one = out.emplace_back();
      one.number("days", days).flag("is_chosen", days == chosen);
    }
    return out;
  }

  const SiteFrame& frame_;
  AccountTokens& tokens_;
};

}  // namespace

void add_token_pages(WebRouter& router, const SiteFrame& frame, AccountTokens& tokens) {
  auto pages = std::make_shared<TokenPages>(frame, tokens);
  router.add(WebMethod::get, kPath,
             frame.signed_in([pages](const WebRequest& request, const Session& session) {
               return pages->list(request, session);
             }));
  // Who has only found an open browser must not leave with what opens the account for a year.
  router.add(WebMethod::post, kPath,
             frame.confirmed([pages](const WebRequest& request, const Session& session) {
               return pages->make(request, session);
             }),
             kFormOctets);
  router.add(WebMethod::post, fmt::format("{}/{{number}}/end", kPath),
             frame.signed_in([pages](const WebRequest& request, const Session& session) {
               return pages->end(request, session);
             }),
             kFormOctets);
}

}  // namespace zw
