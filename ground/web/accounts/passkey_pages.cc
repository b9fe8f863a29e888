#include "web/accounts/passkey_pages.h"

#include <fmt/format.h>

#include "dns/address_text.h"
#include "format/json.h"
#include "web/accounts/page_parts.h"

namespace zw {
namespace {

constexpr std::size_t kFormOctets = 32 << 10;

/// What passkey.js gets from the places that it asks for options.
WebResponse say_options(const Result<std::string>& options) {
  if (options) return WebResponse::json(*options);
  std::string text;
  JsonWriter(text).begin_object().member("what", options.error().what).end_object();
  return WebResponse::json(text, options.error().kind == ErrorKind::refused ? 403 : 503);
}

class PasskeyPages {
 public:
  PasskeyPages(const SiteFrame& frame, AccountPasskeys& passkeys, PasskeyAskers askers)
      : frame_(frame), passkeys_(passkeys), askers_(std::move(askers)) {}

  std::string browser(const WebRequest& request) const { return frame_.visitor(request).secret; }

  // ---- signing in ----

  /// A browser that has seen no page of ours has nothing that a challenge could be bound to.
  WebResponse sign_in_options(const WebRequest& request) const {
    auto visitor = frame_.visitor(request);
    if (visitor.is_new) return say_options(fail(ErrorKind::refused, "load the page again, with cookies on"));
    return say_options(passkeys_.sign_in_options(visitor.secret));
  }

  WebResponse sign_in(const WebRequest& request) {
    if (auto good = frame_.check_token(request); !good) return askers_.sign_in(request, good.error().what);
    std::string secret = browser(request);
    auto signed_in = passkeys_.sign_in(answer_of(request, secret), SiteFrame::client(request));
    if (!signed_in)
      return signed_in.error().kind == ErrorKind::refused ? askers_.sign_in(request, signed_in.error().what)
                                                          : frame_.problem(request, {}, signed_in.error());
    return enter_site(frame_, *signed_in, request.form.get("next"));
  }

  WebResponse factor_options(const WebRequest& request) const {
    auto session = frame_.session(request);
    if (!session) return say_options(fail(session.error()));
    if (!*session) return say_options(fail(ErrorKind::refused, "sign in again: this took too long"));
    return say_options(passkeys_.factor_options(**session, browser(request)));
  }

  /// For a session that is half.
  WebResponse factor(const WebRequest& request) {
    auto session = frame_.session(request);
    if (!session) return frame_.problem(request, {}, session.error());
    if (!*session) return WebResponse::redirect("/sign-in");
    if (auto good = frame_.check_token(request); !good)
      return askers_.factor(request, **session, good.error().what);
    std::string secret = browser(request);
    auto shown = passkeys_.show_factor(**session, answer_of(request, secret), SiteFrame::client(request));
    if (!shown)
      return shown.error().kind == ErrorKind::refused ? askers_.factor(request, **session, shown.error().what)
                                                      : frame_.problem(request, *session, shown.error());
    return WebResponse::redirect(request.form.get("next"));
  }

  // ---- one's own ----

  WebResponse list(const WebRequest& request, const Session& session) const {
    auto rows = passkeys_.list(session.account);
    if (!rows) return frame_.problem(request, session, rows.error());
    PageData::List list;
    for (const PasskeyRow& row : *rows) {
      PageData one;
      one.text("label", row.label).number("number", row.number).text("made", print_moment(row.made_at));
      one.text("used", row.used_at ? print_moment(*row.used_at) : "never");
      one.flag("is_synced", row.is_synced).flag("is_copied", row.copied_at.has_value());
      list.push_back(std::move(one));
    }
    PageData data;
    data.flag("has_some", !list.empty()).list("passkeys", std::move(list));
    return frame_.page(request, session, "passkeys", data, {.title = "Passkeys"});
  }

  WebResponse show_add(const WebRequest& request, const Session& session, std::string_view bad = {}) const {
    PageData data;
    data.text("token", frame_.token(request, "/account/passkeys/add"));
    data.text("label", std::string(request.form.get("label")))
        .flag("is_first", !session.has_totp && !session.has_passkey);
    if (!bad.empty()) data.text("bad", std::string(bad));
    return frame_.page(request, session, "passkey-add", data,
                       {.title = "A new passkey",
                        .is_narrow = true,
                        .has_passkeys = true,
                        .status = bad.empty() ? 200u : 422u});
  }

  WebResponse creation_options(const WebRequest& request, const Session& session) const {
    return say_options(passkeys_.creation_options(session, browser(request)));
  }

  WebResponse add(const WebRequest& request, const Session& session) {
    std::string secret = browser(request);
    auto codes = passkeys_.add(session, request.form.get("label"), answer_of(request, secret),
                               SiteFrame::client(request));
    if (!codes)
      return codes.error().kind == ErrorKind::refused ? show_add(request, session, codes.error().what)
                                                      : frame_.problem(request, session, codes.error());
    return *codes ? show_recovery_codes(frame_, request, session, **codes)
                  : WebResponse::redirect("/account/passkeys");
  }

  WebResponse show_end(const WebRequest& request, const Session& session) const {
    auto rows = passkeys_.list(session.account);
    if (!rows) return frame_.problem(request, session, rows.error());
    for (const PasskeyRow& row : *rows) {
      if (std::to_string(row.number) != request.place(0)) continue;
      PageData data;
      data.text("label", row.label)
          .text("action", request.path)
          .text("token", frame_.token(request, request.path));
      data.flag("is_last", rows->size() == 1 && !session.has_totp);
      return frame_.page(request, session, "passkey-end", data,
                         {.title = "End a passkey", .is_narrow = true});
    }
    return frame_.problem(request, session, 404, "There is no such passkey, or not any more.");
  }

  WebResponse end(const WebRequest& request, const Session& session) {
    auto number = parse_number(request.place(0), std::numeric_limits<std::int64_t>::max());
    if (!number) return frame_.problem(request, session, 404, "There is no such passkey.");
    auto ended = passkeys_.end(session, static_cast<std::int64_t>(*number), SiteFrame::client(request));
    return ended ? WebResponse::redirect("/account/passkeys")
                 : frame_.problem(request, session, ended.error());
  }

 private:
  static PasskeyAnswer answer_of(const WebRequest& request, std::string_view browser) {
    return {browser, request.form.get("challenge"), request.form.get("answer")};
  }

  const SiteFrame& frame_;
  AccountPasskeys& passkeys_;
  const PasskeyAskers askers_;
};

}  // namespace

void add_passkey_pages(WebRouter& router, const SiteFrame& frame, AccountPasskeys& passkeys,
                       PasskeyAskers askers) {
  auto pages = std::make_shared<PasskeyPages>(frame, passkeys, std::move(askers));
  using Page = WebResponse (PasskeyPages::*)(const WebRequest&);
  using Look = WebResponse (PasskeyPages::*)(const WebRequest&) const;
  auto open = [&](WebMethod method, std::string_view path, auto page) {
    router.add(
        method, path, [pages, page](const WebRequest& request) { return (*pages.*page)(request); },
        kFormOctets);
  };
  open(WebMethod::get, "/sign-in/passkey/options", Look{&PasskeyPages::sign_in_options});
  open(WebMethod::post, "/sign-in/passkey", Page{&PasskeyPages::sign_in});
  open(WebMethod::get, "/factor/passkey/options", Look{&PasskeyPages::factor_options});
  open(WebMethod::post, "/factor/passkey", Page{&PasskeyPages::factor});

  auto own = [&](auto page) {
    return [pages, page](const WebRequest& request, const Session& session) {
      return (*pages.*page)(request, session);
    };
  };
  router.add(WebMethod::get, "/account/passkeys", frame.signed_in(own(&PasskeyPages::list)));
  router.add(WebMethod::get, "/account/passkeys/add",
             frame.confirmed([pages](const WebRequest& request, const Session& session) {
               return pages->show_add(request, session);
             }));
  router.add(WebMethod::get, "/account/passkeys/add/options",
             frame.signed_in(own(&PasskeyPages::creation_options)));
  router.add(WebMethod::post, "/account/passkeys/add", frame.confirmed(own(&PasskeyPages::add)), kFormOctets);
  router.add(WebMethod::get, "/account/passkeys/{number}/end", frame.confirmed(own(&PasskeyPages::show_end)));
  router.add(WebMethod::post, "/account/passkeys/{number}/end", frame.confirmed(own(&PasskeyPages::end)),
             kFormOctets);
}

}  // namespace zw
