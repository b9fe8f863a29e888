// A configuration that somebody has, looked through for what has become stale.
#include "localroot/advice/check.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kBodyOctets = 400 << 10;  // of a text that is written as a form

std::string words_of(localroot::Dialect dialect) {
  if (dialect == localroot::Dialect::unknown) return "";
  return std::string(print(dialect));
}

/// For everybody: a browser without a session gets a secret that the form is bound to.
WebResponse show(const Visit& visit, PageData data, const FormFaults& faults) {
  auto visitor = visit.frame.visitor(visit.request);
  data.text("token", visit.frame.token(visitor, "/check")).text("text", std::string(visit.field("text")));
  WebResponse out = visit.page("check", std::move(data), "Check a configuration", faults);
  visit.frame.keep(visitor, out);
  return out;
}
WebResponse show(const Visit& visit) { return show(visit, {}, {}); }

WebResponse check(const Visit& visit) {
  std::string_view text = visit.field("text");
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    return show(visit, {}, {{"text", "Paste the text of a configuration."}});
  auto found = check_advice(text, std::chrono::floor<Seconds>(visit.now()));
  if (!found) {
    if (auto words = mendable(found.error())) return show(visit, {}, {{"text", *words}});
    return visit.problem(found.error());
  }
  PageData result;
  PageData::List rows;
  for (const AdviceFinding& finding : found->all) {
    PageData row;
    row.text("where", finding.line > 0 ? fmt::format("Line {}", finding.line) : "The whole");
    row.text("what", sentence(finding.what)).text("rule", std::string(finding.rule));
    rows.push_back(std::move(row));
  }
  std::string dialect = words_of(found->dialect);
  result.flag("any", !rows.empty()).flag("is_known", !dialect.empty()).text("dialect", dialect);
  result.text("count", print_count(static_cast<std::int64_t>(rows.size()), "thing", "things"));
  result.list("findings", std::move(rows));
  PageData data;
  data.part("result", std::move(result));
  return show(visit, std::move(data), {});
}

}  // namespace

void add_check_pages(PageRoutes& routes) {
  routes.open(WebMethod::get, "/check", show);
  routes.open(WebMethod::post, "/check", check, kBodyOctets);
}

}  // namespace zw::localroot::portal
