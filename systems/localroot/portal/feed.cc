#include "localroot/portal/feed.h"

#include <algorithm>

#include "localroot/portal/rows.h"
#include "localroot/portal/statements.h"

namespace zw::localroot::portal {
namespace {

constexpr Milliseconds kPatience{200};  // how long an end may take
constexpr Milliseconds kTidyPeriod{60'000};
constexpr Milliseconds kAgain{5'000};     // after the database could not be read
constexpr Milliseconds kAtLeast{10'000};  // looks for changes though nobody said so

std::optional<Serial> serial_at(const Row& row, int column) {
  auto value = row.get<std::optional<std::uint32_t>>(column);
  return value ? std::optional<Serial>(*value) : std::nullopt;
}

FeedRow feed_row(const Row& row) {
  TargetRow target = target_row(row);
  FeedRow out;
  out.id = target.id;
  out.server = row.get<ServerId>(kTargetColumns);
  out.claim = target.claim;
  out.policy = target.policy;
  out.enabled = target.state.enabled;
  auto held = serial_at(row, kTargetColumns + 1), answered = serial_at(row, kTargetColumns + 2);
  out.heard = held && answered ? std::max(*held, *answered) : held ? held : answered;
  out.active = target.state.phase() == Phase::active;
  out.silent = target.state.unanswered > 0;
  if (target.state.proof && target.state.proof->secret != 0) out.secret = target.state.proof->secret;
  return out;
}

Result<FeedKeyPtr> feed_key(const Row& row) {
  auto algorithm = parse_tsig_algorithm(row.get<std::string_view>(3));
  if (!algorithm) return fail(ErrorKind::malformed, "secret {}: an unknown algorithm", row.get<SecretId>(0));
  ZW_TRY(Name name, Name::parse(row.get<std::string_view>(2)));
  ZW_TRY(TsigKey tsig, TsigKey::make(name, *algorithm, row.get<Bytes>(4)));
  return std::make_shared<const FeedKey>(FeedKey{{row.get<SecretId>(0), row.get<KeyId>(1)}, std::move(tsig)});
}

Result<void> read_zones(Transaction& tx, FeedBook& book) {
  std::vector<PortalZone> zones;
  ZW_CHECK(tx.each(kAllZones, {}, [&](const Row& row) -> Result<void> {
    ZW_TRY(PortalZone zone, zone_of(row));
    zones.push_back(std::move(zone));
    return {};
  }));
  book.set_zones(zones);
  return {};
}

Result<void> read_secrets(Transaction& tx, FeedBook& book, std::int64_t after) {
  return tx.each(kFeedSecrets, {after}, [&](const Row& row) -> Result<void> {
    ZW_TRY(FeedKeyPtr key, feed_key(row));
    book.set_secret(key);
    return {};
  });
}

Result<void> read_downloads(Transaction& tx, FeedBook& book, std::int64_t after) {
  return tx.each(kFeedDownloads, {after}, [&](const Row& row) {
    if (auto hash = DownloadHash::from(row.get<Bytes>(2)))
      book.set_download(row.get<DownloadId>(0), *hash, row.get<ServerId>(1));
  });
}

}  // namespace

Result<void> FeedReader::read_all(Transaction& tx, FeedBook& book) {
  ZW_TRY(auto count, tx.one(kCountTargets, {}, [](const Row& row) { return row.get<std::size_t>(0); }));
  book.reserve(count);
  ZW_CHECK(read_zones(tx, book));
  ZW_CHECK(read_secrets(tx, book, 0));
  ZW_CHECK(read_downloads(tx, book, 0));
  return tx.each(kAllFeedTargets, {}, [&](const Row& row) { book.set_target(feed_row(row)); });
}

Result<void> FeedReader::read_changed(Transaction& tx, FeedBook& book) {
  ZW_CHECK(read_zones(tx, book));
  ZW_CHECK(read_secrets(tx, book, *seen_));
  ZW_CHECK(read_downloads(tx, book, *seen_));
  ZW_CHECK(tx.each(kFeedTargets, {*seen_}, [&](const Row& row) { book.set_target(feed_row(row)); }));
  return tx.each(kGoneSince, {*seen_}, [&](const Row& row) {
    auto id = row.get<std::int64_t>(1);
    switch (row.get<int>(0)) {
      case kGoneTarget: return book.drop_target(id);
      case kGoneSecret: return book.drop_secret(id);
      case kGoneDownload: return book.drop_download(id);
      default: return;
    }
  });
}

Result<std::optional<PortalNews>> FeedReader::read() {
  return database_.read([&](Transaction& tx) { return read(tx); });
}

Result<std::optional<PortalNews>> FeedReader::read(Transaction& tx) {
  struct State {
    std::int64_t number, floor;
  };
  ZW_TRY(State state, tx.one(kFeedState, {}, [](const Row& row) {
    return State{row.get<std::int64_t>(0), row.get<std::int64_t>(1)};
  }));
  if (seen_ == state.number) return std::nullopt;
  PortalNews news;
  news.whole = !seen_ || *seen_ < state.floor || *seen_ > state.number;
  if (news.whole) {
    auto book = std::make_unique<FeedBook>(share_);
    ZW_CHECK(read_all(tx, *book));
    book_ = std::move(book);
  } else if (auto changed = read_changed(tx, *book_); !changed) {
    seen_.reset();  // it may have taken a part
    return fail(changed.error());
  }
  seen_ = state.number;
  news.changes = book_->take_changes();
  news.access = book_->access();
  news.told = book_->told();
  return news;
}

PortalFeed::PortalFeed(PortalStore& store, PortalEngine& engine, Logger& log, FeedShare share,
                       std::function<void()> chore)
    : store_(store),
      engine_(engine),
      log_(log),
      reader_(store.database(), share),
      chore_(std::move(chore)),
      thread_([this] { work(); }) {}

PortalFeed::~PortalFeed() {
  stopping_ = true;
  thread_.join();
}

// What the store cannot say now it may say later; meanwhile the engine goes on with what it has.
bool PortalFeed::look() {
  auto news = reader_.read();
  if (!news) {
    log_.warning("the portal's store cannot be read; going on with what is known",
                 {{"reason", news.error().what}});
    std::lock_guard lock(mutex_);
    standing_.fault = news.error().what;
    return false;
  }
  if (*news) engine_.take(std::move(**news));
  std::lock_guard lock(mutex_);
  standing_ = {reader_.seen(), reader_.book().targets(), reader_.book().told(), store_.database().now(), {}};
  return true;
}

FeedStanding PortalFeed::standing() const {
  std::lock_guard lock(mutex_);
  return standing_;
}

void PortalFeed::tidy() {
  if (auto tidied = store_.tidy(); !tidied)
    log_.warning("the portal's store cannot be tidied", {{"reason", tidied.error().what}});
  if (chore_) chore_();
}

void PortalFeed::pause(Milliseconds time) const {
  for (; time.count() > 0 && !stopping_; time -= kPatience) std::this_thread::sleep_for(kPatience);
}

void PortalFeed::work() {
  auto watch = store_.database().watch();
  Milliseconds since_look = kAtLeast, since_tidy{0};
  while (!stopping_) {
    auto changes = watch->wait(kPatience);
    since_look += kPatience;
    since_tidy += kPatience;
    if (!changes || changes->everything || changes->has(kPortalTopic) || since_look >= kAtLeast) {
      since_look = Milliseconds(0);
      if (!look() || !changes) {
        pause(kAgain);
        since_look = kAtLeast;
      }
    }
    if (repeat_.exchange(false)) engine_.take(reader_.again());
    if (since_tidy < kTidyPeriod) continue;
    since_tidy = Milliseconds(0);
    tidy();
  }
}

}  // namespace zw::localroot::portal
