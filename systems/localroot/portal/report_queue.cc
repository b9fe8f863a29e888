#include "localroot/portal/report_queue.h"

namespace zw::localroot::portal {

namespace {

using Kind = Report::Kind;

Kind kind_of(const Report& report) { return report.kind == Kind::asked ? Kind::fetched : report.kind; }

// Who asks does so from any port; two outcomes of NOTIFY are two, for they are counted.
std::uint16_t port_of(const Report& report) { return report.kind == Kind::told ? report.port : 0; }

}  // namespace

std::size_t ReportBuffer::Hash::operator()(const Report& report) const {
  const Asking& asking = report.asking;
  std::size_t mixed = std::hash<IpAddress>()(asking.from) ^ static_cast<std::size_t>(kind_of(report)) << 60 ^
                      static_cast<std::size_t>(asking.zone) << 40 ^
                      static_cast<std::size_t>(asking.secret) << 17 ^
                      static_cast<std::size_t>(report.server) << 29 ^ port_of(report);
  return mixed * 0x9e3779b97f4a7c15u;
}

bool ReportBuffer::Same::operator()(const Report& a, const Report& b) const {
  return kind_of(a) == kind_of(b) && port_of(a) == port_of(b) && a.asking.from == b.asking.from &&
         a.asking.zone == b.asking.zone && a.asking.secret == b.asking.secret &&
         a.asking.is_signed == b.asking.is_signed && a.server == b.server;
}

bool ReportBuffer::add(Report report) {
  if (auto known = numbers_.find(report); known != numbers_.end()) {
    Report& waiting = waiting_[*known - first_];
    if (waiting.kind != Kind::fetched || report.kind != Kind::asked)
      waiting = std::move(report);
    else if (report.serial && (!waiting.serial || *report.serial > *waiting.serial))
      // Got elsewhere meanwhile. What is proven, and when, is by the transfer.
      waiting.serial = report.serial, waiting.lacks_since = report.lacks_since;
    return true;
  }
  if (waiting_.size() >= most_) return false;
  waiting_.push_back(std::move(report));
  numbers_.insert(first_ + waiting_.size() - 1);
  return true;
}

std::vector<Report> ReportBuffer::take(std::size_t most) {
  std::vector<Report> out;
  while (out.size() < most && !waiting_.empty()) {
    numbers_.erase(first_);
    out.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    ++first_;
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

void ReportQueue::expect(std::size_t told) {
  std::lock_guard lock(mutex_);
  buffer_.set_most(settings_.most + 2 * told);
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
