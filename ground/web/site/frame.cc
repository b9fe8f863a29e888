#include "web/site/frame.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "os/clock.h"
#include "web/factors/work_script.h"

namespace zw {
namespace {

constexpr std::string_view kTemplate = ".mustache", kAssets = "/assets/";
constexpr std::string_view kSessionCookie = "session", kVisitorCookie = "visitor";
constexpr std::string_view kWorkScript = "work.js", kPasskeyScript = "passkey.js";
constexpr std::chrono::hours kVisitorLife{12};
constexpr std::size_t kVisitorOctets = 16;

std::string type_of(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/plain; charset=utf-8";
}

PageData::List link_rows(const std::vector<SiteLink>& links, bool is_admin, std::string_view path) {
  PageData::List rows;
  for (const SiteLink& link : links) {
    if (link.for_admins && !is_admin) continue;
    bool here = path == link.to || (link.to.size() > 1 && path.starts_with(link.to + "/"));
    PageData row;
    row.text("to", link.to).text("words", link.words).flag("is_here", here);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Result<SiteFrame> SiteFrame::make(FrameSettings settings, std::span<const EmbeddedFile> files, Bytes key,
                                  Accounts& accounts) {
  Pages::Templates templates;
  std::map<std::string, std::string_view> assets{{std::string(kWorkScript), work_script()}};
  for (std::span<const EmbeddedFile> some : {web_files(), files}) {
    for (const EmbeddedFile& file : some) {
      if (file.name.ends_with(kTemplate))
        templates[std::string(file.name.substr(0, file.name.size() - kTemplate.size()))] = file.content;
      else
        assets[std::string(file.name)] = file.content;
    }
  }
  ZW_TRY(Pages pages, Pages::make(std::move(templates)));
  SiteFrame out(std::move(settings), std::move(pages), key, accounts);
  for (const auto& [name, content] : assets) {
    Digest hash = digest(DigestAlgorithm::sha256, as_bytes(content));
    out.assets_[name] = {std::string(content), type_of(name),
                         fmt::format("\"{}\"", base16(hash.bytes().first(8)))};
  }
  return out;
}

void SiteFrame::add_assets(WebRouter& router) const {
  for (const auto& [name, asset] : assets_) {
    router.add(WebMethod::get, std::string(kAssets) + name, [&asset](const WebRequest&) {
      WebResponse response(200, asset.content, asset.type);
      response.field("ETag", asset.tag);
      response.cache_control = "public, no-cache";
      return response;
    });
  }
}

WallTime SiteFrame::now() const { return SystemClock().wall(); }

// ---- pages ------------------------------------------------------------------------------------------------

WebResponse SiteFrame::lay_out(const PageData& content, const Look& look, std::string_view name,
                               const std::optional<Session>& session, std::string_view path,
                               std::string_view sign_out_token) const {
  PageData data;
  data.text("title", look.title).text("site", settings_.site).flag("is_narrow", look.is_narrow);
  data.html("content", pages_.render(name, content));
  PageData::List scripts;
  for (auto [is_wanted, script] :
       {std::pair(look.works, kWorkScript), std::pair(look.has_passkeys, kPasskeyScript)}) {
    if (!is_wanted) continue;
    PageData row;
    row.text("name", std::string(script));
    scripts.push_back(std::move(row));
  }
  data.list("scripts", std::move(scripts));
  data.list("feeds", link_rows(look.feeds, false, path));
  bool is_whole = session && session->is_whole;
  bool is_admin = is_whole && session->role == AccountRole::admin;
  data.list("links", link_rows(is_whole ? settings_.links : settings_.open_links, is_admin, path));
  data.list("footer", link_rows(settings_.footer, is_admin, path));
  if (session) {
    PageData out;
    out.text("token", std::string(sign_out_token));
    data.part("sign_out", std::move(out));
  }
  return WebResponse::html(pages_.render("layout", data).text(), look.status);
}

WebResponse SiteFrame::page(const WebRequest& request, const std::optional<Session>& session,
                            std::string_view name, const PageData& data, const Look& look) const {
  return lay_out(data, look, name, session, request.path, session ? token(request, "/sign-out") : "");
}

WebResponse SiteFrame::problem(const WebRequest& request, const std::optional<Session>& session,
                               unsigned status, std::string_view what) const {
  PageData data;
  std::string title = status == 404 ? "Not found" : status < 500 ? "This did not work" : "Not now";
  data.text("title", title).text("what", std::string(what));
  return page(request, session, "problem", data, {.title = title, .is_narrow = true, .status = status});
}

WebResponse SiteFrame::problem(const WebRequest& request, const std::optional<Session>& session,
                               const Error& error) const {
  switch (error.kind) {
    case ErrorKind::not_found:
      return problem(request, session, 404, "There is no such page, or not any more.");
    case ErrorKind::refused: return problem(request, session, 403, error.what);
    case ErrorKind::limit:
    case ErrorKind::malformed: return problem(request, session, 400, error.what);
    default:
      return problem(request, session, 503, "Something is busy, or under repair. Try again in a moment.");
  }
}

WebResponse SiteFrame::explain(unsigned status, std::string_view what) const {
  PageData data;
  data.text("title", "This did not work").text("what", std::string(what));
  return lay_out(data, {.title = "This did not work", .is_narrow = true, .status = status}, "problem", {}, "",
                 "");
}

// ---- who asks ---------------------------------------------------------------------------------------------

Result<std::optional<Session>> SiteFrame::session(const WebRequest& request) const {
  auto secret = request.cookies.find(cookie_name(kSessionCookie, is_secure()));
  if (!secret) return std::nullopt;
  return accounts_->find_session(*secret);
}

WebHandler SiteFrame::signed_in(PageHandler handler) const {
  return [this, handler = std::move(handler)](const WebRequest& request, const WebAnswer& answer) {
    auto found = session(request);
    if (!found) return answer(problem(request, {}, found.error()));
    std::string next = request.is_reading() ? percent_encode(request.path) : "";
    if (!*found) return answer(WebResponse::redirect("/sign-in?next=" + next));
    if (!(*found)->is_whole) return answer(WebResponse::redirect("/factor?next=" + next));
    if (!request.is_reading())
      if (auto good = check_token(request); !good) return answer(problem(request, *found, good.error()));
    answer(handler(request, **found));
  };
}

WebHandler SiteFrame::confirmed(PageHandler handler, std::string back) const {
  return signed_in([handler = std::move(handler), back = std::move(back)](const WebRequest& request,
                                                                          const Session& session) {
    if (session.is_confirmed) return handler(request, session);
    return WebResponse::redirect("/account/confirm?next=" +
                                 percent_encode(back.empty() ? request.path : back));
  });
}

WebHandler SiteFrame::for_admins(PageHandler handler) const {
  return signed_in([this, handler = std::move(handler)](const WebRequest& request, const Session& session) {
    if (session.role != AccountRole::admin)
      return problem(request, session, 404, "There is no such page, or not any more.");
    return handler(request, session);
  });
}

// ---- forms ------------------------------------------------------------------------------------------------

// What only this browser shows: its session, or what a visitor was given.
std::string SiteFrame::binding(const WebRequest& request) const {
  for (std::string_view name : {kSessionCookie, kVisitorCookie})
    if (auto value = request.cookies.find(cookie_name(name, is_secure())); value && !value->empty())
      return fmt::format("{} {}", name, *value);
  return "";
}

std::string SiteFrame::token(const WebRequest& request, std::string_view action) const {
  return tokens_.make(binding(request), action, now());
}

Result<void> SiteFrame::check_token(const WebRequest& request) const {
  std::string bound = binding(request);
  if (bound.empty() || !is_from_us(request, settings_.origin))
    return fail(ErrorKind::refused, "this form did not come from one of our pages, or cookies are off");
  return tokens_.check(request.form.get("token"), bound, request.path, now());
}

SiteFrame::Visitor SiteFrame::visitor(const WebRequest& request) const {
  if (std::string bound = binding(request); !bound.empty()) return {bound};
  std::uint8_t octets[kVisitorOctets];
  SystemRandom().fill(octets);
  return {fmt::format("{} {}", kVisitorCookie, base32hex(octets)), true};
}

std::string SiteFrame::token(const Visitor& visitor, std::string_view action) const {
  return tokens_.make(visitor.secret, action, now());
}

void SiteFrame::keep(const Visitor& visitor, WebResponse& response) const {
  if (!visitor.is_new) return;
  response.cookie(kVisitorCookie, std::string_view(visitor.secret).substr(kVisitorCookie.size() + 1),
                  kVisitorLife, is_secure());
}

}  // namespace zw
