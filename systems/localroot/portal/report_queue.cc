#include "localroot/portal/report_queue.h"

namespace zw::localroot::portal {

std::size_t ReportBuffer::KeyHash::operator()(const Key& key) const {
  std::size_t mixed = std::hash<IpAddress>()(key.from) ^ static_cast<std::size_t>(key.kind) << 60 ^
                      static_cast<std::size_t>(key.zone) << 40 ^ static_cast<std::size_t>(key.secret) << 17 ^
                      static_cast<std::size_t>(key.server) << 29 ^ key.port;
  return mixed * 0x9e3779b97f4a7c15u;
}

// Who asks does so from any port; two outcomes of NOTIFY are two, for they are counted.
ReportBuffer::Key ReportBuffer::key_of(const Report& report) {
  const Asking& asking = report.asking;
  bool told = report.kind == Report::Kind::told;
  return {report.kind,   asking.from,     told ? report.port : std::uint16_t{0}, asking.zone, asking.secret,
          report.server, asking.is_signed};
}

bool ReportBuffer::add(Report report) {
  Key key = key_of(report);
  auto at = waiting_.find(key);
  if (at != waiting_.end()) {
    at->second = std::move(report);
    return true;
  }
  if (waiting_.size() >= most_) return false;
  waiting_.emplace(key, std::move(report));
  order_.push_back(key);
  return true;
}

std::vector<Report> ReportBuffer::take(std::size_t most) {
  std::vector<Report> out;
  while (out.size() < most && !order_.empty()) {
    auto at = waiting_.find(order_.front());
    out.push_back(std::move(at->second));
    waiting_.erase(at);
    order_.pop_front();
  }
  return out;
}

ReportQueue::ReportQueue(PortalStore& store, Logger& log, Settings settings)
    : store_(store), log_(log), settings_(settings), buffer_(settings.most), thread_([this] { work(); }) {}

ReportQueue::~ReportQueue() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ReportQueue::add(Report report) {
  bool taken = false;
  {
    std::lock_guard lock(mutex_);
    taken = buffer_.add(std::move(report));
  }
  if (!taken) ++dropped_;
  wake_.notify_one();
}

std::size_t ReportQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return buffer_.size();
}

bool ReportQueue::write(const std::vector<Report>& reports) {
  auto written = store_.record(reports);
  if (written) return true;
  log_.warning("what subscribers did cannot be noted",
               {{"reports", reports.size()}, {"reason", written.error().what}});
  ErrorKind kind = written.error().kind;
  bool may_pass = kind == ErrorKind::io || kind == ErrorKind::timeout || kind == ErrorKind::conflict ||
                  kind == ErrorKind::limit;
  if (!may_pass) dropped_ += reports.size();  // else all others would wait behind them for ever
  return !may_pass;
}

void ReportQueue::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || buffer_.size() > 0; });
    if (!stopping_ && buffer_.size() < settings_.together)
      wake_.wait_for(lock, settings_.pause,
                     [this] { return stopping_ || buffer_.size() >= settings_.together; });
    std::vector<Report> reports = buffer_.take(settings_.together);
    bool last = stopping_;
    lock.unlock();
    if (reports.empty()) return;
    // Tried until it is written, with those behind it waiting; at the end once more.
    while (!write(reports)) {
      lock.lock();
      wake_.wait_for(lock, settings_.again, [this] { return stopping_; });
      last = last || stopping_;
      bool give_up = last;
      lock.unlock();
      if (give_up) return;
    }
  }
}

}  // namespace zw::localroot::portal
