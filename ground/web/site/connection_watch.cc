#include "web/site/connection_watch.h"

#include <sys/socket.h>

namespace zw {
namespace {

constexpr Milliseconds kGrace{500};  // who has just come gets so long, whatever comes after

}  // namespace

// Only shuts it down: the library sees that, and closes it.
void ConnectionWatch::end(Entry& entry) {
  shutdown(entry.fd, SHUT_RDWR);
  ++displaced_;
  entry.waiting = false;
  asking_.splice(asking_.end(), waiting_, entry.place);
}

bool ConnectionWatch::may_open(const IpAddress& client, Milliseconds now) {
  std::lock_guard lock(mutex_);
  while (!waiting_.empty() && now - waiting_.front().since > limits_.request) end(waiting_.front());
  bool full = open() * 10 >= limits_.connections * 9;
  if (full && !waiting_.empty() && now - waiting_.front().since > kGrace) end(waiting_.front());
  ConnectionTable& table = table_of(client);
  bool may =
      open() < limits_.connections + kSlack && table.admit(client) == ConnectionTable::Verdict::admitted;
  if (may) table.release(client);
  refused_ += !may;
  return may;
}

ConnectionWatch::Entry* ConnectionWatch::opened(int fd, const IpAddress& client, Milliseconds now) {
  bool counted = table_of(client).admit(client) == ConnectionTable::Verdict::admitted;
  std::lock_guard lock(mutex_);
  Entry& entry = waiting_.emplace_back(Entry{fd, client, now, true, counted});
  entry.place = std::prev(waiting_.end());
  return &entry;
}

void ConnectionWatch::closed(Entry* entry) {
  std::lock_guard lock(mutex_);
  if (entry->counted) table_of(entry->client).release(entry->client);
  (entry->waiting ? waiting_ : asking_).erase(entry->place);
}

void ConnectionWatch::asked(Entry* entry) {
  std::lock_guard lock(mutex_);
  if (!entry->waiting) return;
  entry->waiting = false;
  asking_.splice(asking_.end(), waiting_, entry->place);
}

void ConnectionWatch::answered(Entry* entry, Milliseconds now) {
  std::lock_guard lock(mutex_);
  if (entry->waiting) return;
  entry->waiting = true;
  entry->since = now;
  waiting_.splice(waiting_.end(), asking_, entry->place);
}

std::uint64_t ConnectionWatch::refused() const {
  std::lock_guard lock(mutex_);
  return refused_;
}

std::uint64_t ConnectionWatch::displaced() const {
  std::lock_guard lock(mutex_);
  return displaced_;
}

}  // namespace zw
