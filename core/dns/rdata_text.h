// RDATA from text and to text, field by field; the table in rr_type.cc says which fields a type has.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "dns/lexer.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

/// Where text is wrong (`at` points into it) and why.
struct RdataTextError {
  const char* at = nullptr;
  std::string what;
};

/// Reads the RDATA of one record from a Lexer. Keep one and use it again: it holds a buffer of 64 KiB.
class RdataReader {
 public:
  RdataReader();
  /// Reads up to and with the end of the line. On true `rdata()` has the octets until the next call; on false
  /// `error()` tells why and the lexer stands where the fault was seen.
  bool read(RrType type, Lexer& lexer, NameView origin);
  /// Makes relative names errors: there is no origin to complete them.
  void refuse_relative(bool refuse) { refuse_relative_ = refuse; }
  Bytes rdata() const { return {out_.data(), size_}; }
  const RdataTextError& error() const { return error_; }

 private:
  // Plain fields: rdata_parse.cc.
  bool field(Field field);
  bool fields(RrType type);
  bool unknown_format(Token hash, RrType type);
  bool number(std::uint64_t most, std::size_t octets, const char* what);
  bool mnemonic_number(Field field);
  bool ttl();
  bool stamp();
  bool type();
  bool address(Field field);
  bool name();
  bool string(bool tag = false);
  bool rest_of_strings();
  bool whole_text();
  bool rest_hex(bool prefixed);
  bool rest_base64(bool dash);
  bool salt();
  bool hash();
  bool bitmap();
  // Fields with a grammar of their own: rdata_parse_special.cc and svcb_text.cc.
  bool bitmap_nxt();
  bool groups(std::size_t octets, std::size_t each, char separator, const char* what);
  bool location();
  bool prefixes();
  bool services();
  bool atm();
  bool a6();
  bool gateway();
  bool relay();
  bool address_of_kind(unsigned kind);
  bool host_identity();
  bool params();

  // The next token of this record; false (with an error) at the end of the line.
  bool take(Token& token, const char* expected) {
    return take_optional(token) && (token.is_text() || fail_text(token, expected));
  }
  // The same, but an end of line is no error: `token` is then not text, and stays for whoever asks next.
  bool take_optional(Token& token) {
    lexer_->next(token);
    if (token.is_text()) [[likely]]
      return true;
    if (token.kind == TokenKind::error) return fail_at(token.text, lexer_->error());
    lexer_->give_back(token);
    return true;
  }
  bool fail_text(const Token& token, const char* expected);
  // All words up to the end of the line as one string, for base 16 and base 64.
  bool take_joined(std::string_view& joined, const char* expected, bool may_be_empty);
  bool fail_at(std::string_view place, std::string what);
  bool put(Bytes octets);
  bool put_number(std::uint64_t value, std::size_t octets);
  std::size_t room() const { return 65535 - size_; }

  Lexer* lexer_ = nullptr;
  NameView origin_;
  bool refuse_relative_ = false;
  Buffer out_;
  std::size_t size_ = 0;
  std::string scratch_;
  const char* joined_at_ = nullptr;  // where the words began that scratch_ holds
  RdataTextError error_;
};

/// A character string with its quotes; what is not printable as \DDD.
void append_quoted(std::string& out, Bytes octets);
/// Names of types, sorted and each once, as RFC 4034 §4.1.2 windows.
void append_type_bitmap(Buffer& out, std::vector<RrType>& types);
/// Service parameters (RFC 9460 §2.1), well formed, each behind a space.
void append_print_params(std::string& out, Bytes params);
/// The fields that rdata_print.cc leaves to rdata_print_special.cc; `before` are the octets in front.
void append_print_special(std::string& out, Field field, Bytes octets, Bytes before);

}  // namespace zw
