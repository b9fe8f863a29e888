// Address, name, subject and body of an e-mail, each on a line of its own but for the body. Whatever they
// are, the message has its nine header fields and no more, in short lines of ASCII.
#include <algorithm>

#include "base/result.h"
#include "web/mail/message.h"

using namespace zw;

namespace {

std::string_view next_line(std::string_view& text) {
  std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void judge(const MailMessage& mail) {
  constexpr std::size_t kFields = 9, kLongestLine = 78;
  std::string_view rest = mail.text();
  std::size_t fields = 0;
  for (bool in_header = true; !rest.empty();) {
    std::size_t end = rest.find("\r\n");
    ZW_ASSERT(end != rest.npos);
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    ZW_ASSERT(
        std::all_of(line.begin(), line.end(), [](char c) { return c == '\t' || (c >= ' ' && c < 0x7f); }));
    ZW_ASSERT(line.size() <= kLongestLine || line.find(mail.to().text()) != line.npos ||
              line.find(mail.from().domain()) != line.npos);
    if (line.empty()) in_header = false;
    if (in_header && line[0] != ' ') ++fields;
  }
  ZW_ASSERT(fields == kFields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text({data, size});
  auto from = EmailAddress::parse(next_line(text)), to = EmailAddress::parse(next_line(text));
  auto name = HeaderText::make(next_line(text)), subject = HeaderText::make(next_line(text));
  auto body = BodyText::make(text);
  if (to) ZW_ASSERT(EmailAddress::parse(to->text()).value() == *to);
  if (!from || !to || !subject || !body) return 0;
  Splitmix random(1);
  judge(MailMessage::make({*from, name ? std::optional(*name) : std::nullopt}, *to, *subject, *body,
                          WallTime(), random));
  return 0;
}
