// zw_account_site FOLDER PORT SMTP-PORT [WAITING [BITS [CERTIFICATE KEY]]]: a site that has nothing but
// accounts, on loopback, for the stories in tests/e2e/web. Its database and key are in FOLDER. WAITING:
// seconds that a form without work has to wait; BITS: of work. Ends on SIGTERM.
#include <fmt/core.h>
#include <poll.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/service.h"
#include "web/accounts/pages.h"
#include "web/accounts/schema.h"
#include "web/accounts/token_pages.h"
#include "web/mail/delivery.h"
#include "web/site/server.h"

namespace zw {
namespace {

struct Words {
  int count;
  char** words;
  std::string text(int i) const { return i < count ? words[i] : ""; }
  std::int64_t number(int i, std::int64_t otherwise) const {
    return i < count ? std::atoll(words[i]) : otherwise;
  }
};

Result<Buffer> key_in(const std::string& file) {
  if (auto kept = read_file(file, 100)) return kept;
  Buffer key(32);
  SystemRandom().fill(key);
  ZW_CHECK(write_file_atomically(file, key, 0600));
  return key;
}

Result<void> run(const Words& words) {
  ZW_TRY(Signals signals, Signals::make());
  std::string folder = words.text(1);
  Address at{*IpAddress::parse("127.0.0.1"), static_cast<std::uint16_t>(words.number(2, 0))};
  bool tls = words.count > 6;
  SystemClock clock;
  SystemRandom store_random, ticket_random;
  StoreConfig config{.database = {Dialect::sqlite, folder + "/accounts.db"}};
  Schema schemas[] = {account_schema()};
  ZW_TRY(auto database, Database::open(config, {.clock = clock, .random = store_random}, schemas));
  ZW_TRY(auto pool, PasswordPool::make({.passes = 1, .memory = 8 << 20}));
  Outbox outbox(*database, "site",
                {.first = std::chrono::seconds(1), .most = std::chrono::seconds(5), .attempts = 50});
  ZW_TRY(Buffer key, key_in(folder + "/key"));
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
  WorkTickets tickets(work, ticket_random);
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
  HttpsIdentityPtr identity;
  if (tls) {
    ZW_TRY(Buffer certificate, read_file(words.text(6), 1 << 20));
    ZW_TRY(Buffer private_key, read_file(words.text(7), 1 << 20));
    identity =
        std::make_shared<HttpsIdentity>(HttpsIdentity{SecretBuffer(certificate.begin(), certificate.end()),
                                                      SecretBuffer(private_key.begin(), private_key.end())});
  }
  ZW_TRY(auto server,
         SiteServer::make(at, router,
                          [&](unsigned status, std::string_view what) { return frame.explain(status, what); },
                          identity, {.connections = 6000, .of_client = 6000}));
  fmt::print("{}\n", server->listening().print());
  std::fflush(stdout);
  pollfd waiting{signals.fd(), POLLIN, 0};
  while (!signals.next()) poll(&waiting, 1, -1);
  return {};
}

}  // namespace
}  // namespace zw

int main(int count, char** words) {
  if (count < 4)
    return std::fputs("zw_account_site FOLDER PORT SMTP-PORT [WAITING [BITS [CERTIFICATE KEY]]]\n", stderr),
           2;
  auto done = zw::run({count, words});
  if (!done) fmt::print(stderr, "zw_account_site: {}\n", done.error().what);
  return done ? 0 : 3;
}
