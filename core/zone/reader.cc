#include "zone/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "dns/address_text.h"
#include "dns/rdata_text.h"
#include "zone/builder.h"
#include "zone/generate.h"

namespace zw {
namespace {

constexpr int kMostIncludes = 10;  // of files within files

// What the files of one run share, and what one line leaves for the next.
class FileReader {
 public:
  FileReader(const ReaderOptions& options, RecordSink& sink, ReadReport& report)
      : options_(options),
        sink_(sink),
        report_(report),
        origin_(options.origin.value_or(Name())),
        has_origin_(options.origin.has_value()) {}

  void read(std::string_view text, std::string_view file);

 private:
  struct Line;  // the text that errors point into
  void lines(Lexer& lexer);
  bool line(Lexer& lexer, Token& first, bool blank);
  bool owner(const Token& token);
  bool record(Lexer& lexer, Token& token);
  bool directive(Lexer& lexer, const Token& word);
  bool origin_directive(Lexer& lexer);
  bool ttl_directive(Lexer& lexer);
  bool include_directive(Lexer& lexer);
  bool generate_directive(Lexer& lexer);
  bool end_of_line(Lexer& lexer);
  bool take_word(Lexer& lexer, Token& token, const char* expected);
  bool decide_ttl(RrType type, std::optional<std::uint32_t> given, std::uint32_t& ttl, const char* at);
  bool error(const char* at, std::string what);
  void tell(Severity severity, const char* at, std::string what);
  void recover(Lexer& lexer);
  bool is_full() const { return report_.errors >= options_.most_errors; }

  const ReaderOptions& options_;
  RecordSink& sink_;
  ReadReport& report_;
  RdataReader rdata_;
  Name origin_;
  bool has_origin_;
  std::uint8_t owner_[kNameTextRoom] = {};
  std::size_t owner_size_ = 0;   // 0: none yet
  std::string_view owner_text_;  // of which owner_ was made, with the same origin
  std::optional<std::uint32_t> default_ttl_, last_ttl_;
  std::string_view file_;
  const Lexer* lexer_ = nullptr;       // of the file
  const char* generate_at_ = nullptr;  // inside $GENERATE all errors are told of that line
  int depth_ = 0;
  std::size_t generated_ = 0;
};

void FileReader::tell(Severity severity, const char* at, std::string what) {
  TextPlace place = lexer_->place_of(generate_at_ ? generate_at_ : at);
  ++(severity == Severity::error ? report_.errors : report_.warnings);
  if (report_.issues.size() < options_.most_errors)
    report_.issues.push_back({std::string(file_), place.line, place.column, severity, std::move(what)});
}

bool FileReader::error(const char* at, std::string what) {
  tell(Severity::error, at, std::move(what));
  return false;
}

void FileReader::read(std::string_view text, std::string_view file) {
  Lexer lexer(text);
  auto outer_file = std::exchange(file_, file);
  auto outer_lexer = std::exchange(lexer_, &lexer);
  owner_text_ = {};  // it pointed into another text
  lines(lexer);
  owner_text_ = {};
  file_ = outer_file;
  lexer_ = outer_lexer;
}

void FileReader::lines(Lexer& lexer) {
  Token token;
  while (!is_full()) {
    bool blank = lexer.at_blank();
    lexer.next(token);
    if (token.kind == TokenKind::file_end) return;
    if (token.kind == TokenKind::line_end) continue;
    if (!line(lexer, token, blank)) recover(lexer);
  }
}

// To the start of the next line, over a record in parentheses as a whole.
void FileReader::recover(Lexer& lexer) {
  while (!lexer.at_line_start()) {
    Token token = lexer.next();
    if (token.kind == TokenKind::file_end) return;
    if (token.kind == TokenKind::error) return lexer.skip_line();
  }
}

bool FileReader::line(Lexer& lexer, Token& first, bool blank) {
  if (first.kind == TokenKind::error) return error(first.text.data(), lexer.error());
  if (blank) {
    if (owner_size_ == 0) return error(first.text.data(), "the first record has no owner name before it");
    return record(lexer, first);
  }
  if (first.text.starts_with('$') && first.kind == TokenKind::word) return directive(lexer, first);
  if (!owner(first)) return false;
  lexer.next(first);
  return record(lexer, first);
}

bool FileReader::owner(const Token& token) {
  if (token.text == owner_text_ && owner_size_ > 0) return true;
  if (!has_origin_ && !is_absolute(token.text))
    return error(token.text.data(),
                 fmt::format("{} is relative, and there is no origin: put $ORIGIN before it", token.text));
  if (token.text == "@" && token.kind == TokenKind::word) {
    owner_size_ = origin_.size();
    std::memcpy(owner_, origin_.wire().data(), owner_size_);
  } else {
    NameTextError fault{};
    std::size_t size = parse_name(token.text, origin_, owner_, fault);
    if (size == 0) {
      owner_size_ = 0;
      return error(token.text.data() + std::min(fault.column - 1, token.text.size()), fault.what);
    }
    owner_size_ = size;
  }
  owner_text_ = token.text;
  return true;
}

bool FileReader::decide_ttl(RrType type, std::optional<std::uint32_t> given, std::uint32_t& ttl,
                            const char* at) {
  if (given) {
    last_ttl_ = ttl = *given;
    return true;
  }
  if (default_ttl_) {
    ttl = *default_ttl_;
    return true;
  }
  if (last_ttl_) {
    ttl = *last_ttl_;
    return true;
  }
  if (type != RrType::SOA) return error(at, "the record has no TTL, and no $TTL or TTL stands before it");
  Bytes soa = rdata_.rdata();
  last_ttl_ = ttl = std::min(get32(soa.data() + soa.size() - 4), 0x7fffffffu);
  tell(Severity::warning, at, "the SOA record has no TTL: its MINIMUM is taken (put $TTL before it)");
  return true;
}

// [TTL] [class] type RDATA, or [class] [TTL] type RDATA; `token` is the first of them.
bool FileReader::record(Lexer& lexer, Token& token) {
  std::optional<std::uint32_t> ttl_given;
  bool class_given = false;
  std::optional<RrType> type;
  for (;; lexer.next(token)) {
    if (token.kind == TokenKind::error) return error(token.text.data(), lexer.error());
    if (!token.is_text()) return error(token.text.data(), "expected an RR type, found the end of the line");
    char first = token.text.empty() ? '\0' : token.text[0];
    if (first >= '0' && first <= '9') {
      if (ttl_given) return error(token.text.data(), "a second TTL");
      ttl_given = parse_ttl(token.text);
      if (!ttl_given)
        return error(token.text.data(),
                     "a TTL is at most 2147483647 seconds, plain or with units such as 1h30m");
      continue;
    }
    if (token.text.size() == 2 && first == 'I' && token.text[1] == 'N' && options_.rr_class == RrClass::IN &&
        !class_given) {  // nearly every record
      class_given = true;
      continue;
    }
    type = parse_type(token.text);
    if (type) break;
    auto rr_class = parse_class(token.text);
    if (!rr_class) return error(token.text.data(), fmt::format("{} is no RR type, class or TTL", token.text));
    if (class_given) return error(token.text.data(), "a second class");
    if (*rr_class != options_.rr_class)
      return error(token.text.data(), fmt::format("a record of class {} in a zone of class {}",
                                                  print(*rr_class), print(options_.rr_class)));
    class_given = true;
  }
  const char* at = token.text.data();
  if (is_meta_type(*type)) return error(at, fmt::format("{} records do not stand in zones", print(*type)));
  if (!has_origin_ && *type == RrType::SOA) {  // the zone's own name, as for a server that was told it
    origin_ = NameView(owner_, owner_size_);
    has_origin_ = true;
  }
  rdata_.refuse_relative(!has_origin_);
  if (!rdata_.read(*type, lexer, origin_)) return error(rdata_.error().at, rdata_.error().what);
  std::uint32_t ttl = 0;
  if (!decide_ttl(*type, ttl_given, ttl, at)) return false;
  ++report_.records;
  if (auto complaint = sink_.record({owner_, owner_size_}, *type, ttl, rdata_.rdata()))
    tell(complaint->severity, at, std::move(complaint->what));
  return true;
}

bool FileReader::take_word(Lexer& lexer, Token& token, const char* expected) {
  token = lexer.next();
  if (token.kind == TokenKind::error) return error(token.text.data(), lexer.error());
  return token.is_text() ||
         error(token.text.data(), fmt::format("expected {}, found the end of the line", expected));
}

bool FileReader::end_of_line(Lexer& lexer) {
  Token token = lexer.next();
  if (token.kind == TokenKind::error) return error(token.text.data(), lexer.error());
  return !token.is_text() || error(token.text.data(), "the line goes on behind its directive");
}

bool FileReader::directive(Lexer& lexer, const Token& word) {
  if (generate_at_) return error(word.text.data(), "a directive cannot stand in $GENERATE");
  if (word.text == "$ORIGIN") return origin_directive(lexer);
  if (word.text == "$TTL") return ttl_directive(lexer);
  if (word.text == "$INCLUDE") return include_directive(lexer);
  if (word.text == "$GENERATE") return generate_directive(lexer);
  return error(word.text.data(),
               fmt::format("{} is no directive: expected $ORIGIN, $TTL, $INCLUDE or $GENERATE", word.text));
}

bool FileReader::origin_directive(Lexer& lexer) {
  Token token;
  if (!take_word(lexer, token, "a domain name")) return false;
  if (!has_origin_ && !token.text.ends_with('.'))
    return error(token.text.data(), "the first $ORIGIN needs a final dot");
  auto name = Name::parse(token.text, origin_);
  if (!name) return error(token.text.data(), name.error().what);
  origin_ = *name;
  has_origin_ = true;
  owner_text_ = {};
  return end_of_line(lexer);
}

bool FileReader::ttl_directive(Lexer& lexer) {
  Token token;
  if (!take_word(lexer, token, "a TTL")) return false;
  auto ttl = parse_ttl(token.text);
  if (!ttl)
    return error(token.text.data(), "a TTL is at most 2147483647 seconds, plain or with units such as 1h30m");
  default_ttl_ = ttl;
  return end_of_line(lexer);
}

bool FileReader::include_directive(Lexer& lexer) {
  Token path, token;
  if (!take_word(lexer, path, "a file name")) return false;
  Name origin = origin_;
  bool has_origin = has_origin_;
  token = lexer.next();
  if (token.kind == TokenKind::error) return error(token.text.data(), lexer.error());
  if (token.is_text()) {
    auto name = Name::parse(token.text, origin_);
    if (!name) return error(token.text.data(), name.error().what);
    origin = *name;
    has_origin = true;
    if (!end_of_line(lexer)) return false;
  }
  const char* at = path.text.data();
  if (!options_.includes) return error(at, "$INCLUDE is not allowed here");
  if (depth_ >= kMostIncludes)
    return error(at, fmt::format("$INCLUDE goes deeper than {} files", kMostIncludes));
  std::string name;
  if (!append_unescaped(name, path.text)) return error(at, "an escape is \\X or \\DDD up to \\255");
  auto file = options_.includes->load(name, file_);
  if (!file) return error(at, file.error().what);
  // RFC 1035 §5.1: the origin and the owner are those of this file again afterwards.
  Name saved_origin = std::exchange(origin_, origin);
  bool saved_has = std::exchange(has_origin_, has_origin);
  Name saved_owner = owner_size_ ? Name(NameView(owner_, owner_size_)) : Name();
  std::size_t saved_size = owner_size_;
  ++depth_;
  read(file->text, file->name);
  --depth_;
  origin_ = saved_origin;
  has_origin_ = saved_has;
  owner_size_ = saved_size;
  if (saved_size) std::memcpy(owner_, saved_owner.wire().data(), saved_size);
  return true;
}

bool FileReader::generate_directive(Lexer& lexer) {
  Token range, left;
  if (!take_word(lexer, range, "a range such as 1-127/2")) return false;
  auto steps = parse_generate_range(range.text);
  if (!steps) return error(range.text.data(), steps.error().what);
  if (!take_word(lexer, left, "a name with $ in it")) return false;
  // The rest of the line is one template: TTL, class, type and RDATA.
  const char* start = left.text.data() + left.text.size() + (left.kind == TokenKind::quoted ? 1 : 0);
  Token token = lexer.next();
  if (!token.is_text()) return error(start, "expected an RR type, found the end of the line");
  const char* end = start;
  for (; token.is_text(); token = lexer.next())
    end = token.text.data() + token.text.size() + (token.kind == TokenKind::quoted ? 1 : 0);
  if (token.kind == TokenKind::error) return error(token.text.data(), lexer.error());
  std::string_view right(start, static_cast<std::size_t>(end - start));

  generate_at_ = range.text.data();
  bool good = true;
  for (std::uint64_t i = steps->start; good && i <= steps->stop; i += steps->step) {
    if (++generated_ > options_.most_generated)
      good =
          error(generate_at_, fmt::format("$GENERATE makes more than {} records", options_.most_generated));
    std::string text;
    const char* why = nullptr;
    if (good && (!append_generated(text, left.text, i, why) || !append_generated(text, right, i, why)))
      good = error(generate_at_, why);
    if (!good) break;
    owner_text_ = {};
    Lexer inner(text);
    Token first = inner.next();
    good = line(inner, first, false);
    owner_text_ = {};
  }
  generate_at_ = nullptr;
  return good;
}

// Makes the zone once the SOA has told its origin; keeps what comes before.
class ZoneSink final : public RecordSink {
 public:
  explicit ZoneSink(const ReaderOptions& options) : class_(options.rr_class) {
    if (options.origin) builder_.emplace(*options.origin, class_);
  }

  std::optional<Complaint> record(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) override {
    if (!builder_ && type != RrType::SOA) {
      waiting_.push_back({owner, type, ttl, Buffer(rdata.begin(), rdata.end())});
      return std::nullopt;
    }
    if (!builder_) {
      builder_.emplace(owner, class_);
      for (const Waiting& record : waiting_)
        if (auto complaint = add(record.owner, record.type, record.ttl, record.rdata)) return complaint;
      waiting_.clear();
    }
    return add(owner, type, ttl, rdata);
  }
  Result<ZonePtr> finish(Findings& findings) {
    if (!builder_) return fail(ErrorKind::malformed, "there is no SOA record");
    return builder_->build(findings);
  }

 private:
  struct Waiting {
    Name owner;
    RrType type;
    std::uint32_t ttl;
    Buffer rdata;
  };
  std::optional<Complaint> add(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
    if (builder_->add(owner, type, ttl, rdata) == ZoneBuilder::Added::yes) return std::nullopt;
    return Complaint{Severity::error, fmt::format("{} {} is out of the zone {}", print(owner), print(type),
                                                  print(builder_->origin()))};
  }
  RrClass class_;
  std::optional<ZoneBuilder> builder_;
  std::vector<Waiting> waiting_;
};

}  // namespace

std::string print(const ReadIssue& issue) {
  return fmt::format("{}:{}:{}: {}{}", issue.file, issue.line, issue.column,
                     issue.severity == Severity::warning ? "warning: " : "", issue.what);
}

ReadReport read_records(std::string_view text, std::string_view file, const ReaderOptions& options,
                        RecordSink& sink) {
  ReadReport report;
  FileReader(options, sink, report).read(text, file);
  return report;
}

ZoneReading read_zone(std::string_view text, std::string_view file, const ReaderOptions& options) {
  ZoneReading out;
  ZoneSink sink(options);
  out.report = read_records(text, file, options, sink);
  if (out.report.errors > 0) return out;
  auto zone = sink.finish(out.findings);
  if (zone) {
    out.zone = std::move(*zone);
  } else {
    ++out.report.errors;
    out.report.issues.push_back({std::string(file), 1, 1, Severity::error, zone.error().what});
  }
  return out;
}

}  // namespace zw
