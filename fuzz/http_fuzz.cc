// Header fields of a request for a download, each on a line of its own, in the order of DownloadWish.
#include "base/result.h"
#include "web/download.h"

using namespace zw;

namespace {

const DownloadFile& file() {
  static const DownloadFile made = [] {
    DownloadFile out{"2026073102", "text/dns", WallTime(Seconds(1'785'500'000)), {}};
    out.forms = {Buffer(1000, 'i'), Buffer(500, 'g'), Buffer(400, 'z')};
    return out;
  }();
  return made;
}

DownloadWish wish_of(std::string_view text) {
  DownloadWish wish;
  if (!text.empty()) wish.is_head = (text[0] & 1) != 0;
  for (auto* field : {&wish.accept_encoding, &wish.if_match, &wish.if_none_match, &wish.if_modified_since,
                      &wish.if_unmodified_since, &wish.if_range, &wish.range}) {
    std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) *field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return wish;
}

void judge(const DownloadWish& wish) {
  DownloadAnswer answer = decide_download(wish, file());
  std::size_t size = file().form(answer.coding).size();
  switch (answer.status) {
    case 200: ZW_ASSERT((answer.body == OctetRange{0, size})); break;
    case 206:
      ZW_ASSERT(wish.range && !wish.is_head && answer.body.count > 0);
      ZW_ASSERT(answer.body.first < size && answer.body.count <= size - answer.body.first);
      break;
    case 304: ZW_ASSERT(wish.if_none_match || wish.if_modified_since); break;
    case 412: ZW_ASSERT(wish.if_match || wish.if_unmodified_since); break;
    case 416: ZW_ASSERT(wish.range.has_value()); break;
    default: ZW_ASSERT(answer.status == 406 && wish.accept_encoding);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text({data, size});
  judge(wish_of(text));
  for (std::uint16_t weight : parse_accept_encoding(text)) ZW_ASSERT(weight <= 1000);
  bool is_strong = has_entity_tag(text, "7", TagComparison::strong);
  ZW_ASSERT(!is_strong || has_entity_tag(text, "7", TagComparison::weak));
  if (auto when = parse_http_date(text)) ZW_ASSERT(parse_http_date(print_http_date(*when)) == when);
  return 0;
}
