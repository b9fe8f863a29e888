#include "localroot/portal/pages/visit.h"

#include "dns/address_text.h"
#include "localroot/portal/pages/notices.h"

namespace zw::localroot::portal {
namespace {

constexpr std::uint64_t kMostNumber = 1'000'000'000'000'000'000;

WebResponse refused(const Visit& visit, const Error& error) { return visit.problem(error); }

}  // namespace

std::int64_t Visit::parse_number_or_zero(std::string_view text) {
  return static_cast<std::int64_t>(zw::parse_number(text, kMostNumber).value_or(0));
}

WebResponse Visit::page(std::string_view name, PageData data, std::string title, const FormFaults& faults,
                        bool is_narrow, std::vector<SiteLink> feeds) const {
  data.text("title", title);
  std::string whole;
  for (const auto& [field, words] : faults) {
    if (field.empty())
      whole = words;
    else
      data.text(field + "_bad", words);
  }
  if (faults.empty()) {
    if (std::string_view words = notice(request.query.get("done")); !words.empty() && request.is_reading())
      data.text("good", std::string(words));
  } else {
    data.text("bad", whole.empty() ? "This was not taken: see below what to mend." : whole);
  }
  return frame.page(request, who, name, data,
                    {.title = std::move(title),
                     .is_narrow = is_narrow,
                     .status = faults.empty() ? 200u : 422u,
                     .feeds = std::move(feeds)});
}

WebResponse Visit::done(std::string_view to, std::string_view notice) const {
  return WebResponse::redirect(fmt::format("{}{}done={}", to, to.find('?') == to.npos ? '?' : '&', notice));
}

WebResponse Visit::file(std::string text, std::string_view name, std::string type) {
  WebResponse out(200, std::move(text), std::move(type));
  std::string safe;
  for (char c : name)
    safe += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-'
                ? c
                : '_';
  out.field("Content-Disposition", fmt::format("attachment; filename=\"{}\"", safe));
  return out;
}

PageData Visit::form(const std::string& action) const {
  PageData out;
  out.text("action", action).text("token", frame.token(request, action));
  return out;
}

std::optional<std::string> mendable(const Error& error) {
  switch (error.kind) {
    case ErrorKind::malformed:
    case ErrorKind::refused:
    case ErrorKind::limit:
    case ErrorKind::unsupported:
    case ErrorKind::conflict: return sentence(error.what);
    default: return std::nullopt;
  }
}

std::string sentence(std::string_view text) {
  std::string out(text);
  if (out.empty()) return out;
  if (out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  if (out.back() != '.' && out.back() != '?' && out.back() != '!') out += '.';
  return out;
}

void PageRoutes::open(WebMethod method, std::string_view path, Page page, std::size_t most_body) {
  router_.add(
      method, path,
      [&frame = frame_, desk = desk_, page](const WebRequest& request) {
        Visit visit{frame, *desk, request, {}};
        auto session = frame.session(request);
        if (!session) return refused(visit, session.error());
        if (*session && (*session)->is_whole) visit.who = std::move(*session);
        if (!request.is_reading())
          if (auto good = frame.check_token(request); !good) return refused(visit, good.error());
        return page(visit);
      },
      most_body);
}

namespace {

SiteFrame::PageHandler handler_of(const SiteFrame& frame, std::shared_ptr<const PortalDesk> desk,
                                  PageRoutes::Page page) {
  return [&frame, desk = std::move(desk), page](const WebRequest& request, const Session& session) {
    return page({frame, *desk, request, session});
  };
}

}  // namespace

void PageRoutes::own(WebMethod method, std::string_view path, Page page) {
  router_.add(method, path, frame_.signed_in(handler_of(frame_, desk_, page)), kFormOctets);
}

void PageRoutes::confirmed(WebMethod method, std::string_view path, Page page, std::string back) {
  router_.add(method, path, frame_.confirmed(handler_of(frame_, desk_, page), std::move(back)), kFormOctets);
}

void PageRoutes::admin(WebMethod method, std::string_view path, Page page) {
  router_.add(method, path, frame_.for_admins(handler_of(frame_, desk_, page)), kFormOctets);
}

}  // namespace zw::localroot::portal
