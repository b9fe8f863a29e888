// zw_portal_api_site FOLDER [BURST [PER-MINUTE]]: the API of the portal on loopback, with three accounts, for
// the stories in tests/e2e/localroot. Its database is in FOLDER. Prints its port, then answers each line of
// its standard input by one line, until that ends:
//   token EMAIL SCOPE ...              a token of that account
//   account EMAIL                      its number
//   fetched ADDRESS ZONE SERIAL        by ZONE's number, unsigned
//   unanswered ADDRESS ZONE SERIAL
#include <fmt/core.h>

#include <iostream>
#include <sstream>

#include "localroot/portal/api/api.h"
#include "os/clock.h"
#include "web/accounts/pages.h"
#include "web/accounts/schema.h"
#include "web/accounts/token_pages.h"
#include "web/site/server.h"

namespace zw::localroot::portal {
namespace {

class Site {
 public:
  static Result<std::unique_ptr<Site>> make(const std::string& folder, const ApiSettings& settings) {
    auto out = std::unique_ptr<Site>(new Site);
    Schema schemas[] = {account_schema(), kPortalSchema};
    ZW_TRY(out->database_, Database::open({.database = {zw::Dialect::sqlite, folder + "/portal.db"}},
                                          {.clock = out->clock_, .random = out->random_}, schemas));
    ZW_TRY(out->pool_, PasswordPool::make({.passes = 1, .memory = 8 << 20}));
    Buffer key(32, 1);
    out->outbox_ = std::make_unique<Outbox>(*out->database_, "site");
    out->accounts_ =
        std::make_unique<Accounts>(*out->database_, *out->pool_, *out->outbox_, key, AccountSettings());
    out->tokens_ = std::make_unique<AccountTokens>(*out->database_, portal_scopes());
    PortalSettings portal;
    portal.most_servers = 500;
    portal.most_keys = 20;
    out->store_ = std::make_unique<PortalStore>(*out->database_, portal);
    ZW_CHECK(out->fill());
    FrameSettings look{"Portal", "http://localhost", {{"/api", "API"}}, {{"/api", "API"}},
                       {},       {token_link()}};
    ZW_TRY(SiteFrame frame, SiteFrame::make(look, portal_api_files(), key, *out->accounts_));
    out->frame_ = std::make_unique<SiteFrame>(std::move(frame));
    auto router = std::make_shared<WebRouter>();
    out->frame_->add_assets(*router);
    add_portal_api(*router, {*out->store_, *out->accounts_, *out->tokens_,
                             [site = out.get()] { return site->facts_; }, out->clock_, settings});
    add_portal_api_page(*router, *out->frame_);
    Address at{*IpAddress::parse("127.0.0.1"), 0};
    ZW_TRY(out->server_,
           SiteServer::make(at, router, [site = out.get()](unsigned status, std::string_view what) {
             return site->frame_->explain(status, what);
           }));
    return out;
  }

  std::uint16_t port() const { return server_->listening().port; }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb, whom, zone;
    words >> verb >> whom;
    auto account = accounts_->find_address(whom);
    if (verb == "account") return account && *account ? std::to_string((*account)->id) : "none";
    if (verb == "token") {
      std::string scopes, scope;
      while (words >> scope) scopes += (scopes.empty() ? "" : " ") + scope;
      Session session;
      session.account = (*account)->id;
      session.role = (*account)->role;
      session.is_whole = true;
      auto made = tokens_->make(session, {"story", *Scopes::parse(scopes)}, {});
      return made ? std::string(as_text(made->text)) : made.error().what;
    }
    std::int64_t number = 0;
    std::uint32_t serial = 0;
    words >> number >> serial;
    Report report;
    report.asking = {*IpAddress::parse(whom), number, false, 0, 0, database_->now()};
    report.serial = Serial(serial);
    report.kind = verb == "fetched" ? Report::Kind::fetched : Report::Kind::told;
    report.outcome.fault = NotifyFault::silence;
    auto done = store_->record({&report, 1});
    return done ? "done" : done.error().what;
  }

 private:
  Site() = default;

  Result<void> fill() {
    struct Person {
      std::string_view email;
      AccountRole role = AccountRole::user;
    };
    for (const Person& person : {Person{"jane@example.net"}, Person{"joe@example.net"},
                                 Person{"root@example.net", AccountRole::admin}}) {
      std::uint8_t user[32];
      database_->fill_random(user);
      ZW_CHECK(database_->write([&](Transaction& tx) {
        return tx.run(account_sql::kAddAccount,
                      {person.email, print(person.role), "", Bytes(user), tx.now()});
      }));
    }
    auto facts = std::make_shared<ServiceFacts>();
    for (std::string_view name : {".", "arpa.", "hidden.example."}) {
      ServiceFacts::Zone zone;
      zone.name = *Name::parse(name);
      zone.serial = Serial(2026080500);
      zone.since = database_->now();
      zone.octets = 1'400'000;
      zone.records = 25'000;
      zone.offer.servers = {{*IpAddress::parse("198.51.100.1"), kDnsPort}};
      facts->zones.push_back(std::move(zone));
      PortalZone offered;
      offered.name = *Name::parse(name);
      offered.invited_only = name.starts_with("hidden");
      offered.note = "A zone.";
      ZW_CHECK(store_->offer_zone("local", offered));
    }
    facts->tells_from = {*IpAddress::parse("198.51.100.1")};
    facts_ = std::move(facts);
    return {};
  }

  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<PasswordPool> pool_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<AccountTokens> tokens_;
  std::unique_ptr<PortalStore> store_;
  ServiceFactsPtr facts_;
  std::unique_ptr<SiteFrame> frame_;
  std::unique_ptr<SiteServer> server_;
};

}  // namespace
}  // namespace zw::localroot::portal

int main(int count, char** words) {
  using namespace zw::localroot::portal;
  if (count < 2) return std::fputs("zw_portal_api_site FOLDER [BURST [PER-MINUTE]]\n", stderr), 2;
  ApiSettings settings;
  settings.burst = count > 2 ? static_cast<unsigned>(std::atoi(words[2])) : 100'000;
  settings.per_minute = count > 3 ? static_cast<unsigned>(std::atoi(words[3])) : 100'000;
  auto site = Site::make(words[1], settings);
  if (!site) return fmt::print(stderr, "zw_portal_api_site: {}\n", site.error().what), 3;
  std::cout << (*site)->port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) std::cout << (*site)->answer(line) << std::endl;
  return 0;
}
