// JSON behind its limits: what is read must be written as a text that reads the same.
#include "base/result.h"
#include "format/json.h"

namespace {

using namespace zw;

void write(JsonWriter& out, const Json& value) {
  if (value.is_array()) {
    out.begin_array();
    for (const Json& item : value.items()) write(out, item);
    out.end_array();
  } else if (value.is_object()) {
    out.begin_object();
    for (const auto& [key, item] : value.members()) {
      out.key(key);
      write(out, item);
    }
    out.end_object();
  } else if (auto text = value.text()) {
    out.value(*text);
  } else if (auto boolean = value.boolean()) {
    out.value(*boolean);
  } else if (auto whole = value.whole()) {
    out.value(*whole);
  } else if (auto natural = value.natural()) {
    out.value(*natural);
  } else {
    out.value(value.number());  // null where there is none
  }
}

std::string written(const Json& value) {
  std::string text;
  JsonWriter out(text);
  write(out, value);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto json = parse_json(as_text({data, size}));
  if (!json) return 0;
  std::string once = written(*json);
  auto back = parse_json(once, {.octets = 8 << 20, .depth = 32});
  ZW_ASSERT(back.has_value());
  ZW_ASSERT(written(*back) == once);
  return 0;
}
