// zw_factor_probe: what ground/web offers to prove who somebody is, and mail, for the stories in
// tests/e2e/web. Reads a JSON object on each line of standard input, does what its member `do` says, and
// writes a JSON object on a line.
#include <fmt/core.h>

#include <iostream>
#include <map>

#include "base/encoding.h"
#include "format/json.h"
#include "os/clock.h"
#include "web/factors/passkey.h"
#include "web/factors/work_script.h"
#include "web/factors/work_ticket.h"
#include "web/mail/smtp_client.h"

namespace zw {
namespace {

/// A request, whose members are taken to be there.
struct Request {
  const Json& json;
  std::string text(std::string_view name) const {
    const Json* member = json.find(name);
    return member && member->text() ? std::string(*member->text()) : std::string();
  }
  std::int64_t number(std::string_view name, std::int64_t otherwise) const {
    const Json* member = json.find(name);
    return member && member->whole() ? *member->whole() : otherwise;
  }
  Buffer octets(std::string_view name) const {
    Buffer out;
    ZW_ASSERT(decode_base64url(text(name), out));
    return out;
  }
};

class Probe {
 public:
  Result<std::string> answer(const Request& request) {
    std::string verb = request.text("do");
    if (verb == "mail") return mail(request);
    if (verb == "creation-options") return creation_options(request);
    if (verb == "creation") return creation(request);
    if (verb == "request-options") return request_options(request);
    if (verb == "assertion") return assertion(request);
    if (verb == "script") return object([](JsonWriter& out) { out.member("script", work_script()); });
    if (verb == "ticket") return ticket(request);
    if (verb == "check") return check(request);
    return fail(ErrorKind::unsupported, "no verb '{}'", verb);
  }

 private:
  template <typename Write>
  static std::string object(Write write) {
    std::string text;
    JsonWriter out(text);
    out.begin_object();
    write(out);
    out.end_object();
    return text;
  }

  Result<std::string> mail(const Request& request) {
    const std::map<std::string, SmtpSecurity> kinds = {{"tls", SmtpSecurity::tls},
                                                       {"starttls", SmtpSecurity::starttls},
                                                       {"offered", SmtpSecurity::starttls_if_offered},
                                                       {"none", SmtpSecurity::none}};
    SmtpSettings settings;
    settings.host = request.text("host");
    settings.port = static_cast<std::uint16_t>(request.number("port", 0));
    settings.security = kinds.at(request.text("security"));
    settings.user = request.text("user");
    append(settings.password, request.text("password"));
    settings.authorities = request.text("authorities");
    settings.whole = Milliseconds(request.number("whole", 10'000));
    ZW_TRY(SmtpClient client, SmtpClient::make(std::move(settings)));
    ZW_TRY(EmailAddress from, EmailAddress::parse("portal@zonewright.example"));
    ZW_TRY(HeaderText name, HeaderText::make("zonewright Pörtal"));
    ZW_TRY(EmailAddress to, EmailAddress::parse(request.text("to")));
    ZW_TRY(HeaderText subject, HeaderText::make(request.text("subject")));
    ZW_TRY(BodyText body, BodyText::make(request.text("body")));
    MailOutcome outcome =
        client.send(MailMessage::make({from, name}, to, subject, body, clock_.wall(), random_));
    constexpr std::string_view kKinds[] = {"accepted", "later", "refused"};
    return object([&](JsonWriter& out) {
      out.member("kind", kKinds[static_cast<int>(outcome.kind)]).member("code", outcome.code);
      out.member("what", outcome.what);
    });
  }

  static PasskeyParty party(const Request& request) {
    return {request.text("party"), "zonewright", {request.text("origin")}};
  }
  static PasskeyChallenge challenge(const Request& request) {
    PasskeyChallenge out{};
    Buffer octets = request.octets("challenge");
    ZW_ASSERT(octets.size() == out.size());
    std::copy(octets.begin(), octets.end(), out.begin());
    return out;
  }
  static UserVerification verification(const Request& request) {
    return request.text("verification") == "required" ? UserVerification::required
                                                      : UserVerification::preferred;
  }
  static Passkey passkey(const Request& request) {
    Passkey out;
    out.id = request.octets("id");
    out.public_key = request.octets("key");
    out.sign_count = static_cast<std::uint32_t>(request.number("count", 0));
    out.backup_eligible = request.number("backup", 0) != 0;
    return out;
  }

  Result<std::string> creation_options(const Request& request) {
    PasskeyUser user{request.octets("user"), "alice", "Alice"};
    return passkey_creation_options(party(request), user, challenge(request), {}, verification(request));
  }
  Result<std::string> request_options(const Request& request) {
    return passkey_request_options(party(request), challenge(request), {}, verification(request));
  }
  Result<std::string> creation(const Request& request) {
    ZW_TRY(Passkey made, check_passkey_creation(request.text("answer"), party(request), challenge(request),
                                                verification(request)));
    return object([&](JsonWriter& out) {
      out.member("id", base64url(made.id)).member("key", base64url(made.public_key));
      out.member("count", made.sign_count).member("backup", made.backup_eligible ? 1 : 0);
    });
  }
  Result<std::string> assertion(const Request& request) {
    ZW_TRY(PasskeyAssertion made, parse_passkey_assertion(request.text("answer")));
    ZW_TRY(PasskeyUse use, check_passkey_assertion(made, party(request), challenge(request),
                                                   verification(request), passkey(request)));
    return object([&](JsonWriter& out) {
      out.member("count", use.sign_count).member("verified", use.user_verified);
      out.member("user", made.user ? base64url(*made.user) : "");
    });
  }

  Result<std::string> ticket(const Request&) {
    return object([&](JsonWriter& out) {
      out.member("ticket", tickets_.make("sign up", here_, clock_.wall(), random_))
          .member("bits", tickets_.bits());
    });
  }
  Result<std::string> check(const Request& request) {
    TicketAnswer found = tickets_.check(request.text("ticket"), "sign up", here_, clock_.wall());
    constexpr std::string_view kVerdicts[] = {"good",    "too_early", "unsolved", "used",
                                              "expired", "foreign",   "crowded"};
    return object([&](JsonWriter& out) {
      out.member("verdict", kVerdicts[static_cast<int>(found.verdict)]).member("wait", found.wait.count());
    });
  }

  SystemClock clock_;
  SystemRandom random_;
  Network here_ = client_network(*IpAddress::parse("192.0.2.1"));
  WorkTickets tickets_{{.bits = 16, .waiting = Seconds(2)}, Buffer(32, 1)};
};

std::string answer_line(Probe& probe, const std::string& line) {
  auto json = parse_json(line);
  auto answer = json ? probe.answer({*json}) : std::unexpected(json.error());
  if (answer) return *answer;
  std::string text;
  JsonWriter(text).begin_object().member("error", answer.error().what).end_object();
  return text;
}

}  // namespace
}  // namespace zw

int main() {
  zw::Probe probe;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << zw::answer_line(probe, line) << std::endl;
}
