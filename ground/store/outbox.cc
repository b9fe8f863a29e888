#include "store/outbox.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "format/json.h"
#include "format/utf8.h"

namespace zw {
namespace {

constexpr std::size_t kIdOctets = 15;  // 24 digits in base 32
constexpr JsonLimits kLimits{.octets = kMostJobOctets, .depth = 2};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<void> check_line(std::string_view what, std::string_view text, std::size_t most) {
  if (text.size() > most) return fail(ErrorKind::limit, "mail: a {} of more than {} octets", what, most);
  if (!is_utf8(text) || std::ranges::any_of(text, is_control))
    return fail(ErrorKind::refused, "mail: expected a {} of one line of UTF-8", what);
  return {};
}

// Enough for no field to become two. Whether the address exists, the other side says.
Result<void> check_address(std::string_view what, std::string_view address) {
  ZW_CHECK(check_line(what, address, Mail::kMostAddressOctets));
  std::size_t at = address.rfind('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == address.size() ||
      address.find_first_of(" <>,;") != std::string_view::npos)
    return fail(ErrorKind::refused, "mail: expected a {} such as name@domain", what);
  return {};
}

Result<void> check_mail(const Mail& mail) {
  ZW_CHECK(check_address("sender", mail.sender));
  ZW_CHECK(check_address("recipient", mail.recipient));
  ZW_CHECK(check_line("subject", mail.subject, Mail::kMostSubjectOctets));
  if (mail.text.size() > Mail::kMostTextOctets)
    return fail(ErrorKind::limit, "mail: a text of more than {} octets", Mail::kMostTextOctets);
  if (!is_utf8(mail.text)) return fail(ErrorKind::refused, "mail: expected a text in UTF-8");
  return {};
}

struct Field {
  const char* name;
  std::string Mail::* member;
};
constexpr Field kFields[] = {{"id", &Mail::id},
                             {"sender", &Mail::sender},
                             {"recipient", &Mail::recipient},
                             {"subject", &Mail::subject},
                             {"text", &Mail::text}};

}  // namespace

std::string print_mail(const Mail& mail) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const Field& field : kFields) json.member(field.name, mail.*field.member);
  json.end_object();
  return out;
}

Result<Mail> parse_mail(std::string_view payload) {
  ZW_TRY(Json json, parse_json(payload, kLimits));
  Mail out;
  for (const Field& field : kFields) {
    const Json* value = json.find(field.name);
    if (!value || !value->text()) return fail(ErrorKind::malformed, "mail: it lacks '{}'", field.name);
    out.*field.member = *value->text();
  }
  return out;
}

Outbox::Outbox(Database& database, std::string holder, RetryPolicy policy)
    : database_(database), queue_(database, "mail", std::move(holder), policy) {}

Result<std::int64_t> Outbox::post(Transaction& tx, Mail mail) {
  ZW_CHECK(check_mail(mail));
  std::array<std::uint8_t, kIdOctets> id{};
  database_.fill_random(id);
  mail.id = base32hex(id);
  return queue_.add(tx, {.payload = print_mail(mail)});
}

Result<std::size_t> Outbox::deliver(std::size_t most, std::chrono::milliseconds lease,
                                    const std::function<Result<void>(const Mail&)>& send) {
  return queue_.work(most, lease, [&](const Job& job) -> Result<void> {
    auto mail = parse_mail(job.payload);
    if (!mail) return fail(ErrorKind::refused, "{}", mail.error().what);
    return send(*mail);
  });
}

}  // namespace zw
