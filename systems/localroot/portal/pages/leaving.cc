// One's data: a copy to take along, and the end of the account.
#include "localroot/portal/account_data.h"
#include "localroot/portal/pages/visit.h"

namespace zw::localroot::portal {
namespace {

constexpr std::string_view kSessionCookie = "session", kDeviceCookie = "device";

WebResponse show(const Visit& visit, const FormFaults& faults) {
  auto account = visit.desk.accounts.find(visit.account());
  if (!account) return visit.problem(account.error());
  PageData data;
  PageData leave = visit.form("/data/delete");
  leave.flag("has_password", account->has_password).flag("has_totp", account->has_totp);
  data.text("email", account->email).text("typed", std::string(visit.field("email")));
  data.part("take", visit.form("/data/export")).part("leave", std::move(leave));
  return visit.page("data", std::move(data), "Your data", faults);
}
WebResponse show(const Visit& visit) { return show(visit, {}); }

WebResponse take(const Visit& visit) {
  auto text = export_all(visit.desk.store, visit.desk.accounts, *visit.who, visit.field("secrets") == "yes");
  if (!text) return visit.problem(text.error());
  return Visit::file(std::move(*text), "account.json", "application/json");
}

// ---- the end ----------------------------------------------------------------------------------------------

WebResponse remove(const Visit& visit) {
  auto gone = remove_all(visit.desk.store, visit.desk.accounts, visit.account(), visit.client());
  if (!gone) return visit.problem(gone.error());
  WebResponse out = visit.done("/", "account-gone");
  out.cookie(kSessionCookie, "", std::chrono::seconds(0), visit.frame.is_secure());
  return out;
}

/// The second factor, if there is one, is shown after the password.
WebResponse remove_with_code(const Visit& visit) {
  if (visit.who->has_totp)
    if (auto shown = visit.desk.accounts.show_factor(*visit.who, visit.field("code"), visit.client()); !shown) {
      if (auto words = mendable(shown.error())) return show(visit, {{"code", *words}});
      return visit.problem(shown.error());
    }
  return remove(visit);
}

WebResponse after_password(const Visit& visit, const SignInOutcome& outcome) {
  switch (outcome.kind) {
    case SignInOutcome::Kind::signed_in: return remove_with_code(visit);
    case SignInOutcome::Kind::wrong: return show(visit, {{"password", "This is not your password."}});
    case SignInOutcome::Kind::wait:
      return show(visit, {{"password", fmt::format("There were too many wrong passwords. Try again after {}.",
                                                   print_time(outcome.until))}});
    case SignInOutcome::Kind::busy: break;
  }
  return show(visit, {{"password", "Too many people are signing in at this moment. Try again in a few seconds."}});
}

// Whoever finds an open browser must not end the account: password and code are asked for once more, and
// guesses count as at signing in. The session that this opens goes with the account, or is known to nobody.
void leave(const Visit& visit, const WebAnswer& answer) {
  auto typed = parse_email(visit.field("email"));
  if (!typed || *typed != visit.who->email)
    return answer(show(visit, {{"email", "Type the address of this account as it stands above."}}));
  auto account = visit.desk.accounts.find(visit.account());
  if (!account) return answer(visit.problem(account.error()));
  if (!account->has_password) return answer(remove_with_code(visit));
  std::string device(visit.request.cookies.get(cookie_name(kDeviceCookie, visit.frame.is_secure())));
  visit.desk.accounts.sign_in(visit.who->email, visit.field("password"), device, visit.client(),
                              [visit, answer](const Result<SignInOutcome>& outcome) {
                                answer(outcome ? after_password(visit, *outcome)
                                               : visit.problem(outcome.error()));
                              });
}

}  // namespace

void add_leaving_pages(PageRoutes& routes) {
  routes.own(WebMethod::get, "/data", show);
  routes.own(WebMethod::post, "/data/export", take);
  routes.own_later(WebMethod::post, "/data/delete", leave);
}

}  // namespace zw::localroot::portal
