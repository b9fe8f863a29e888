#include "web/mail/smtp_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "dns/address.h"
#include "format/unicode.h"
#include "format/utf8.h"
#include "web/curl_handle.h"

namespace zw {
namespace {

constexpr std::size_t kMostReply = 400;
constexpr unsigned kDialogueCodes = 600;

bool is_local(const std::string& host) {
  auto ip = IpAddress::parse(host);
  return ip ? ip->is_loopback() : host == "localhost";
}

/// What libcurl asks and tells while it sends.
struct Dialogue {
  std::string_view left;  // of the message
  bool began = false;     // the message, that is, the server said 354
  std::string reply{};    // the last one, all of its lines
  bool goes_on = false;   // another line of the same reply follows

  static std::size_t give(char* to, std::size_t, std::size_t room, void* self) {
    auto& dialogue = *static_cast<Dialogue*>(self);
    dialogue.began = true;
    std::size_t size = std::min(room, dialogue.left.size());
    std::copy_n(dialogue.left.begin(), size, to);
    dialogue.left.remove_prefix(size);
    return size;
  }

  static std::size_t hear(char* from, std::size_t, std::size_t size, void* self) {
    auto& dialogue = *static_cast<Dialogue*>(self);
    std::string_view line(from, size);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("221")) return size;  // the goodbye, after the reply that counts
    if (!dialogue.goes_on) dialogue.reply.clear();
    dialogue.goes_on = line.size() > 3 && line[3] == '-';
    if (!dialogue.reply.empty()) dialogue.reply += ' ';
    dialogue.reply += line.substr(0, kMostReply - std::min(kMostReply, dialogue.reply.size()));
    return size;
  }
};

struct Recipients {
  explicit Recipients(const std::string& one) : list(curl_slist_append(nullptr, one.c_str())) {}
  ~Recipients() { curl_slist_free_all(list); }
  Recipients(const Recipients&) = delete;
  Recipients& operator=(const Recipients&) = delete;
  curl_slist* list;
};

long curl_security(SmtpSecurity security) {
  if (security == SmtpSecurity::none) return CURLUSESSL_NONE;
  return security == SmtpSecurity::starttls_if_offered ? CURLUSESSL_TRY : CURLUSESSL_ALL;
}

/// Whether a reply of 5xx was to the message. One to our greeting or our sign-in is not its fault.
bool was_to_message(CURLcode code, const Dialogue& dialogue) {
  return code == CURLE_SEND_ERROR || (code == CURLE_WEIRD_SERVER_REPLY && dialogue.began);
}

MailOutcome outcome_of(CURLcode code, unsigned reply_code, const Dialogue& dialogue, std::string_view url) {
  using Kind = MailOutcome::Kind;
  if (code == CURLE_OK) return {Kind::accepted, reply_code, dialogue.reply};
  bool never = reply_code >= 500 && reply_code < kDialogueCodes && was_to_message(code, dialogue);
  std::string said =
      dialogue.reply.empty() ? "" : "; the server said last " + quote_foreign(dialogue.reply, kMostReply);
  return {never ? Kind::refused : Kind::later, reply_code,
          fmt::format("{}: {}{}", url, curl_easy_strerror(code), said)};
}

}  // namespace

Result<SmtpClient> SmtpClient::make(SmtpSettings settings) {
  auto ip = IpAddress::parse(settings.host);
  if (!ip) {
    ZW_TRY(settings.host, ascii_host_name(settings.host));
  }
  ZW_TRY(settings.hello, ascii_host_name(settings.hello));
  bool open =
      settings.security == SmtpSecurity::none || settings.security == SmtpSecurity::starttls_if_offered;
  if (settings.security == SmtpSecurity::none && !is_local(settings.host))
    return fail(ErrorKind::refused,
                "mail server {}: without TLS it must be on this machine; use starttls or tls", settings.host);
  if (open && !settings.user.empty() && !is_local(settings.host))
    return fail(ErrorKind::refused, "mail server {}: a password only goes over TLS; use starttls or tls",
                settings.host);
  std::string host = ip && !ip->is_v4() ? "[" + settings.host + "]" : settings.host;
  std::string url = fmt::format("{}://{}:{}/{}", settings.security == SmtpSecurity::tls ? "smtps" : "smtp",
                                host, settings.port, settings.hello);
  return SmtpClient(std::move(settings), std::move(url));
}

MailOutcome SmtpClient::send(const MailMessage& message) const {
  CurlHandle curl("smtp,smtps");
  std::string from = "<" + message.from().text() + ">";
  Recipients to("<" + message.to().text() + ">");
  if (!curl || !to.list) return {MailOutcome::Kind::later, 0, url_ + ": the mail client did not start"};
  Dialogue dialogue{.left = message.text()};
  curl.set(CURLOPT_URL, url_.c_str());
  curl.set(CURLOPT_MAIL_FROM, from.c_str());
  curl.set(CURLOPT_MAIL_RCPT, to.list);
  curl.set(CURLOPT_UPLOAD, 1L);
  curl.set(CURLOPT_READFUNCTION, &Dialogue::give);
  curl.set(CURLOPT_READDATA, &dialogue);
  curl.set(CURLOPT_HEADERFUNCTION, &Dialogue::hear);
  curl.set(CURLOPT_HEADERDATA, &dialogue);
  curl.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect.count()));
  curl.set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.whole.count()));
  // Without it, a server that stopped answering would be waited for once more, for two minutes, after the
  // QUIT.
  curl.set(CURLOPT_SERVER_RESPONSE_TIMEOUT,
           static_cast<long>(std::chrono::ceil<Seconds>(settings_.whole).count()));
  curl.set(CURLOPT_USE_SSL, curl_security(settings_.security));
  curl.set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!settings_.authorities.empty()) curl.set(CURLOPT_CAINFO, settings_.authorities.c_str());
  if (!settings_.user.empty()) {
    std::string password(as_text(settings_.password));
    curl.set(CURLOPT_USERNAME, settings_.user.c_str());
    curl.set(CURLOPT_PASSWORD, password.c_str());
    wipe({reinterpret_cast<std::uint8_t*>(password.data()), password.size()});
  }
  CURLcode code = curl.perform();
  return outcome_of(code, static_cast<unsigned>(curl.info<long>(CURLINFO_RESPONSE_CODE)), dialogue, url_);
}

}  // namespace zw
