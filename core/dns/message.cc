#include "dns/message.h"

namespace zw {
namespace {

constexpr std::size_t kFixedOctets = 10;  // of a record, between owner and RDATA
constexpr std::uint8_t kPointer = 0xc0;

// Where the name at `at` ends: behind its root or its pointer. 0 with `fault` filled if it does not.
std::size_t skip_name(Bytes message, std::size_t at, MessageFault& fault) {
  auto no = [&](const char* what) {
    fault = {at, what};
    return std::size_t{0};
  };
  std::size_t start = at;
  while (at < message.size()) {
    std::uint8_t length = message[at];
    if (length >= kPointer) {
      if (message.size() - at < 2) break;
      std::size_t target = get16(&message[at]) & 0x3fffu;
      // RFC 1035 §4.1.4: a pointer leads to a prior occurrence; the header is no name.
      if (target >= start || target < kHeaderOctets)
        return no("a compression pointer does not point backwards");
      return at + 2;
    }
    if (length > kMaxLabelOctets) return no("a label of a reserved kind");
    if (at + length + 1 - start > kMaxNameOctets) return no("a name of more than 255 octets");
    at += length + 1u;
    if (length == 0) return at;
  }
  at = message.size();
  return no("a name is cut short");
}

}  // namespace

bool MessageView::walk(MessageFault& fault) {
  const Bytes message = message_;
  const std::uint8_t* p = message.data();
  std::size_t at = kQuestionAt;
  const unsigned questions = get16(p + 4);
  for (unsigned i = 0; i < questions; ++i) {
    std::size_t name_end = skip_name(message, at, fault);
    if (name_end == 0) return false;
    if (message.size() - name_end < 4) return fault = {name_end, "a question is cut short"}, false;
    if (i == 0) question_name_octets_ = static_cast<std::uint16_t>(name_end - at);
    at = name_end + 4;
  }
  for (std::size_t section = 0; section < 3; ++section) {
    section_at_[section] = static_cast<std::uint16_t>(at);
    for (unsigned left = get16(p + 6 + 2 * section); left > 0; --left) {
      std::size_t start = at;
      at = skip_name(message, at, fault);
      if (at == 0) return false;
      if (message.size() - at < kFixedOctets) return fault = {at, "a record is cut short"}, false;
      std::size_t rdata_octets = get16(p + at + 8);
      auto type = static_cast<RrType>(get16(p + at));
      at += kFixedOctets;
      if (message.size() - at < rdata_octets) return fault = {at, "RDATA reaches past the end"}, false;
      at += rdata_octets;
      if (type == RrType::OPT || type == RrType::TSIG) [[unlikely]] {
        Found& what = type == RrType::OPT ? opt_ : tsig_;
        what = {static_cast<std::uint16_t>(what.count + 1), static_cast<std::uint16_t>(start)};
      }
    }
  }
  end_ = static_cast<std::uint32_t>(at);
  return true;
}

std::optional<MessageView> MessageView::read(Bytes message, MessageFault& fault) {
  if (message.size() < kHeaderOctets)
    return fault = {message.size(), "the header is cut short"}, std::nullopt;
  if (message.size() > kMaxMessageOctets)
    return fault = {kMaxMessageOctets, "a message of more than 65535 octets"}, std::nullopt;
  std::optional<MessageView> view(MessageView{message});
  if (!view->walk(fault)) view.reset();
  return view;
}

Result<MessageView> MessageView::parse(Bytes message) {
  MessageFault fault;
  auto view = read(message, fault);
  if (!view) return fail(ErrorKind::malformed, "message, octet {}: {}", fault.at, fault.what);
  return *view;
}

std::optional<QuestionView> MessageView::question() const {
  if (get16(message_.data() + 4) == 0) return std::nullopt;
  const std::uint8_t* name = message_.data() + kQuestionAt;
  const std::uint8_t* behind = name + question_name_octets_;
  return QuestionView{NameView(name, question_name_octets_), static_cast<RrType>(get16(behind)),
                      static_cast<RrClass>(get16(behind + 2))};
}

}  // namespace zw
