// What people and programs meet of a portal: accounts with their mail, the pages and the API, put together
// for who has a database and a store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "localroot/changes/change_pages.h"
#include "localroot/portal/api/api.h"
#include "localroot/portal/feed.h"
#include "localroot/portal/service_facts.h"
#include "os/clock.h"
#include "store/outbox.h"
#include "web/accounts/tokens.h"
#include "web/factors/work_ticket.h"
#include "web/mail/delivery.h"
#include "web/site/frame.h"
#include "web/site/server.h"

namespace zw::localroot::portal {

struct PortalSiteSettings {
  std::string name, origin;  // `LocalRoot`, `https://portal.example`
  std::string sender;        // of mails
  std::string contact;       // may be empty
  PasswordCost passwords{};
  std::optional<RetryPolicy> mail{};  // as Outbox has it, unless said
  WorkSettings tickets{};
  ApiSettings api{};
};

class PortalSite {
 public:
  /// All but the client for mail outlives it.
  struct World {
    Database& database;
    PortalStore& store;
    ServiceView service;
    SmtpClient mail;
    MailDelivery::OnEnd on_mail;
    std::function<std::optional<FeedStanding>()> feed{};
  };
  /// `site_key`: see web/factors/site_key.h. Mail goes out from now on; pages are shown when it is opened.
  static Result<std::unique_ptr<PortalSite>> make(const PortalSiteSettings& settings, World world,
                                                  Bytes site_key);

  Result<void> open(const std::vector<Address>& at, const HttpsIdentityPtr& identity,
                    const SiteLimits& limits);
  void close() { servers_.clear(); }
  std::vector<Address> listening() const;

  Accounts& accounts() { return accounts_; }
  AccountTokens& tokens() { return tokens_; }
  const SiteFrame& frame() const { return *frame_; }
  const WebRouter& router() const { return *router_; }

 private:
  PortalSite(const PortalSiteSettings& settings, World world, std::unique_ptr<PasswordPool> pool,
             Bytes site_key);
  Result<void> route(const PortalSiteSettings& settings, Bytes site_key);
  Result<FoundChangeFeed> find_changes(NameView zone, const WebRequest& request);

  const World world_;
  const SystemClock clock_{};
  std::unique_ptr<PasswordPool> pool_;
  Outbox outbox_;
  Accounts accounts_;
  AccountTokens tokens_;
  WorkTickets tickets_;
  std::optional<SiteFrame> frame_;
  std::shared_ptr<WebRouter> router_ = std::make_shared<WebRouter>();
  MailDelivery delivery_;
  std::vector<std::unique_ptr<SiteServer>> servers_;  // last: they use the others
};

}  // namespace zw::localroot::portal
