// The portal for programs: JSON over HTTP for everything that its pages do, below `/api/v1/`.
//
// Who asks is told by a token alone (web/accounts/tokens.h), in `Authorization: Bearer`; cookies are never
// looked at, so that no other site can make a browser ask. What is another account's is not there: 404, the
// same answer as for what nobody has. What goes wrong is a problem (RFC 9457), which names the member that is
// meant by its JSON pointer. Each token has a budget of requests.
//
// The description (OpenAPI 3.1) is served at `/api/v1/openapi.json`, and `/api` is a page that is made of it.
// A test holds it against the routes.
#pragma once

#include <span>

#include "base/embedded.h"
#include "localroot/portal/service_facts.h"
#include "localroot/portal/store.h"
#include "web/accounts/tokens.h"
#include "web/site/frame.h"

namespace zw::localroot::portal {

struct ApiSettings {
  unsigned burst = 120;       // requests of one token that may come at once
  unsigned per_minute = 300;  // that it gets back
};

struct PortalApiDesk {
  PortalStore& store;
  Accounts& accounts;
  AccountTokens& tokens;  // made with portal_scopes()
  ServiceView service;
  const Clock& clock;
  ApiSettings settings{};
};

/// What tokens of the portal may do, for AccountTokens.
std::vector<TokenScope> portal_scopes();

/// All that the desk refers to outlives the router.
void add_portal_api(WebRouter& router, const PortalApiDesk& desk);
/// The page `/api`, for people.
void add_portal_api_page(WebRouter& router, const SiteFrame& frame);
/// Its template, for SiteFrame::make.
std::span<const EmbeddedFile> portal_api_files();

/// The OpenAPI description, JSON.
std::string_view portal_api_description();

}  // namespace zw::localroot::portal
