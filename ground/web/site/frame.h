// What all pages of a site have in common: the layout with its navigation, who is signed in, and the tokens
// of its forms. A system adds its templates and its links to those of this room.
#pragma once

#include <optional>

#include "base/embedded.h"
#include "web/accounts/accounts.h"
#include "web/site/form_token.h"
#include "web/site/page.h"
#include "web/site/router.h"

namespace zw {

struct SiteLink {
  std::string to, words;
  bool for_admins = false;
};

struct FrameSettings {
  std::string site;                  // its name
  std::string origin;                // https://portal.example
  std::vector<SiteLink> links;       // for who is signed in
  std::vector<SiteLink> open_links;  // for who is not
  std::vector<SiteLink> footer;
  std::vector<SiteLink> account_links;  // on the page of one's own account
};

/// Safe for many threads once made. What it gave handlers to needs it where it is.
class SiteFrame {
 public:
  /// `files`: templates (`.mustache`) and assets (anything else) beside those of this room, of which they may
  /// replace some. `key`: of the site (web/factors/site_key.h). Fails with `malformed` for a template that is
  /// none.
  static Result<SiteFrame> make(FrameSettings settings, std::span<const EmbeddedFile> files, Bytes key,
                                Accounts& accounts);

  /// Serves the assets under `/assets/`.
  void add_assets(WebRouter& router) const;

  // ---- pages ----

  struct Look {
    std::string title;
    bool is_narrow = false;
    bool works = false;         // a ticket has to be worked off (web/factors/work_ticket.h)
    bool has_passkeys = false;  // a form of the page asks for one (passkey.js)
    unsigned status = 200;
    std::vector<SiteLink> feeds{};  // in Atom, for readers to find
  };
  WebResponse page(const WebRequest& request, const std::optional<Session>& session, std::string_view name,
                   const PageData& data, const Look& look) const;
  /// `what`: a sentence for people.
  WebResponse problem(const WebRequest& request, const std::optional<Session>& session, unsigned status,
                      std::string_view what) const;
  /// Of an error that no form can mend: 404 for `not_found`, 403 for `refused`, 503 for a busy database.
  WebResponse problem(const WebRequest& request, const std::optional<Session>& session,
                      const Error& error) const;
  /// For SiteServer, which has no request yet.
  WebResponse explain(unsigned status, std::string_view what) const;

  // ---- who asks ----

  bool is_secure() const { return settings_.origin.starts_with("https://"); }
  const FrameSettings& settings() const { return settings_; }
  Result<std::optional<Session>> session(const WebRequest& request) const;
  static AccountClient client(const WebRequest& request) { return {request.peer.ip, request.user_agent}; }

  using PageHandler = std::function<WebResponse(const WebRequest&, const Session&)>;
  /// A page for who is signed in; others are asked to, and come back. Of anything but GET, the form's token
  /// is checked before.
  WebHandler signed_in(PageHandler handler) const;
  /// The same for who has said within minutes who he is (Session::is_confirmed); others are asked to at
  /// `/account/confirm`, and come back to `back`, or else to this path: so a form goes to the path of its
  /// page.
  WebHandler confirmed(PageHandler handler, std::string back = {}) const;
  /// The same for administrators; to others it is not there.
  WebHandler for_admins(PageHandler handler) const;

  // ---- forms ----

  /// For a form on a page for this request that goes to `action`.
  std::string token(const WebRequest& request, std::string_view action) const;
  /// Of a form that has come: by its token, bound to the path that it came to.
  Result<void> check_token(const WebRequest& request) const;
  /// Gives a browser without a session a secret that its tokens are bound to, if it has none: the page has to
  /// be answered with it.
  struct Visitor {
    std::string secret;
    bool is_new = false;
  };
  Visitor visitor(const WebRequest& request) const;
  std::string token(const Visitor& visitor, std::string_view action) const;
  void keep(const Visitor& visitor, WebResponse& response) const;

 private:
  struct Asset {
    std::string content, type, tag;
  };
  SiteFrame(FrameSettings settings, Pages pages, Bytes key, Accounts& accounts)
      : settings_(std::move(settings)), pages_(std::move(pages)), tokens_(key), accounts_(&accounts) {}
  std::string binding(const WebRequest& request) const;
  WebResponse lay_out(const PageData& content, const Look& look, std::string_view name,
                      const std::optional<Session>& session, std::string_view path,
                      std::string_view sign_out_token) const;
  WallTime now() const;

  FrameSettings settings_;
  Pages pages_;
  FormTokens tokens_;
  Accounts* accounts_;
  std::map<std::string, Asset, std::less<>> assets_;
};

std::span<const EmbeddedFile> web_files();

}  // namespace zw
