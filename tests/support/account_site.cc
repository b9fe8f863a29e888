// zw_account_site [proxy=NETWORK] FOLDER PORT SMTP-PORT [WAITING [BITS [CERTIFICATE KEY]]]: a site that has
// nothing but accounts, on loopback, for the stories in tests/e2e/web. Its database and key are in FOLDER.
// WAITING: seconds that a form without work has to wait; BITS: of work; NETWORK: of proxies that are trusted.
// Ends on SIGTERM.
#include <fmt/core.h>
#include <poll.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/service.h"
#include "web/accounts/pages.h"
#include "web/accounts/schema.h"
#include "web/accounts/token_pages.h"
#include "web/factors/site_key.h"
#include "web/mail/delivery.h"
#include "web/site/server.h"

namespace zw {
namespace {

constexpr std::string_view kProxy = "proxy=";

struct Words {
  int count;
  char** words;
  std::string proxy = {};

  /// Without the option, if it is there.
  static Words read(int count, char** words) {
    std::string_view first = count > 1 ? words[1] : "";
    if (!first.starts_with(kProxy)) return {count, words};
    return {count - 1, words + 1, std::string(first.substr(kProxy.size()))};
  }
  std::string text(int i) const { return i < count ? words[i] : ""; }
  std::int64_t number(int i, std::int64_t otherwise) const {
    return i < count ? std::atoll(words[i]) : otherwise;
  }
};

/// What a system adds: the end of an account, for who has just said who he is.
void add_removal(WebRouter& router, const SiteFrame& frame, Database& database, Accounts& accounts) {
  router.add(
      WebMethod::get, "/account/remove", frame.confirmed([&](const WebRequest& request, const Session&) {
        return WebResponse::html(fmt::format(
            "<form action=\"/account/remove\"><input type=\"hidden\" name=\"token\" value=\"{}\"></form>",
            frame.token(request, request.path)));
      }));
  router.add(WebMethod::post, "/account/remove",
             frame.confirmed([&](const WebRequest& request, const Session& session) {
               auto removed = database.write([&](Transaction& tx) {
                 return accounts.remove(tx, session.account, SiteFrame::client(request));
               });
               return removed ? WebResponse::redirect("/") : frame.problem(request, session, removed.error());
             }));
}

Result<void> run(const Words& words) {
  ZW_TRY(Signals signals, Signals::make());
  std::string folder = words.text(1);
  Address at{*IpAddress::parse("127.0.0.1"), static_cast<std::uint16_t>(words.number(2, 0))};
  bool tls = words.count > 6;
  SystemClock clock;
  SystemRandom store_random;
  StoreConfig config{.database = {Dialect::sqlite, folder + "/accounts.db"}};
  Schema schemas[] = {account_schema()};
  ZW_TRY(auto database, Database::open(config, {.clock = clock, .random = store_random}, schemas));
  ZW_TRY(auto pool, PasswordPool::make({.passes = 1, .memory = 8 << 20}));
  Outbox outbox(*database, "site",
                {.first = std::chrono::seconds(1), .most = std::chrono::seconds(5), .attempts = 50});
  ZW_TRY(Buffer key, keep_secret(folder + "/key", kSiteKeyOctets));
  AccountSettings settings;
  settings.site = "Accounts";
  settings.origin = fmt::format("{}://localhost:{}", tls ? "https" : "http", at.port);
  settings.sender = "site@example.net";
  Accounts accounts(*database, *pool, outbox, key, settings);
  SmtpSettings smtp;
  smtp.host = "127.0.0.1";
  smtp.port = static_cast<std::uint16_t>(words.number(3, 0));
  smtp.security = SmtpSecurity::none;
  ZW_TRY(SmtpClient client, SmtpClient::make(std::move(smtp)));
  MailDelivery delivery(*database, outbox, std::move(client), [](const Mail&, const MailOutcome& outcome) {
    fmt::print(stderr, "mail: {} {}\n", outcome.code, outcome.what);
  });
  WorkSettings work;
  work.waiting = Seconds(words.number(4, 15));
  work.bits = static_cast<unsigned>(words.number(5, 12));
  WorkTickets tickets(work, key);
  FrameSettings frame_settings{settings.site, settings.origin, {{"/account", "Your account"}}, {}, {},
                               {token_link()}};
  ZW_TRY(SiteFrame frame, SiteFrame::make(frame_settings, {}, key, accounts));
  auto router = std::make_shared<WebRouter>();
  frame.add_assets(*router);
  add_account_pages(*router, frame, accounts, tickets);
  AccountTokens tokens(*database, {{"things:read", "See things."},
                                   {"things:write", "Change things."},
                                   {"admin", "All that administrators do.", true}});
  add_token_pages(*router, frame, tokens);
  // Whom a token stands for, or what is wrong with it.
  router->add(WebMethod::get, "/whoami", [&](const WebRequest& request) {
    auto found = tokens.find(request.authorization, SiteFrame::client(request));
    if (!found) return WebResponse(429, found.error().what);
    if (!*found) return WebResponse(401, "nobody");
    return WebResponse(200, fmt::format("{} {}", (*found)->email, (*found)->scopes.print()));
  });
  router->add(WebMethod::get, "/", frame.signed_in([](const WebRequest&, const Session&) {
    return WebResponse::redirect("/account");
  }));
  add_removal(*router, frame, *database, accounts);
  SiteLimits limits{.connections = 6000, .of_client = 6000};
  if (!words.proxy.empty()) {
    ZW_TRY(Network proxies, Network::parse(words.proxy));
    limits.trust.proxies = {proxies};
  }
  HttpsIdentityPtr identity;
  if (tls) {
    ZW_TRY(Buffer certificate, read_file(words.text(6), 1 << 20));
    ZW_TRY(Buffer private_key, read_file(words.text(7), 1 << 20));
    identity =
        std::make_shared<HttpsIdentity>(HttpsIdentity{SecretBuffer(certificate.begin(), certificate.end()),
                                                      SecretBuffer(private_key.begin(), private_key.end())});
  }
  ZW_TRY(auto server,
         SiteServer::make(
             at, router, [&](unsigned status, std::string_view what) { return frame.explain(status, what); },
             identity, limits));
  fmt::print("{}\n", server->listening().print());
  std::fflush(stdout);
  pollfd waiting{signals.fd(), POLLIN, 0};
  while (!signals.next()) poll(&waiting, 1, -1);
  return {};
}

}  // namespace
}  // namespace zw

int main(int count, char** words) {
  zw::Words all = zw::Words::read(count, words);
  if (all.count < 4)
    return std::fputs(
               "zw_account_site [proxy=NETWORK] FOLDER PORT SMTP-PORT [WAITING [BITS [CERTIFICATE KEY]]]\n",
               stderr),
           2;
  auto done = zw::run(all);
  if (!done) fmt::print(stderr, "zw_account_site: {}\n", done.error().what);
  return done ? 0 : 3;
}
