// One's data: a copy to take along, and the end of the account.
#include "localroot/portal/account_data.h"
#include "localroot/portal/pages/visit.h"

namespace zw::localroot::portal {
namespace {

constexpr std::string_view kSessionCookie = "session";

WebResponse show(const Visit& visit) {
  PageData data;
  data.text("email", visit.who->email).part("take", visit.form("/data/export"));
  return visit.page("data", std::move(data), "Your data");
}

WebResponse take(const Visit& visit) {
  auto text = export_all(visit.desk.store, visit.desk.accounts, visit.desk.tokens, *visit.who,
                         visit.field("secrets") == "yes");
  if (!text) return visit.problem(text.error());
  return Visit::file(std::move(*text), "account.json", "application/json");
}

WebResponse show_leave(const Visit& visit, const FormFaults& faults) {
  PageData data;
  data.text("email", visit.who->email).text("typed", std::string(visit.field("email")));
  data.part("leave", visit.form("/data/delete"));
  return visit.page("data-delete", std::move(data), "Delete the account", faults, true);
}
WebResponse show_leave(const Visit& visit) { return show_leave(visit, {}); }

WebResponse leave(const Visit& visit) {
  auto typed = parse_email(visit.field("email"));
  if (!typed || *typed != visit.who->email)
    return show_leave(visit, {{"email", "Type the address of this account as it stands above."}});
  auto gone = remove_all(visit.desk.store, visit.desk.accounts, visit.account(), visit.client());
  if (!gone) return visit.problem(gone.error());
  WebResponse out = visit.done("/", "account-gone");
  out.cookie(kSessionCookie, "", std::chrono::seconds(0), visit.frame.is_secure());
  return out;
}

}  // namespace

void add_leaving_pages(PageRoutes& routes) {
  routes.own(WebMethod::get, "/data", show);
  // What shows secrets, and what cannot be undone, is not for who has only found an open browser.
  routes.confirmed(WebMethod::post, "/data/export", take, "/data");
  routes.confirmed(WebMethod::get, "/data/delete", show_leave, "/data/delete");
  routes.confirmed(WebMethod::post, "/data/delete", leave, "/data/delete");
}

}  // namespace zw::localroot::portal
