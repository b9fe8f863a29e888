// For administrators: who has an account, what he may do, and a pause of his servers.
#include <algorithm>

#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

constexpr std::int64_t kMostRows = 50;

std::string path_of(AccountId account) { return fmt::format("/admin/users/{}", account); }

PageData::List links(std::string_view here) {
  constexpr std::pair<std::string_view, std::string_view> kLinks[] = {{"/admin/users", "Accounts"},
                                                                      {"/admin/zones", "Zones on offer"},
                                                                      {"/admin/events", "Event log"},
                                                                      {"/admin/feed", "State of the feed"}};
  PageData::List out;
  for (const auto& [to, words] : kLinks) {
    PageData row;
    row.text("to", std::string(to)).text("words", std::string(words)).flag("is_here", to == here);
    out.push_back(std::move(row));
  }
  return out;
}

void add_account(const Account& account, PageData& row) {
  row.number("id", account.id).text("email", account.email).text("made", print_moment(account.made_at));
  row.flag("is_admin", account.role == AccountRole::admin).flag("has_factor", account.has_factor());
  if (account.signed_in_at) row.text("signed_in", print_moment(*account.signed_in_at));
}

WebResponse list(const Visit& visit) {
  std::int64_t after = Visit::parse_number_or_zero(visit.request.query.get("after"));
  std::string_view part = visit.request.query.get("part");
  auto accounts = visit.desk.accounts.list(after, kMostRows + 1, part);
  if (!accounts) return visit.problem(accounts.error());
  PageData data;
  bool more = accounts->size() > static_cast<std::size_t>(kMostRows);
  if (more) accounts->resize(kMostRows);
  PageData::List rows;
  for (const Account& account : *accounts) {
    PageData row;
    add_account(account, row);
    rows.push_back(std::move(row));
  }
  data.flag("any", !rows.empty()).flag("is_later", after > 0).flag("is_search", !part.empty());
  data.text("part", std::string(part)).text("part_encoded", percent_encode(part));
  if (more) data.number("after", accounts->back().id);
  data.list("users", std::move(rows));
  add_admin_links(data, "/admin/users");
  return visit.page("admin-users", std::move(data), "Accounts");
}

WebResponse show(const Visit& visit, const FormFaults& faults) {
  auto account = visit.desk.accounts.find(visit.number());
  if (!account) return visit.problem(account.error());
  auto paused = visit.desk.store.paused_since(account->id);
  if (!paused) return visit.problem(paused.error());
  auto keys = visit.desk.store.keys(account->id);
  if (!keys) return visit.problem(keys.error());
  auto servers = visit.desk.store.servers(account->id, 0, kMostRows + 1);
  if (!servers) return visit.problem(servers.error());
  PageData data;
  add_account(*account, data);
  data.number("keys", static_cast<std::int64_t>(keys->size()));
  data.flag("more", servers->size() > static_cast<std::size_t>(kMostRows));
  if (servers->size() > static_cast<std::size_t>(kMostRows)) servers->resize(kMostRows);
  PageData::List rows;
  for (const ServerSummary& server : *servers) {
    PageData row;
    row.text("label", server.label);
    PageData::List addresses;
    for (const Address& address : server.addresses) {
      PageData one;
      one.text("address", print_address(address));
      addresses.push_back(std::move(one));
    }
    row.list("addresses", std::move(addresses));
    add_tag(row, tag_of(server));
    rows.push_back(std::move(row));
  }
  data.flag("any", !rows.empty()).list("servers", std::move(rows));
  std::string path = path_of(account->id);
  if (*paused) data.text("paused", print_moment(**paused));
  data.part("pause", visit.form(path + (*paused ? "/resume" : "/pause")));
  // Nobody takes the role from himself: so there is always one who has it.
  if (account->id != visit.account()) data.part("role", visit.form(path + "/role"));
  add_admin_links(data, "/admin/users");
  return visit.page("admin-user", std::move(data), account->email, faults);
}
WebResponse show(const Visit& visit) { return show(visit, {}); }

WebResponse set_role(const Visit& visit) {
  auto account = visit.desk.accounts.find(visit.number());
  if (!account) return visit.problem(account.error());
  std::string_view wanted = visit.field("role");
  if (account->id == visit.account() || (wanted != "admin" && wanted != "user"))
    return show(visit, {{"", "This role cannot be given here."}});
  auto done =
      visit.desk.accounts.set_role(account->email, wanted == "admin" ? AccountRole::admin : AccountRole::user,
                                   fmt::format("account/{}", visit.account()), visit.origin());
  return done ? visit.done(path_of(account->id), "role-set") : visit.problem(done.error());
}

WebResponse pause(const Visit& visit, bool is_paused) {
  auto account = visit.desk.accounts.find(visit.number());
  if (!account) return visit.problem(account.error());
  std::string origin = visit.origin();
  Act act{account->id, origin, visit.account()};
  auto done = is_paused ? visit.desk.store.pause_account(act) : visit.desk.store.resume_account(act);
  if (!done) return visit.problem(done.error());
  return visit.done(path_of(account->id), is_paused ? "account-paused" : "account-resumed");
}
WebResponse pause(const Visit& visit) { return pause(visit, true); }
WebResponse resume(const Visit& visit) { return pause(visit, false); }

WebResponse first(const Visit&) { return WebResponse::redirect("/admin/users"); }

}  // namespace

void add_admin_links(PageData& data, std::string_view here) { data.list("admin_links", links(here)); }

void add_admin_user_pages(PageRoutes& routes) {
  routes.admin(WebMethod::get, "/admin", first);
  routes.admin(WebMethod::get, "/admin/users", list);
  routes.admin(WebMethod::get, "/admin/users/{account}", show);
  routes.admin(WebMethod::post, "/admin/users/{account}/role", set_role);
  routes.admin(WebMethod::post, "/admin/users/{account}/pause", pause);
  routes.admin(WebMethod::post, "/admin/users/{account}/resume", resume);
}

}  // namespace zw::localroot::portal
