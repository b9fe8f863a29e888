#include "localroot/portal/site.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "localroot/portal/pages/pages.h"
#include "web/accounts/pages.h"
#include "web/accounts/token_pages.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kMostHostOctets = 256;

// Who takes jobs from the database, unique among those who share it.
std::string holder() {
  char host[kMostHostOctets] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = 0;
  return fmt::format("{}/{}", host, getpid());
}

Outbox outbox_of(Database& database, const PortalSiteSettings& settings) {
  return settings.mail ? Outbox(database, holder(), *settings.mail) : Outbox(database, holder());
}

AccountSettings account_settings(const PortalSiteSettings& settings) {
  AccountSettings out;
  out.site = settings.name;
  out.origin = settings.origin;
  out.sender = settings.sender;
  return out;
}

}  // namespace

Result<std::unique_ptr<PortalSite>> PortalSite::make(const PortalSiteSettings& settings, World world,
                                                     Bytes site_key) {
  ZW_TRY(auto pool, PasswordPool::make(settings.passwords));
  auto site =
      std::unique_ptr<PortalSite>(new PortalSite(settings, std::move(world), std::move(pool), site_key));
  ZW_CHECK(site->route(settings, site_key));
  return site;
}

PortalSite::PortalSite(const PortalSiteSettings& settings, World world, std::unique_ptr<PasswordPool> pool,
                       Bytes site_key)
    : world_(std::move(world)),
      pool_(std::move(pool)),
      outbox_(outbox_of(world_.database, settings)),
      accounts_(world_.database, *pool_, outbox_, site_key, account_settings(settings)),
      tokens_(world_.database, portal_scopes()),
      tickets_(settings.tickets, site_key),
      delivery_(world_.database, outbox_, world_.mail, world_.on_mail) {}

Result<void> PortalSite::route(const PortalSiteSettings& settings, Bytes site_key) {
  FrameSettings look = portal_frame(settings.name, settings.origin);
  look.account_links.push_back(token_link());
  std::vector<EmbeddedFile> files(portal_files().begin(), portal_files().end());
  files.insert(files.end(), portal_api_files().begin(), portal_api_files().end());
  ZW_TRY(SiteFrame frame, SiteFrame::make(std::move(look), files, site_key, accounts_));
  frame_.emplace(std::move(frame));
  frame_->add_assets(*router_);
  add_account_pages(*router_, *frame_, accounts_, tickets_);
  add_token_pages(*router_, *frame_, tokens_);
  add_portal_pages(*router_, *frame_,
                   {.store = world_.store,
                    .accounts = accounts_,
                    .tokens = tokens_,
                    .service = world_.service,
                    .contact = settings.contact,
                    .api_pages = true,
                    .feed = world_.feed});
  add_portal_api(*router_, {world_.store, accounts_, tokens_, world_.service, clock_, settings.api});
  add_portal_api_page(*router_, *frame_);
  ChangePagesSettings changes;
  changes.base = settings.origin;
  add_change_pages(
      *router_, [this](NameView zone, const WebRequest& request) { return find_changes(zone, request); },
      changes);
  return {};
}

// For who may subscribe to the zone.
Result<FoundChangeFeed> PortalSite::find_changes(NameView zone, const WebRequest& request) {
  ServiceFactsPtr facts = world_.service();
  const ServiceFacts::Zone* kept = facts->find(zone);
  if (!kept || !kept->changes) return FoundChangeFeed();
  ZW_TRY(auto session, frame_->session(request));
  ZW_TRY(auto zones, world_.store.zones(session && session->is_whole ? session->account : kNobody));
  auto offered = std::ranges::find(zones, kept->name, &PortalZone::name);
  if (offered == zones.end()) return FoundChangeFeed();
  return FoundChangeFeed{kept->changes, !offered->invited_only};
}

Result<void> PortalSite::open(const std::vector<Address>& at, const HttpsIdentityPtr& identity,
                              const SiteLimits& limits) {
  std::vector<std::unique_ptr<SiteServer>> servers;
  for (const Address& one : at) {
    auto explain = [this](unsigned status, std::string_view what) { return frame_->explain(status, what); };
    ZW_TRY(auto server, SiteServer::make(one, router_, explain, identity, limits));
    servers.push_back(std::move(server));
  }
  servers_ = std::move(servers);
  return {};
}

std::vector<Address> PortalSite::listening() const {
  std::vector<Address> out;
  for (const auto& server : servers_) out.push_back(server->listening());
  return out;
}

}  // namespace zw::localroot::portal
