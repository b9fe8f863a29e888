#include "web/accounts/pages.h"

#include <fmt/format.h>

#include <charconv>

#include "os/clock.h"
#include "web/accounts/page_parts.h"
#include "web/accounts/passkey_pages.h"

namespace zw {
namespace {

constexpr std::size_t kFormOctets = 16 << 10;
constexpr std::string_view kTicketUse = "link by mail";

std::string_view words_of(TicketVerdict verdict) {
  switch (verdict) {
    case TicketVerdict::too_early:
      return "that was quick: without scripts this form is taken some seconds after it was opened. Send it "
             "again in a "
             "moment.";
    case TicketVerdict::crowded: return "too many people are here at this moment: try again in a minute.";
    case TicketVerdict::used: return "this form was sent before: here is a new one.";
    default: return "this form is too old, or was opened elsewhere: here is a new one.";
  }
}

class AccountPages {
 public:
  AccountPages(const SiteFrame& frame, Accounts& accounts, WorkTickets& tickets)
      : frame_(frame), accounts_(accounts), tickets_(tickets) {}

  // ---- a link by mail ----

  WebResponse ask_link(const WebRequest& request, std::string_view bad = {},
                       std::string_view kept_ticket = {}) {
    bool is_lost = request.path == "/lost-password";
    auto visitor = frame_.visitor(request);
    SystemRandom random;
    PageData data;
    data.text("title", is_lost ? "A new password" : "Sign up").text("action", request.path);
    data.text("hint", is_lost ? "The one of your account: the link to choose a new password goes there."
                              : "A link goes there, behind which you choose a password.");
    data.text("token", frame_.token(visitor, request.path))
        .text("email", std::string(request.form.get("email")));
    data.text("ticket", kept_ticket.empty() ? tickets_.make(kTicketUse, client_network(request.peer.ip),
                                                            clock_.wall(), random)
                                            : std::string(kept_ticket));
    data.number("bits", tickets_.bits()).number("wait", WorkSettings().waiting.count());
    if (!bad.empty()) data.text("bad", std::string(bad));
    WebResponse out = frame_.page(request, session_of(request), "sign-up", data,
                                  {.title = is_lost ? "A new password" : "Sign up",
                                   .is_narrow = true,
                                   .works = true,
                                   .status = bad.empty() ? 200u : 422u});
    frame_.keep(visitor, out);
    return out;
  }

  WebResponse send_link(const WebRequest& request) {
    if (auto good = frame_.check_token(request); !good) return ask_link(request, good.error().what);
    std::string_view ticket = request.form.get("ticket");
    TicketAnswer answer = tickets_.check(ticket, kTicketUse, client_network(request.peer.ip), clock_.wall());
    if (answer.verdict != TicketVerdict::good)
      return ask_link(request, words_of(answer.verdict),
                      answer.verdict == TicketVerdict::too_early ? ticket : std::string_view());
    if (auto sent =
            accounts_.request_link(request.form.get("email"), device_of(request), SiteFrame::client(request));
        !sent)
      return sent.error().kind == ErrorKind::refused ? ask_link(request, sent.error().what)
                                                     : frame_.problem(request, {}, sent.error());
    PageData data;
    data.text("email", *parse_email(request.form.get("email")));
    data.number("hours", accounts_.settings().link_life.count())
        .number("most", accounts_.settings().mails_of_asker);
    return frame_.page(request, session_of(request), "sent", data,
                       {.title = "Look into your mail", .is_narrow = true});
  }

  WebResponse show_link(const WebRequest& request, std::string_view bad = {}) {
    auto link = accounts_.find_link(request.place(0));
    if (!link) return frame_.problem(request, {}, link.error());
    if (!*link)
      return frame_.problem(
          request, {}, 404,
          "This link was used already, or is too old. Ask for another one, which takes a minute.");
    auto visitor = frame_.visitor(request);
    PageData data;
    std::string title = (*link)->is_new ? "Choose a password" : "Choose a new password";
    data.text("title", title).text("email", (*link)->email).text("action", request.path);
    data.text("token", frame_.token(visitor, request.path));
    data.text("button", (*link)->is_new ? "Make my account" : "Take this password");
    data.flag("has_passkeys", (*link)->passkeys > 0);
    data.text("passkeys",
              (*link)->passkeys == 1 ? "a passkey" : fmt::format("{} passkeys", (*link)->passkeys));
    data.flag("is_new", (*link)->is_new);
    if (!bad.empty()) data.text("bad", std::string(bad));
    WebResponse out = frame_.page(request, {}, "link", data,
                                  {.title = title, .is_narrow = true, .status = bad.empty() ? 200u : 422u});
    frame_.keep(visitor, out);
    return out;
  }

  void use_link(const WebRequest& request, const WebAnswer& answer) {
    if (auto good = frame_.check_token(request); !good) return answer(show_link(request, good.error().what));
    accounts_.use_link(request.place(0), request.form.get("password"), SiteFrame::client(request),
                       [this, request, answer](const Result<SignedIn>& made) {
                         if (made) return answer(enter(*made, "/"));
                         answer(show_link(request, made.error().what));
                       });
  }

  // ---- signing in ----

  WebResponse show_sign_in(const WebRequest& request, std::string_view bad = {}, unsigned status = 422) {
    auto visitor = frame_.visitor(request);
    PageData data;
    std::string next(request.is_reading() ? request.query.get("next") : request.form.get("next"));
    data.text("token", frame_.token(visitor, "/sign-in")).text("next", next);
    data.text("email", std::string(request.form.get("email")));
    data.text("passkey_token", frame_.token(visitor, "/sign-in/passkey"));
    if (!bad.empty()) data.text("bad", std::string(bad));
    WebResponse out = frame_.page(
        request, {}, "sign-in", data,
        {.title = "Sign in", .is_narrow = true, .has_passkeys = true, .status = bad.empty() ? 200u : status});
    frame_.keep(visitor, out);
    return out;
  }

  void sign_in(const WebRequest& request, const WebAnswer& answer) {
    if (auto good = frame_.check_token(request); !good)
      return answer(show_sign_in(request, good.error().what));
    accounts_.sign_in(request.form.get("email"), request.form.get("password"), device_of(request),
                      SiteFrame::client(request),
                      [this, request, answer](const Result<SignInOutcome>& outcome) {
                        if (!outcome) return answer(frame_.problem(request, {}, outcome.error()));
                        answer(tell(request, *outcome));
                      });
  }

  WebResponse tell(const WebRequest& request, const SignInOutcome& outcome) {
    switch (outcome.kind) {
      case SignInOutcome::Kind::signed_in: return enter(*outcome.signed_in, request.form.get("next"));
      case SignInOutcome::Kind::wrong: return show_sign_in(request, "The address or the password is wrong.");
      case SignInOutcome::Kind::wait:
        return show_sign_in(
            request,
            fmt::format("Too many wrong passwords: try again in {} seconds. A browser in which you were "
                        "signed in before, or a new password by mail, need not wait.",
                        std::max<std::int64_t>(1, (outcome.until - clock_.wall()).count())),
            429);
      case SignInOutcome::Kind::busy: break;
    }
    return show_sign_in(request, "Too many people are signing in at this moment: try again in a few seconds.",
                        503);
  }

  WebResponse enter(const SignedIn& signed_in, std::string_view next) {
    return enter_site(frame_, signed_in, next);
  }

  WebResponse show_factor(const WebRequest& request, const Session& session, std::string_view bad = {}) {
    PageData data;
    data.text("token", frame_.token(request, "/factor"));
    data.text("next",
              std::string(request.is_reading() ? request.query.get("next") : request.form.get("next")));
    data.flag("has_totp", session.has_totp).flag("has_passkey", session.has_passkey);
    data.text("passkey_token", frame_.token(request, "/factor/passkey"));
    if (!bad.empty()) data.text("bad", std::string(bad));
    return frame_.page(request, session, "factor", data,
                       {.title = "One more step",
                        .is_narrow = true,
                        .has_passkeys = session.has_passkey,
                        .status = bad.empty() ? 200u : 422u});
  }

  /// For a session that may be half.
  WebResponse factor(const WebRequest& request) {
    auto session = frame_.session(request);
    if (!session) return frame_.problem(request, {}, session.error());
    if (!*session) return WebResponse::redirect("/sign-in");
    if (request.is_reading())
      return (*session)->is_whole ? WebResponse::redirect("/") : show_factor(request, **session);
    if (auto good = frame_.check_token(request); !good)
      return show_factor(request, **session, good.error().what);
    if (auto shown = accounts_.show_factor(**session, request.form.get("code"), SiteFrame::client(request));
        !shown)
      return shown.error().kind == ErrorKind::refused ? show_factor(request, **session, shown.error().what)
                                                      : frame_.problem(request, *session, shown.error());
    return WebResponse::redirect(request.form.get("next"));
  }

  WebResponse sign_out(const WebRequest& request) {
    auto session = frame_.session(request);
    if (!session) return frame_.problem(request, {}, session.error());
    if (*session) {
      if (auto good = frame_.check_token(request); !good)
        return frame_.problem(request, *session, good.error());
      if (auto out = accounts_.sign_out(**session); !out)
        return frame_.problem(request, *session, out.error());
    }
    WebResponse out = WebResponse::redirect("/");
    out.cookie(kSessionCookie, "", std::chrono::seconds(0), frame_.is_secure());
    return out;
  }

  // ---- once more ----

  WebResponse show_confirm(const WebRequest& request, const Session& session, std::string_view bad = {}) {
    PageData data;
    data.text("token", frame_.token(request, "/account/confirm")).text("email", session.email);
    data.text("next",
              std::string(request.is_reading() ? request.query.get("next") : request.form.get("next")));
    data.flag("has_totp", session.has_totp);
    if (!bad.empty()) data.text("bad", std::string(bad));
    return frame_.page(request, session, "confirm", data,
                       {.title = "Is it you?", .is_narrow = true, .status = bad.empty() ? 200u : 422u});
  }

  void confirm(const WebRequest& request, const WebAnswer& answer) {
    auto session = frame_.session(request);
    if (!session) return answer(frame_.problem(request, {}, session.error()));
    if (!*session || !(*session)->is_whole) return answer(WebResponse::redirect("/sign-in"));
    if (auto good = frame_.check_token(request); !good)
      return answer(show_confirm(request, **session, good.error().what));
    accounts_.confirm(**session, request.form.get("secret"), SiteFrame::client(request),
                      [this, request, session = **session, answer](const Result<void>& done) {
                        if (done) return answer(WebResponse::redirect(request.form.get("next")));
                        answer(done.error().kind == ErrorKind::refused
                                   ? show_confirm(request, session, done.error().what)
                                   : frame_.problem(request, session, done.error()));
                      });
  }

  // ---- one's own account ----

  WebResponse account(const WebRequest& request, const Session& session, std::string_view bad = {}) {
    auto account = accounts_.find(session.account);
    if (!account) return frame_.problem(request, session, account.error());
    auto rows = accounts_.sessions(session);
    if (!rows) return frame_.problem(request, session, rows.error());
    auto recovery = accounts_.count_recovery(session.account);
    if (!recovery) return frame_.problem(request, session, recovery.error());
    PageData data;
    data.text("email", account->email).text("since", print_moment(account->made_at));
    data.flag("is_admin", account->role == AccountRole::admin).flag("has_totp", account->has_totp);
    data.flag("has_factor", account->has_factor()).flag("has_passkeys", account->passkeys > 0);
    data.text("passkeys",
              account->passkeys == 1 ? "one passkey" : fmt::format("{} passkeys", account->passkeys));
    data.number("recovery", static_cast<std::int64_t>(*recovery));
    data.text("recovery_token", frame_.token(request, "/account/recovery"));
    data.text("drop_token", frame_.token(request, "/account/totp/drop"));
    data.text("others_token", frame_.token(request, "/account/sign-out-others"));
    if (!bad.empty()) data.text("bad", std::string(bad));
    PageData::List list;
    for (const SessionRow& row : *rows) {
      PageData one;
      one.text("address", row.address).text("agent", row.agent).text("used", print_moment(row.used_at));
      one.number("number", row.number).flag("is_this", row.is_this);
      one.text("token", frame_.token(request, fmt::format("/account/sessions/{}/end", row.number)));
      list.push_back(std::move(one));
    }
    data.list("sessions", std::move(list));
    PageData::List more;
    for (const SiteLink& link : frame_.settings().account_links)
      more.emplace_back().text("to", link.to).text("words", link.words);
    data.flag("has_more", !more.empty()).list("more", std::move(more));
    return frame_.page(request, session, "account", data,
                       {.title = "Your account", .status = bad.empty() ? 200u : 422u});
  }

  WebResponse end_session(const WebRequest& request, const Session& session) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(request.places[0].data(),
                                        request.places[0].data() + request.places[0].size(), number);
    if (error != std::errc() || end != request.places[0].data() + request.places[0].size())
      return frame_.problem(request, session, 404, "There is no such session.");
    return back(request, session, accounts_.end_session(session, number, SiteFrame::client(request)));
  }

  WebResponse back(const WebRequest& request, const Session& session, const Result<void>& done) {
    if (!done) return frame_.problem(request, session, done.error());
    return WebResponse::redirect("/account");
  }

  WebResponse show_totp(const WebRequest& request, const Session& session, const TotpSecret& secret,
                        std::string_view bad = {}) {
    auto picture = qr_html(secret.uri(frame_.settings().site, session.email));
    if (!picture) return frame_.problem(request, session, picture.error());
    PageData data;
    data.text("token", frame_.token(request, "/account/totp")).html("qr", *picture);
    data.text("secret", std::string(as_text(secret.base32())));
    if (!bad.empty()) data.text("bad", std::string(bad));
    return frame_.page(
        request, session, "totp", data,
        {.title = "A code on your telephone", .is_narrow = true, .status = bad.empty() ? 200u : 422u});
  }

  WebResponse set_totp(const WebRequest& request, const Session& session) {
    // In force already: who has only found an open browser must not replace it.
    if (session.has_totp)
      return account(request, session,
                     "A second factor is in force: give it up before you set up another one.");
    auto secret = TotpSecret::parse(request.form.get("secret"));
    if (!secret) return frame_.problem(request, session, 400, "This form was not the one that we sent.");
    auto codes = accounts_.set_totp(session, *secret, request.form.get("code"), SiteFrame::client(request));
    if (!codes)
      return codes.error().kind == ErrorKind::refused
                 ? show_totp(request, session, *secret, codes.error().what)
                 : frame_.problem(request, session, codes.error());
    return show_codes(request, session, *codes);
  }

  WebResponse drop_totp(const WebRequest& request, const Session& session) {
    if (auto shown = accounts_.show_factor(session, request.form.get("code"), SiteFrame::client(request));
        !shown)
      return account(request, session, shown.error().what);
    return back(request, session, accounts_.drop_totp(session, SiteFrame::client(request)));
  }

  WebResponse new_codes(const WebRequest& request, const Session& session) {
    if (!session.has_totp && !session.has_passkey)
      return account(request, session, "There is no second factor that codes would stand for.");
    auto codes = accounts_.make_recovery(session, SiteFrame::client(request));
    return codes ? show_codes(request, session, *codes) : frame_.problem(request, session, codes.error());
  }

  WebResponse show_codes(const WebRequest& request, const Session& session, const RecoveryCodes& codes) {
    return show_recovery_codes(frame_, request, session, codes);
  }

  TotpSecret new_totp() { return accounts_.make_totp(); }
  Accounts& accounts() { return accounts_; }

 private:
  std::string device_of(const WebRequest& request) const {
    return std::string(request.cookies.get(cookie_name(kDeviceCookie, frame_.is_secure())));
  }
  std::optional<Session> session_of(const WebRequest& request) const {
    auto session = frame_.session(request);
    return session ? *session : std::nullopt;
  }

  const SiteFrame& frame_;
  Accounts& accounts_;
  WorkTickets& tickets_;
  const SystemClock clock_{};
};

}  // namespace

void add_account_pages(WebRouter& router, const SiteFrame& frame, Accounts& accounts, WorkTickets& tickets) {
  auto pages = std::make_shared<AccountPages>(frame, accounts, tickets);
  using Request = WebRequest;
  for (const char* path : {"/sign-up", "/lost-password"}) {
    router.add(WebMethod::get, path, [pages](const Request& request) { return pages->ask_link(request); });
    router.add(
        WebMethod::post, path, [pages](const Request& request) { return pages->send_link(request); },
        kFormOctets);
  }
  router.add(WebMethod::get, "/link/{code}",
             [pages](const Request& request) { return pages->show_link(request); });
  router.add(WebMethod::post, "/link/{code}",
             WebHandler([pages](const Request& request, const WebAnswer& answer) {
               pages->use_link(request, answer);
             }),
             kFormOctets);
  router.add(WebMethod::get, "/sign-in",
             [pages](const Request& request) { return pages->show_sign_in(request); });
  router.add(WebMethod::post, "/sign-in",
             WebHandler([pages](const Request& request, const WebAnswer& answer) {
               pages->sign_in(request, answer);
             }),
             kFormOctets);
  router.add(WebMethod::get, "/factor", [pages](const Request& request) { return pages->factor(request); });
  router.add(
      WebMethod::post, "/factor", [pages](const Request& request) { return pages->factor(request); },
      kFormOctets);
  router.add(
      WebMethod::post, "/sign-out", [pages](const Request& request) { return pages->sign_out(request); },
      kFormOctets);

  router.add(WebMethod::post, "/account/confirm",
             WebHandler([pages](const Request& request, const WebAnswer& answer) {
               pages->confirm(request, answer);
             }),
             kFormOctets);

  auto page_of = [&pages](auto handler) {
    return [pages, handler](const Request& request, const Session& session) {
      return handler(*pages, request, session);
    };
  };
  auto own = [&](WebMethod method, std::string_view path, auto handler) {
    router.add(method, path, frame.signed_in(page_of(handler)), kFormOctets);
  };
  auto own_confirmed = [&](WebMethod method, std::string_view path, auto handler, std::string back = {}) {
    router.add(method, path, frame.confirmed(page_of(handler), std::move(back)), kFormOctets);
  };
  own(WebMethod::get, "/account/confirm",
      [](AccountPages& all, const Request& request, const Session& session) {
        return all.show_confirm(request, session);
      });
  own(WebMethod::get, "/account", [](AccountPages& all, const Request& request, const Session& session) {
    return all.account(request, session);
  });
  own(WebMethod::post, "/account/sessions/{number}/end",
      [](AccountPages& all, const Request& request, const Session& session) {
        return all.end_session(request, session);
      });
  own(WebMethod::post, "/account/sign-out-others",
      [](AccountPages& all, const Request& request, const Session& session) {
        return all.back(request, session,
                        all.accounts().sign_out_others(session, SiteFrame::client(request)));
      });
  own_confirmed(WebMethod::get, "/account/totp",
                [](AccountPages& all, const Request& request, const Session& session) {
                  if (session.has_totp) return WebResponse::redirect("/account");
                  return all.show_totp(request, session, all.new_totp());
                });
  own_confirmed(WebMethod::post, "/account/totp",
                [](AccountPages& all, const Request& request, const Session& session) {
                  return all.set_totp(request, session);
                });
  own(WebMethod::post, "/account/totp/drop",
      [](AccountPages& all, const Request& request, const Session& session) {
        return all.drop_totp(request, session);
      });
  own_confirmed(
      WebMethod::post, "/account/recovery",
      [](AccountPages& all, const Request& request, const Session& session) {
        return all.new_codes(request, session);
      },
      "/account");
  add_passkey_pages(
      router, frame, accounts.passkeys(),
      {.sign_in = [pages](const Request& request,
                          std::string_view bad) { return pages->show_sign_in(request, bad); },
       .factor = [pages](const Request& request, const Session& session,
                         std::string_view bad) { return pages->show_factor(request, session, bad); }});
}

}  // namespace zw
