// Any text as a configuration to look through, and any octets where a stranger may choose them: a
// configuration is looked through to its end, and what is written says the same whatever the label is.
#include "localroot/advice/changes.h"
#include "localroot/advice/check.h"
#include "localroot/advice/test_offer.h"

using namespace zw;
using namespace zw::localroot;

namespace {

/// Without the one line that the label stands in.
std::string without_label(std::string text) {
  std::size_t at = text.find("For: \"");
  ZW_ASSERT(at != std::string::npos);
  return text.erase(at, text.find('\n', at) - at);
}

void check_label(Target target, std::string_view label) {
  Offer offer = testing::whole_offer();
  std::string usual = without_label(testing::text_of(*make_advice(target, offer, testing::made_at())));
  offer.label = label;
  Advice advice = *make_advice(target, offer, testing::made_at());
  ZW_ASSERT(advice.files.size() > 1 || without_label(testing::text_of(advice)) == usual);
}

void check_words(Target target, std::string_view word) {
  constexpr std::string_view kHarmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-~:[]";
  bool harmless = word.find_first_not_of(kHarmless) == std::string_view::npos;
  Offer offer = testing::whole_offer();
  offer.url = std::string(word);
  ZW_ASSERT(harmless || !make_advice(target, offer, testing::made_at()));
  offer = testing::whole_offer();
  offer.folder = std::string(word);
  ZW_ASSERT(harmless || !make_advice(target, offer, testing::made_at()));
  offer = testing::whole_offer();
  offer.tls_name = std::string(word);
  ZW_ASSERT(harmless || !make_advice(target, offer, testing::made_at()));
}

}  // namespace

// The first octet chooses the target; the rest is a configuration, and a word.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  std::string_view text = as_text(Bytes(data, size).subspan(1));
  auto findings = check_advice(text, testing::made_at());
  ZW_ASSERT(findings.has_value());
  for (const AdviceFinding& finding : findings->all)
    ZW_ASSERT(finding.line <= size && finding.what.find('\n') == std::string::npos);
  if (text.size() < 4096) ZW_ASSERT(print_changes(text, text)->empty());
  Target target = targets()[data[0] % targets().size()].target;
  check_label(target, text.empty() ? "x" : text);
  check_words(target, text);
  return 0;
}
