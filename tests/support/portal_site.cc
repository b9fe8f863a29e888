// zw_portal_site FOLDER PORT SMTP-PORT [WAITING]: the portal without an engine, on loopback, for the stories
// in tests/e2e/localroot. Its database and key are in FOLDER. What engines would see is said on standard
// input, a line each, and answered by a line, `ok` unless there is more to say, or what was wrong:
//
//   role EMAIL admin|user
//   fetched IP KEY SERIAL         KEY: its name on the wire, or -
//   refused IP KEY why it was
//   told IP KEY SERIAL answered|silence|badkey
//   zone NAME                     offers it to everybody
//   routes                        answers with all that there are: METHOD PATTERN, separated by semicolons
//   token SESSION PATH            answers with the token that a form to this path has for the session
//
// Ends when standard input does.
#include <fmt/core.h>

#include <iostream>
#include <sstream>

#include "localroot/portal/feed.h"
#include "localroot/portal/pages/pages.h"
#include "os/clock.h"
#include "os/files.h"
#include "web/accounts/pages.h"
#include "web/accounts/schema.h"
#include "web/factors/site_key.h"
#include "web/mail/delivery.h"
#include "web/site/server.h"

namespace zw::localroot::portal {
namespace {

constexpr std::uint32_t kSerial = 2026112700;

Result<Buffer> key_in(const std::string& file) {
  if (auto kept = read_file(file, 100)) return kept;
  Buffer key(kSiteKeyOctets);
  SystemRandom().fill(key);
  ZW_CHECK(write_file_atomically(file, key, 0600));
  return key;
}

/// A service that has the root, and a zone that nobody is offered yet.
ServiceFactsPtr facts() {
  ServiceFacts out;
  for (std::string_view name : {".", "example."}) {
    ServiceFacts::Zone zone;
    zone.name = *Name::parse(name);
    zone.serial = Serial(kSerial);
    zone.since = SystemClock().wall() - std::chrono::hours(2);
    zone.octets = name == "." ? 1'330'583 : 4'711;
    zone.records = name == "." ? 24'877 : 12;
    zone.offer.zone = zone.name;
    zone.offer.servers = {*Address::parse("198.51.100.1", kDnsPort),
                          *Address::parse("2001:db8:1::1", kDnsPort)};
    zone.offer.serial = zone.serial;
    if (name != ".") {
      zone.offer.anchor_file = "/etc/zonewright/anchors";
      zone.offer.public_fall_backs = false;
    }
    out.zones.push_back(std::move(zone));
  }
  out.tells_from = {*IpAddress::parse("198.51.100.1")};
  return std::make_shared<const ServiceFacts>(std::move(out));
}

/// Speaks for an engine.
class Teller {
 public:
  Teller(PortalStore& store, Accounts& accounts, const SiteFrame& frame, const WebRouter& router)
      : store_(store), accounts_(accounts), frame_(frame), router_(router), reader_(store.database()) {}

  Result<std::string> take(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "routes") return routes();
    if (verb == "token") return token(words);
    ZW_CHECK(verb == "role" ? set_role(words) : verb == "zone" ? offer(words) : report(verb, words));
    return "ok";
  }

 private:
  std::string routes() const {
    std::string out;
    for (const auto& [method, pattern] : router_.routes())
      out += fmt::format("{}{} {}", out.empty() ? "" : ";", print(method), pattern);
    return out;
  }

  std::string token(std::istringstream& words) const {
    std::string session, path;
    words >> session >> path;
    WebRequest request;
    request.cookies.add("session", session);
    return frame_.token(request, path);
  }

  Result<void> set_role(std::istringstream& words) {
    std::string email, role;
    words >> email >> role;
    return accounts_.set_role(email, role == "admin" ? AccountRole::admin : AccountRole::user, "local",
                              "local");
  }

  Result<void> offer(std::istringstream& words) {
    std::string name;
    words >> name;
    PortalZone zone;
    ZW_TRY(zone.name, Name::parse(name));
    zone.note = name == "." ? "The root of the DNS, as IANA publishes it: signed, and with a digest." : "";
    zone.versions = name == "." ? 76 : 0;
    ZW_CHECK(store_.offer_zone("local", zone));
    return {};
  }

  Result<void> report(const std::string& verb, std::istringstream& words) {
    std::string ip, key;
    words >> ip >> key;
    ZW_TRY(auto news, reader_.read());
    if (news) access_ = news->access;
    auto from = IpAddress::parse(ip);
    Name root = *Name::parse("."), name = key == "-" ? root : *Name::parse(key);
    if (!access_ || !from) return fail(ErrorKind::malformed, "there is nothing to report to");
    auto asking = access_->asking(root.view(), *from, key == "-" ? std::nullopt : std::optional(name.view()),
                                  store_.database().now());
    if (!asking) return fail(ErrorKind::not_found, "the zone is not offered");
    Report out;
    out.asking = *asking;
    if (verb == "refused") {
      out.kind = Report::Kind::refused;
      std::getline(words >> std::ws, out.refusal);
    } else {
      std::uint32_t serial = 0;
      std::string how;
      words >> serial >> how;
      out.serial = Serial(serial);
      if (serial < kSerial) out.lacks_since = store_.database().now() - std::chrono::hours(2);
      out.kind = verb == "told" ? Report::Kind::told : Report::Kind::fetched;
      out.outcome = {how == "answered", Rcode::NOERROR,
                     how == "badkey"     ? NotifyFault::badkey
                     : how == "answered" ? NotifyFault::none
                                         : NotifyFault::silence,
                     12};
    }
    return store_.record({&out, 1});
  }

  PortalStore& store_;
  Accounts& accounts_;
  const SiteFrame& frame_;
  const WebRouter& router_;
  FeedReader reader_;
  PortalAccessPtr access_;
};

Result<void> run(const std::string& folder, std::uint16_t port, std::uint16_t smtp_port, Seconds waiting) {
  SystemClock clock;
  SystemRandom store_random;
  StoreConfig config{.database = {Dialect::sqlite, folder + "/portal.db"}};
  Schema schemas[] = {account_schema(), kPortalSchema};
  ZW_TRY(auto database, Database::open(config, {.clock = clock, .random = store_random}, schemas));
  ZW_TRY(auto pool, PasswordPool::make({.passes = 1, .memory = 8 << 20}));
  Outbox outbox(*database, "site",
                {.first = std::chrono::seconds(1), .most = std::chrono::seconds(5), .attempts = 50});
  ZW_TRY(Buffer key, key_in(folder + "/key"));
  AccountSettings settings;
  settings.site = "LocalRoot";
  settings.origin = fmt::format("http://localhost:{}", port);
  settings.sender = "site@example.net";
  Accounts accounts(*database, *pool, outbox, key, settings);
  SmtpSettings smtp;
  smtp.host = "127.0.0.1";
  smtp.port = smtp_port;
  smtp.security = SmtpSecurity::none;
  ZW_TRY(SmtpClient client, SmtpClient::make(std::move(smtp)));
  MailDelivery delivery(*database, outbox, std::move(client), [](const Mail&, const MailOutcome&) {});
  WorkSettings work;
  work.waiting = waiting;
  work.bits = 8;
  WorkTickets tickets(work, key);
  PortalStore store(*database, {.allow_loopback = true});
  ZW_TRY(SiteFrame frame,
         SiteFrame::make(portal_frame(settings.site, settings.origin), portal_files(), key, accounts));
  auto router = std::make_shared<WebRouter>();
  frame.add_assets(*router);
  add_account_pages(*router, frame, accounts, tickets);
  add_portal_pages(*router, frame,
                   {.store = store,
                    .accounts = accounts,
                    .service = facts,
                    .contact = "help@example.net",
                    .change_pages = true,
                    .feed = {}});
  ZW_TRY(auto server,
         SiteServer::make({*IpAddress::parse("127.0.0.1"), port}, router,
                          [&](unsigned status, std::string_view what) { return frame.explain(status, what); },
                          {}, {.connections = 1000, .of_client = 1000}));
  Teller teller(store, accounts, frame, *router);
  for (std::string line = "zone .";;) {
    auto done = teller.take(line);
    fmt::print("{}\n", done ? *done : done.error().what);
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) return {};
  }
}

}  // namespace
}  // namespace zw::localroot::portal

int main(int count, char** words) {
  if (count < 4) return std::fputs("zw_portal_site FOLDER PORT SMTP-PORT [WAITING]\n", stderr), 2;
  auto done = zw::localroot::portal::run(words[1], static_cast<std::uint16_t>(std::atoi(words[2])),
                                         static_cast<std::uint16_t>(std::atoi(words[3])),
                                         zw::Seconds(count > 4 ? std::atoi(words[4]) : 1));
  if (!done) fmt::print(stderr, "zw_portal_site: {}\n", done.error().what);
  return done ? 0 : 3;
}
