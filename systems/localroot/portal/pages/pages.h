// The pages of the portal: what a person sees and does in a browser, on the frame that all sites share
// (ground/web/site). They work without scripts, by keyboard, on a telephone, and in the dark.
//
// Each change is a POST with a form's token, and ends in a redirection with a short notice. What cannot be
// taken comes back as 422 with what was typed. What is another account's is not found.
#pragma once

#include "base/embedded.h"
#include "localroot/portal/feed.h"
#include "localroot/portal/service_facts.h"
#include "localroot/portal/store.h"
#include "web/accounts/tokens.h"
#include "web/site/frame.h"

namespace zw::localroot::portal {

struct PortalDesk {
  PortalStore& store;
  Accounts& accounts;
  AccountTokens& tokens;
  ServiceView service;
  std::string contact{};   // where people can write to who runs this: an address of mail; may be empty
  bool api_pages = false;  // `/api` is served
  std::function<std::optional<FeedStanding>()> feed{};  // may be empty
};

/// Adds `/` and all below `/start`, `/keys`, `/servers`, `/configuration`, `/check`, `/faq`, `/researchers`,
/// `/data` and `/admin`. All that is given outlives the router.
void add_portal_pages(WebRouter& router, const SiteFrame& frame, const PortalDesk& desk);

/// Templates and assets, for SiteFrame::make.
std::span<const EmbeddedFile> portal_files();

/// The links that stand on all pages, for SiteFrame::make. `site`: its name. `origin`: where it is.
FrameSettings portal_frame(std::string site, std::string origin);

}  // namespace zw::localroot::portal
