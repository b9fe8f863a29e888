// Text in base 16, base 32hex and base 64 (RFC 4648). The first octet of the input chooses the alphabet.
// What decodes must print as the same text; what does not must leave the buffer alone; octets survive a
// journey through text.
#include <cctype>

#include "base/encoding.h"
#include "base/result.h"

namespace {

using namespace zw;

struct Alphabet {
  bool (*decode)(std::string_view, Buffer&);
  void (*append)(std::string&, Bytes);
  int (*one_case)(int);  // the case in which `append` prints; base 64 has two
};

constexpr Alphabet kAlphabets[] = {
    {decode_base16, append_base16, std::toupper},
    {decode_base32hex, append_base32hex, std::tolower},
    {decode_base64, append_base64, [](int c) { return c; }},
    {decode_base64url, append_base64url, [](int c) { return c; }},
};

void text_is_octets_or_nothing(const Alphabet& alphabet, Bytes input) {
  Buffer out = {1, 2, 3};
  if (!alphabet.decode(as_text(input), out)) {
    ZW_ASSERT((out == Buffer{1, 2, 3}));
    return;
  }
  std::string expected(as_text(input)), printed;
  for (char& c : expected) c = static_cast<char>(alphabet.one_case(static_cast<unsigned char>(c)));
  alphabet.append(printed, Bytes(out).subspan(3));
  ZW_ASSERT(printed == expected);
}

void octets_survive_as_text(const Alphabet& alphabet, Bytes input) {
  std::string text;
  alphabet.append(text, input);
  Buffer back;
  ZW_ASSERT(alphabet.decode(text, back));
  ZW_ASSERT(same_bytes(back, input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Alphabet& alphabet = kAlphabets[data[0] % std::size(kAlphabets)];
  Bytes input(data + 1, size - 1);
  text_is_octets_or_nothing(alphabet, input);
  octets_survive_as_text(alphabet, input);
  return 0;
}
