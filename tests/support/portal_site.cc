// zw_portal_site FOLDER PORT SMTP-PORT [BURST PER-MINUTE]: the portal without an engine, on loopback, for the
// stories in tests/e2e/localroot. Its database and key are in FOLDER; the last two are the budget of an API
// token. What engines would see is said on standard input, a line each, and answered by a line, `ok` unless
// there is more to say, or what was wrong:
//
//   person EMAIL                  makes an account that nobody signs in to
//   account EMAIL                 answers with its number, or `none`
//   role EMAIL admin|user
//   api-token EMAIL SCOPE ...     answers with a new one
//   fetched IP KEY SERIAL         KEY: its name on the wire, or -
//   refused IP KEY why it was
//   told IP KEY SERIAL answered|silence|badkey
//   downloaded IP URL SERIAL      the root, by this URL; answers `none` if that is good for nothing
//   zone NAME                     offers it to everybody
//   invited-zone NAME             to who is invited
//   routes                        answers with all that there are: METHOD PATTERN, separated by semicolons
//   token SESSION PATH            answers with the token that a form to this path has for the session
//
// Ends when standard input does.
#include <fmt/core.h>

#include <iostream>
#include <map>
#include <sstream>

#include "localroot/download_config.h"
#include "localroot/portal/site.h"
#include "localroot/store.h"
#include "os/clock.h"
#include "os/files.h"
#include "web/accounts/schema.h"
#include "web/factors/site_key.h"

namespace zw::localroot::portal {
namespace {

constexpr std::uint32_t kSerial = 2026112700;

/// Feeds of two versions.
using Feeds = std::map<std::string, std::shared_ptr<const ChangeFeed>>;
Result<Feeds> make_feeds(const std::string& folder) {
  Feeds out;
  for (const std::string name : {".", "example."}) {
    Name zone = *Name::parse(name);
    auto feed = std::make_shared<ChangeFeed>(zone, folder + "/" + ZoneStore::file_name(zone) + ".changes");
    for (std::uint32_t serial : {kSerial - 1, kSerial})
      ZW_CHECK(feed->begin(Serial(serial), {SystemClock().wall(), "SHA-384", "AB"}));
    out[name] = feed;
  }
  return out;
}

/// A service that has the root and other zones.
ServiceFactsPtr facts(const Feeds& feeds) {
  ServiceFacts out;
  for (std::string_view name : {".", "arpa.", "example.", "hidden.example."}) {
    ServiceFacts::Zone& zone = out.zones.emplace_back();
    zone.name = *Name::parse(name);
    zone.serial = Serial(kSerial);
    zone.since = SystemClock().wall() - std::chrono::hours(2);
    zone.octets = name == "." ? 1'330'583 : 4'711;
    zone.records = name == "." ? 24'877 : 12;
    zone.offer.zone = zone.name;
    zone.offer.servers = {*Address::parse("198.51.100.1", kDnsPort),
                          *Address::parse("2001:db8:1::1", kDnsPort)};
    zone.offer.serial = zone.serial;
    if (auto feed = feeds.find(std::string(name)); feed != feeds.end()) zone.changes = feed->second;
    if (name == ".") continue;
    zone.offer.anchor_file = "/etc/zonewright/anchors";
    zone.offer.public_fall_backs = false;
  }
  out.downloads = "https://198.51.100.1";
  out.tells_from = {*IpAddress::parse("198.51.100.1")};
  return std::make_shared<const ServiceFacts>(std::move(out));
}

/// Speaks for an engine.
class Teller {
 public:
  Teller(PortalStore& store, PortalSite& site) : store_(store), site_(site), reader_(store.database()) {}

  Result<std::string> take(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "routes") return routes();
    if (verb == "token") return token(words);
    if (verb == "account") return account(words);
    if (verb == "api-token") return api_token(words);
    if (verb == "downloaded") return download(words);
    ZW_CHECK(verb == "role"                   ? set_role(words)
             : verb == "person"               ? make_person(words)
             : verb.find("zone") != verb.npos ? offer(words, verb == "invited-zone")
                                              : report(verb, words));
    return "ok";
  }

 private:
  std::string routes() const {
    std::string out;
    for (const auto& [method, pattern] : site_.router().routes())
      out += fmt::format("{}{} {}", out.empty() ? "" : ";", print(method), pattern);
    return out;
  }

  std::string token(std::istringstream& words) const {
    std::string session, path;
    words >> session >> path;
    WebRequest request;
    request.cookies.add("session", session);
    return site_.frame().token(request, path);
  }

  Result<void> set_role(std::istringstream& words) {
    std::string email, role;
    words >> email >> role;
    return site_.accounts().set_role(email, parse_role(role), "local", "local");
  }

  Result<void> make_person(std::istringstream& words) {
    std::string email;
    words >> email;
    std::uint8_t user[32];
    store_.database().fill_random(user);
    ZW_CHECK(store_.database().write([&](Transaction& tx) {
      return tx.run(account_sql::kAddAccount, {email, print(AccountRole::user), "", Bytes(user), tx.now()});
    }));
    return {};
  }

  Result<std::string> account(std::istringstream& words) {
    std::string email;
    words >> email;
    ZW_TRY(auto found, site_.accounts().find_address(email));
    return found ? std::to_string(found->id) : "none";
  }

  Result<std::string> api_token(std::istringstream& words) {
    std::string email, scope, scopes;
    words >> email;
    while (words >> scope) scopes += (scopes.empty() ? "" : " ") + scope;
    ZW_TRY(auto found, site_.accounts().find_address(email));
    if (!found) return fail(ErrorKind::not_found, "nobody has this address");
    Session session;
    session.account = found->id;
    session.role = found->role;
    session.is_whole = true;
    ZW_TRY(Scopes wanted, Scopes::parse(scopes));
    ZW_TRY(auto made, site_.tokens().make(session, {"story", wanted}, {}));
    return std::string(as_text(made.text));
  }

  Result<void> offer(std::istringstream& words, bool invited_only) {
    std::string name;
    words >> name;
    PortalZone zone;
    ZW_TRY(zone.name, Name::parse(name));
    zone.note = name == "." ? "The root of the DNS, as IANA publishes it: signed, and with a digest." : "";
    zone.versions = name == "." ? 76 : 0;
    zone.invited_only = invited_only;
    ZW_CHECK(store_.offer_zone("local", zone));
    return {};
  }

  Result<std::string> download(std::istringstream& words) {
    std::string ip, url;
    std::uint32_t serial = 0;
    words >> ip >> url >> serial;
    ZW_TRY(auto news, reader_.read());
    if (news) access_ = news->access;
    auto from = IpAddress::parse(ip);
    if (!access_ || !from) return fail(ErrorKind::malformed, "there is nothing to report to");
    Name root = *Name::parse(".");
    auto path = url.find("/zones/");
    auto server =
        access_->may_download(root.view(), split_download_path(std::string_view(url).substr(path)).first);
    auto asking = access_->asking(root.view(), *from, std::nullopt, store_.database().now());
    if (!server || !asking) return "none";
    Report out;
    out.kind = Report::Kind::downloaded;
    out.asking = *asking;
    out.server = *server;
    out.serial = Serial(serial);
    out.transport = Transport::https;
    ZW_CHECK(store_.record({&out, 1}));
    return "ok";
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
  PortalSite& site_;
  FeedReader reader_;
  PortalAccessPtr access_;
};

Result<void> run(const std::string& folder, std::uint16_t port, std::uint16_t smtp_port, ApiSettings budget) {
  SystemClock clock;
  SystemRandom random;
  StoreConfig config{.database = {Dialect::sqlite, folder + "/portal.db"}};
  const Schema schemas[] = {account_schema(), kPortalSchema};
  ZW_TRY(auto database, Database::open(config, {.clock = clock, .random = random}, schemas));
  ZW_TRY(Buffer key, keep_secret(folder + "/key", kSiteKeyOctets));
  PortalSettings registered;
  registered.download_key = key_for(key, SiteKeyUse::secret_urls);
  PortalStore store(*database, std::move(registered));
  SmtpSettings smtp;
  smtp.host = "127.0.0.1";
  smtp.port = smtp_port;
  smtp.security = SmtpSecurity::none;
  ZW_TRY(SmtpClient client, SmtpClient::make(std::move(smtp)));
  PortalSiteSettings settings;
  settings.name = "LocalRoot";
  settings.origin = fmt::format("http://localhost:{}", port);
  settings.sender = "site@example.net";
  settings.contact = "help@example.net";
  settings.passwords = {.passes = 1, .memory = 8 << 20};
  settings.mail = {.first = std::chrono::seconds(1), .most = std::chrono::seconds(5), .attempts = 50};
  settings.tickets.waiting = Seconds(1);
  settings.tickets.bits = 8;
  settings.api = budget;
  ZW_TRY(Feeds feeds, make_feeds(folder));
  ZW_TRY(auto site, PortalSite::make(settings,
                                     {.database = *database,
                                      .store = store,
                                      .service = [&feeds] { return facts(feeds); },
                                      .mail = std::move(client),
                                      .on_mail = [](const Mail&, const MailOutcome&) {}},
                                     key));
  ZW_CHECK(
      site->open({{*IpAddress::parse("127.0.0.1"), port}}, {}, {.connections = 1000, .of_client = 1000}));
  Teller teller(store, *site);
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
  if (count < 4) return std::fputs("zw_portal_site FOLDER PORT SMTP-PORT [BURST PER-MINUTE]\n", stderr), 2;
  auto number = [&](int i) { return i < count ? static_cast<unsigned>(std::atoi(words[i])) : 100'000; };
  auto done = zw::localroot::portal::run(words[1], static_cast<std::uint16_t>(number(2)),
                                         static_cast<std::uint16_t>(number(3)), {number(4), number(5)});
  if (!done) fmt::print(stderr, "zw_portal_site: {}\n", done.error().what);
  return done ? 0 : 3;
}
